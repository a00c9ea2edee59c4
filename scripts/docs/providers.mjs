// @ts-check
/**
 * docs/providers.md: the table of `postrider/providers` as a page.
 *
 * Layer: scripts. Needs the library built.
 */

import { providersModule } from "../workspace/built.mjs";

/** Path of the page, from the root. */
export const PROVIDERS = "docs/providers.md";

/** @typedef {import("../../packages/postrider/src/providers.js").Provider} Provider */

const HEAD = `# Providers: host, port, user name

\`provider(name)\` returns host, port and TLS of a mail provider, for the options of \`send\`, \`SmtpClient\` and \`SmtpPool\`.

\`\`\`ts
import { send } from "postrider";
import { provider } from "postrider/providers";

await send(
  { from: "ann@gmail.com", to: "bob@example.com", subject: "Hello", text: "Through Gmail." },
  { ...provider("gmail"), username: "ann@gmail.com", password: process.env.APP_PASSWORD ?? "abcd efgh ijkl mnop" },
);
\`\`\`

A name, an alias, a domain (\`"gmail.com"\`) and an address at the provider (\`"ann@gmail.com"\`) find the same row. An unknown name is an
\`OptionError\` that suggests the nearest one. Where the user name is the same for every account, it is part of the options:

\`\`\`ts
import { SmtpPool } from "postrider";
import { provider, providers } from "postrider/providers";

await using pool = new SmtpPool({ ...provider("sendgrid"), password: process.env.SENDGRID_API_KEY ?? "SG.key", maxConnections: 3 });
await pool.send({ from: "shop@example.org", to: "bob@example.com", subject: "Your order", text: "It is on its way." });

console.log(provider("sendgrid").username); // apikey
console.log(provider("ses", { region: "eu-west-1" }).hostname); // email-smtp.eu-west-1.amazonaws.com
console.log(providers.find(({ name }) => name === "postmark")?.limits); // 50 recipients and 10 MB a message.
\`\`\`

\`region\` selects a regional server; Amazon SES requires it. \`providers\` is the whole table as data. The library loads this module only
where it is imported. [\`@postrider/nodemailer\`](nodemailer-drop-in.md) takes the same names as \`service\`.

Limits and prices change: these are what providers state for common plans, and each name links to the
provider's page. Where the table has nothing to say about the login, it is usually the address and its password.

## The table

`;

const FOOT = `
This page is made from [packages/postrider/src/providers.ts](../packages/postrider/src/providers.ts) by \`npm run docs\`.
`;

/** @returns {Promise<string>} The page as it should be. */
export async function providersPage() {
  const { providers } = await providersModule();
  const head = ["name", "provider", "server", "TLS", "log in with", "limits and quirks"];
  const rows = [head, head.map(() => "---"), ...providers.map(cells)];
  return `${HEAD}${rows.map((row) => `| ${row.join(" | ")} |`).join("\n")}\n${FOOT}`;
}

const TLS = { implicit: "from the first byte", starttls: "STARTTLS", none: "none" };

/** @param {Provider} row */
function cells({
  name,
  title,
  hostname,
  regionalHostname,
  regions,
  port,
  tls,
  username,
  login,
  limits,
  quirks,
  source,
}) {
  const regional = regions === undefined ? "" : `<br>\`${regionalHostname}\`: ${regions.join(", ")}`;
  const user = username === undefined ? "" : `\`${username}\` (part of the options). `;
  return [
    `\`${name}\``,
    source === undefined ? title : `[${title}](${source})`,
    `\`${hostname}:${port}\`${regional}`,
    TLS[tls],
    `${user}${login ?? ""}`,
    [limits, quirks].filter((words) => words !== undefined).join(" "),
  ];
}

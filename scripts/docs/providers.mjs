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

Limits and prices change: these are what providers state for common plans. A name with a link leads to the page that states the server:
the provider's own, or the record of it in the [database of Thunderbird](https://github.com/thunderbird/autoconfig). A
server marked with * is the one that programs use; no page of the provider was at hand to confirm it. Where the table has nothing to say
about the login, it is usually the address and its password.

## The table

`;

/**
 * Where the server of a row is stated, for rows whose page is not in the library's table, which programs carry with them: a page of the
 * provider, or a domain in Thunderbird's database.
 *
 * @type {Readonly<Record<string, string>>}
 */
const STATED = {
  aliyunqiye: "https://help.aliyun.com/document_detail/36687.html",
  aol: "aol.com",
  aruba:
    "https://guide.hosting.aruba.it/email/configurazione-email-pc-dispositivi-mobili/configurazione-casella-dominio-pc-mac-pop.aspx",
  bol: "bol.com.br",
  elasticemail: "https://help.elasticemail.com/en/articles/4803409-smtp-settings",
  gmx: "gmx.net",
  "gmx.com": "gmx.com",
  infomaniak: "https://www.infomaniak.com/en/support/faq/468/understanding-mail-ports-and-protocols",
  ionos: "ionos.de",
  "mail.ru": "mail.ru",
  "mailbox.org": "mailbox.org",
  migadu: "migadu.com",
  naver: "naver.com",
  one: "one.com",
  ovh: "https://github.com/ovh/docs/blob/develop/pages/web_cloud/email_and_collaborative_solutions/mx_plan/email_generalities/guide.en-gb.md",
  posteo: "posteo.de",
  qq: "qq.com",
  scaleway: "https://www.scaleway.com/en/docs/transactional-email/reference-content/smtp-configuration/",
  strato: "strato.de",
  "t-online": "t-online.de",
  "web.de": "web.de",
  yandex: "yandex.ru",
};

/** @param {Pick<Provider, "name" | "source">} row */
function pageOf({ name, source }) {
  const stated = STATED[name];
  return (
    source ?? (stated?.startsWith("https:") ? stated : stated && `https://autoconfig.thunderbird.net/v1.1/${stated}`)
  );
}

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
  const page = pageOf({ name, source });
  const regional = regions === undefined ? "" : `<br>\`${regionalHostname}\`: ${regions.join(", ")}`;
  const user = username === undefined ? "" : `\`${username}\` (part of the options). `;
  return [
    `\`${name}\``,
    page === undefined ? `${title}${tls === "none" ? "" : "*"}` : `[${title}](${page})`,
    `\`${hostname}:${port}\`${regional}`,
    TLS[tls],
    `${user}${login ?? ""}`,
    [limits, quirks].filter((words) => words !== undefined).join(" "),
  ];
}

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { startInbox } from "@postrider/inbox";
import { SmtpPool } from "postrider";
import { endWith, listen } from "./support.mjs";

const require = createRequire(import.meta.url);
const express = (await import("express")).default;
const inbox = await startInbox({ smtpPort: 0, webPort: 0 });
const pool = new SmtpPool({ port: inbox.smtpPort });

// The application under test.
const app = express();
app.use(express.urlencoded({ extended: false }));
app.get("/forgot", (_, response) =>
  response.send('<form method="post"><label>Email <input name="email"></label><button>Send link</button></form>'),
);
app.post("/forgot", async (request, response) => {
  const link = `${url}/reset/17`;
  await pool.send({
    from: "shop@example.org",
    to: { address: request.body.email },
    subject: "Your new password",
    text: `Here: ${link}`,
  });
  response.send('<p role="status">Look into your inbox.</p>');
});
app.get("/reset/17", (_, response) => response.send("<h1>Choose a new password</h1>"));
const { url, close } = await listen(app);

const command = join(dirname(require.resolve("@playwright/test/package.json")), "cli.js");
const env = {
  ...process.env,
  INBOX_URL: inbox.url.replace(/\/$/, ""),
  APP_URL: url,
  CHROMIUM: process.env.CHROMIUM ?? "/usr/bin/chromium",
  CI: "",
};
const config = "playwright.check.config.mjs";
const { writeFileSync } = await import("node:fs");
// The configuration of the page, without its servers: they run here, on free ports. Chromium runs as root in CI.
writeFileSync(
  config,
  `import config from ${JSON.stringify(String(pathToFileURL("out/playwright.config.js")))};
const { webServer, ...rest } = config;
export default { ...rest, testDir: "out", testMatch: "*.spec.js", use: { ...rest.use, launchOptions: { ...rest.use.launchOptions, args: ["--no-sandbox"] } } };
`,
);
const child = spawn(process.execPath, [command, "test", "--config", config, "--reporter", "line"], {
  env,
  stdio: ["ignore", "pipe", "pipe"],
});
endWith(child);
let printed = "";
for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (printed += chunk));
const [code] = await once(child, "exit");
assert.equal(code, 0, printed);
assert.match(printed, /1 passed/);
assert.equal(inbox.messages.length, 1);

// The task of Cypress; its browser is not here, its types are.
process.env.INBOX_URL = env.INBOX_URL;
const { default: cypress } = await import("./out/cypress.config.js");
const tasks = {};
cypress.e2e.setupNodeEvents((_, given) => Object.assign(tasks, given), {});
const address = inbox.messages[0].envelope.recipients[0];
assert.match((await tasks.mailTo(address)).text, /reset\/17/);
await pool.close();
await close();
await inbox.close();

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { send } from "postrider";
import { parse } from "yaml";
import { endWith } from "./support.mjs";

const workflow = parse(readFileSync(".github/workflows/test.yml", "utf8"));
const compose = parse(readFileSync("compose.yaml", "utf8"));
assert.equal(compose.services.inbox.network_mode, "service:app");
assert.match(compose.services.inbox.command, /@postrider\/inbox$/);
const separate = parse(readFileSync("separate/compose.yaml", "utf8")).services;
const { run } = workflow.jobs.test.steps.find(({ name }) => name?.startsWith("Start the inbox"));
const [, parameters = ""] = /npx @postrider\/inbox (.*) > inbox\.log &/.exec(run);
const [, path = ""] = /http:\/\/127\.0\.0\.1:8025(\/\S+)/.exec(run);

// The command of the page, on free ports.
const command = join(
  dirname(createRequire(import.meta.url).resolve("@postrider/inbox/package.json")),
  "bin",
  "postrider-inbox.js",
);
const child = spawn(process.execPath, [command, ...parameters.split(" "), "--smtp-port", "0", "--web-port", "0"], {
  stdio: ["ignore", "pipe", "inherit"],
});
endWith(child);
try {
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => {
    printed += chunk;
  });
  const line = async (pattern) => {
    while (!pattern.test(printed)) await once(child.stdout, "data");
    return pattern.exec(printed)[1];
  };
  const port = Number(await line(/"smtpPort":(\d+)/));
  const page = await line(/"url":"(http:[^"]+)"/);
  assert.equal((await fetch(new URL(path, page))).status, 200);
  await send({ from: "a@example.org", to: "b@example.com", subject: "From CI", text: "" }, { port });
  await line(/(From CI)/);
} finally {
  child.kill();
  await once(child, "exit");
}

// The service of its own: the same flags and the same URL, but for the ports and the name.
const flags = separate.inbox.command.split(" ").slice(3);
const alone = spawn(process.execPath, [command, ...flags, "--json", "--smtp-port", "0", "--web-port", "0"], {
  stdio: ["ignore", "pipe", "inherit"],
});
endWith(alone);
try {
  const [started] = await once(alone.stdout.setEncoding("utf8"), "data");
  const port = Number(/"smtpPort":(\d+)/.exec(started)[1]);
  const url = separate.app.environment.SMTP_URL.replace("inbox:1025", `127.0.0.1:${port}`);
  await send({ from: "a@example.org", to: "b@example.com", subject: "Logged in", text: "" }, { url });
  await assert.rejects(send({ from: "a@example.org", to: "b@example.com", text: "" }, { port }), /5[35]0/);
} finally {
  alone.kill();
  await once(alone, "exit");
}

import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { INBOX_FLAGS } from "@postrider/inbox/command";
import { openOutbox } from "@postrider/outbox";
import { send } from "postrider";
import { readModels } from "../src/completion/model.js";
import { createProgram } from "../src/program.js";
import { folder, postrider, start } from "./support/command.js";
import { onPosix } from "./support/system.js";

const MAIL = { from: "ann@example.org", to: "bob@example.com", subject: "Hi", text: "x" };

test(
  "it tells where it is, a line for each message, and ends with 0 at SIGTERM; --store keeps them",
  onPosix,
  async (t) => {
    const cwd = folder(t);
    const child = start(["inbox", "--smtp-port", "0", "--web-port", "0", "--store", "mail", "--json"], { cwd });
    t.after(() => child.kill("SIGKILL"));
    assert.ok(child.stdout !== null);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async () => JSON.parse(String((await lines.next()).value));
    const where = await next();
    assert.match(where.url, /^http:\/\/127\.0\.0\.1:\d+/);
    await send(MAIL, { hostname: "127.0.0.1", port: where.smtpPort });
    await send({ ...MAIL, subject: "Second" }, { hostname: "127.0.0.1", port: where.smtpPort });
    const first = await next();
    assert.deepEqual(first.envelope, { sender: "ann@example.org", recipients: ["bob@example.com"] });
    assert.equal(first.subject, "Hi");
    assert.equal((await next()).subject, "Second");
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "close"), [0, null]);
    assert.equal(readdirSync(join(cwd, "mail", "new")).length + readdirSync(join(cwd, "mail", "cur")).length, 2);
  },
);

test(
  "with --tls it makes a certificate, and --write-cert writes it for those who are to trust it",
  onPosix,
  async (t) => {
    const cwd = folder(t);
    const args = [
      "inbox",
      "--smtp-port",
      "0",
      "--no-web",
      "--tls",
      "starttls",
      "--write-cert",
      "ca.pem",
      "--auth",
      "any",
      "--json",
    ];
    const child = start(args, { cwd });
    t.after(() => child.kill("SIGKILL"));
    assert.ok(child.stdout !== null);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { smtpPort, url } = JSON.parse(String((await lines.next()).value));
    assert.equal(url, undefined);
    const ca = readFileSync(join(cwd, "ca.pem"), "utf8");
    await send(MAIL, {
      hostname: "localhost",
      port: smtpPort,
      startTls: true,
      tls: { ca },
      username: "any",
      password: "any",
    });
    child.kill("SIGINT");
    assert.deepEqual(await once(child, "close"), [0, null]);
  },
);

test("a port that is taken ends it with 69, and it says which", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  t.after(() => other.close());
  const address = other.address();
  const port = String(typeof address === "object" ? address?.port : "");
  const { code, stderr } = await postrider(["inbox", "--smtp-port", port, "--no-web"]);
  assert.equal(code, 69);
  assert.match(stderr, new RegExp(`--smtp-port: cannot listen on port ${port}.*choose another --smtp-port`));
});

test("it listens on this machine only, and takes no nonsense", async () => {
  for (const args of [
    ["--host", "0.0.0.0"],
    ["--smtp-port", "70000"],
    ["--write-cert", "x"],
    ["--tls", "maybe"],
  ]) {
    const { code } = await postrider(["inbox", "--no-web", "--smtp-port", "0", ...args]);
    assert.equal(code, 64, args.join(" "));
  }
});

test("--outbox shows an outbox in the page; a database that is not there is an error", onPosix, async (t) => {
  const cwd = folder(t);
  const outbox = await openOutbox({ database: `file:${join(cwd, "mail.db")}` });
  t.after(() => outbox.close());
  const { id } = await outbox.enqueue(MAIL);
  const child = start(["inbox", "--smtp-port", "0", "--web-port", "0", "--json", "--outbox", "file:mail.db"], { cwd });
  t.after(() => child.kill("SIGKILL"));
  assert.ok(child.stdout !== null);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { url } = JSON.parse(String((await lines.next()).value));
  const list = (await (await fetch(new URL("/outbox/api/messages", url))).json()) as { messages: { id: string }[] };
  assert.equal(list.messages[0]?.id, id);
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "close"), [0, null]);
  for (const [args, code, says] of [
    [["--outbox", "file:other.db"], 66, /--outbox: the file .*other\.db does not exist/],
    [["--outbox", "mail.db"], 64, /--outbox: must begin with file:/],
    [["--schema", "x"], 64, /--schema needs --outbox/],
  ] as const) {
    const ended = await postrider(["inbox", "--no-web", "--smtp-port", "0", ...args], { cwd });
    assert.equal(ended.code, code);
    assert.match(ended.stderr, says);
  }
});

test("it has the flags of the inbox's own command, each of them, and those of an outbox", async () => {
  const model = readModels(createProgram({ finish: () => undefined })).find(({ path }) => path.join() === "inbox");
  const flags = model?.options.flatMap((option) => option.flags).filter((flag) => /^--(?!debug|help)/.test(flag));
  assert.deepEqual(flags, [...INBOX_FLAGS.map(({ name }) => `--${name}`), "--outbox", "--schema"]);
  const cases: readonly (readonly [flags: readonly string[], says: RegExp])[] = [
    [["--smtp-port", "x"], /^--smtp-port: must be a number/],
    [["--auth", "ann"], /^--auth: must be any or USER:PASSWORD/],
    [["--cert", "x"], /^--tls: --tls, --cert and --key must be given together/],
    [["--dkim-key", "x", "--dkim-key", "a=b"], /^--dkim-key: must be NAME=RECORD/],
    [["--max-messages", "-1"], /^--max-messages: must be a number/],
  ];
  for (const [given, says] of cases) {
    const { code, stderr } = await postrider(["inbox", "--no-web", ...given]);
    assert.equal(code, 64);
    assert.match(stderr, says);
  }
});

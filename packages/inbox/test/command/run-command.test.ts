import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { HELP, readFlags } from "../../src/command/flags.js";
import { runInboxCommand } from "../../src/command/run-command.js";
import { InboxOptionError } from "../../src/errors.js";
import { Dialogue } from "../support/dialogue.js";

/** Runs until the first lines are there and `during` is done. */
async function run(
  parameters: readonly string[],
  during: (port: number) => Promise<void> = async () => {},
): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  let end: (value?: unknown) => void = () => {};
  const ended = new Promise((resolve) => {
    end = resolve;
  });
  const running = runInboxCommand(parameters, {
    print: (line) => out.push(line),
    tell: (line) => {
      out.push(line);
      if (line !== "Ctrl-C ends it.") return;
      const port = Number(/:(\d+)$/.exec(out[0] ?? "")?.[1]);
      during(port).then(end, end);
    },
    complain: (line) => err.push(line),
    ended,
  });
  return { code: await running, out: out.join("\n"), err: err.join("\n") };
}

const ANY = ["--smtp-port", "0", "--web-port", "0"];

test("it says where it is, takes mail, and ends when told", async () => {
  const { code, out } = await run(ANY, async (port) => {
    const client = await Dialogue.open(port);
    await client.say("EHLO me");
    assert.match(await client.deliver("Subject: x\n\n"), /^250 /);
    client.destroy();
  });
  assert.equal(code, 0);
  assert.match(
    out,
    /^SMTP {2}127\.0\.0\.1:\d+\nPage {2}http:\/\/127\.0\.0\.1:\d+\/\nCtrl-C ends it\.\n[\d:]{8} {2}<\S*> {2}to \S+ {2}x {2}\d+ bytes$/,
  );
});

test("without a page, with LMTP, a Unix socket and a login", async () => {
  const folder = await mkdtemp(join(tmpdir(), "inbox-"));
  const path = join(folder, "s");
  const flags = ["--smtp-port=0", "--no-web", "--lmtp", "--socket", path, "--auth", "ann:secret:x"];
  const { code, out } = await run(flags, async () => {
    const client = await Dialogue.open(path);
    assert.match(await client.say("LHLO me"), /AUTH PLAIN/);
    const login = Buffer.from("\0ann\0secret:x").toString("base64");
    assert.match(await client.say(`AUTH PLAIN ${login}`), /^235 /);
    client.destroy();
  });
  assert.equal(code, 0);
  assert.doesNotMatch(out, /Page/);
  await rm(folder, { recursive: true });
});

test("with --pop3-port it says where the mail is read by POP3", async () => {
  const { code, out } = await run([...ANY, "--pop3-port", "0"]);
  assert.equal(code, 0);
  assert.match(out, /^SMTP {2}127\.0\.0\.1:\d+\nPOP3 {2}127\.0\.0\.1:\d+\nPage {2}http/);
  await run([...ANY, "--pop3-port", "0"], async (port) => {
    const { code, err } = await run(["--smtp-port", "0", "--no-web", "--pop3-port", String(port)]);
    assert.equal(code, 69);
    assert.match(err, /^--pop3-port: cannot listen on port \d+.*choose another --pop3-port/);
  });
});

test("the certificate made at start is written for the clients", async () => {
  const folder = await mkdtemp(join(tmpdir(), "inbox-"));
  const file = join(folder, "ca.pem");
  const { code } = await run([...ANY, "--tls", "implicit", "--write-cert", file], async (port) => {
    const client = await Dialogue.openTls(port, await readFile(file, "utf8"));
    client.destroy();
  });
  assert.equal(code, 0);
  const refused = await run([...ANY, "--tls", "implicit", "--write-cert", join(folder, "no", "ca.pem")]);
  assert.equal(refused.code, 73);
  assert.match(refused.err, /^--write-cert: ENOENT/);
  await rm(folder, { recursive: true });
});

test("help and version are told on request", async () => {
  assert.deepEqual(await run(["--help"]), { code: 0, out: HELP, err: "" });
  assert.match((await run(["--version"])).out, /^\d+\.\d+\.\d+/);
});

test("a port that is taken ends with 69 and names the option", async () => {
  await run(ANY, async (port) => {
    const { code, err } = await run(["--smtp-port", String(port), "--no-web"]);
    assert.equal(code, 69);
    assert.match(err, /^--smtp-port: cannot listen on port \d+.*choose another --smtp-port/);
  });
});

const WRONG: readonly (readonly [flags: readonly string[], message: RegExp])[] = [
  [["--port", "1"], /'--port'/],
  [["extra"], /extra/],
  [["--smtp-port", "x"], /^--smtp-port: must be a number/],
  [["--smtp-port", "70000"], /^--smtp-port: must be an integer/],
  [["--pop3-port", "x"], /^--pop3-port: must be a number/],
  [["--pop3-port", "70000"], /^--pop3-port: must be an integer/],
  [["--host", "0.0.0.0"], /^--host: 0\.0\.0\.0 can be reached from other machines: set a password/],
  [["--auth", "ann"], /^--auth: must be/],
  [["--tls", "yes"], /^--tls: must be/],
  [["--tls", "implicit", "--cert", "x"], /must be given together/],
  [["--tls", "implicit", "--cert", "/nonexistent", "--key", "/nonexistent"], /^--cert: cannot be read/],
  [["--release-to", "me@example.com"], /must be given together/],
  [["--release-to", "me", "--release-via", "smtp://mail"], /^--release-to: must be/],
  [["--webhook", "ftp://x"], /^--webhook: must be/],
  [["--spam-filter", "127.0.0.1:783"], /^--spam-filter: must be/],
  [["--allow-host", "http://x"], /^--allow-host: must be/],
  [["--password", "x", "--auth", "any"], /^--auth: "any" would bypass the password/],
  [["--write-cert", "x"], /needs --tls/],
  [["--dkim-key", "x"], /^--dkim-key: must be/],
];

for (const [flags, message] of WRONG) {
  test(`${flags.join(" ")} ends with 64 and says why`, async () => {
    const { code, err } = await run([...flags, "--no-web"]);
    assert.equal(code, 64);
    assert.match(err, message);
    assert.match(err, /Run with --help to see the flags\.$/);
  });
}

test("every flag of the help is read, and stands for its option", async () => {
  const file = join(await mkdtemp(join(tmpdir(), "inbox-")), "pem");
  await writeFile(file, "PEM");
  const { options } = readFlags(
    `--smtp-port 1 --web-port 2 --pop3-port 3 --host ::1 --socket s --store d --auth any --tls starttls --cert ${file} --key ${file} --lmtp --max-messages 5 --dkim-key a=v=DKIM1 --password p --allow-host inbox --release-to me@example.com --release-via smtp://mail --webhook http://hook --spam-filter spamd://filter`.split(
      " ",
    ),
  );
  assert.deepEqual(options, {
    smtpPort: 1,
    webPort: 2,
    pop3Port: 3,
    host: "::1",
    socketPath: "s",
    store: "d",
    auth: "any",
    tls: { mode: "starttls", cert: "PEM", key: "PEM" },
    protocol: "lmtp",
    maxMessages: 5,
    dkimKeys: { a: "v=DKIM1" },
    password: "p",
    allowedHosts: ["inbox"],
    release: { to: "me@example.com", server: "smtp://mail" },
    webhook: "http://hook",
    spamFilter: "spamd://filter",
  });
  for (const [flag] of HELP.matchAll(/^ {2}--[\w-]+/gm)) {
    assert.throws(() => readFlags([`${flag.trim()}x`]), InboxOptionError);
  }
  await rm(join(file, ".."), { recursive: true });
});

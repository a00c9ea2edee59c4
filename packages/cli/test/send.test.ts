import assert from "node:assert/strict";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startInbox } from "@postrider/inbox";
import { finished, folder, postrider, start } from "./support/command.js";
import { ScriptedServer } from "./support/scripted-server.js";
import { onPosix } from "./support/system.js";

const OFF = { smtpPort: 0, webPort: false } as const;
const TO = ["--from", "Ann <ann@example.org>", "--to", "bob@example.com", "--subject", "Hello"];

test("a message arrives as the options say, and stdout says who took it", async (t) => {
  await using inbox = await startInbox(OFF);
  const cwd = folder(t);
  writeFileSync(join(cwd, "page.html"), "<p>Hä</p>");
  writeFileSync(join(cwd, "list.csv"), "a,b\n");
  const { code, stdout, stderr } = await postrider(
    [
      ...["send", "--server", `127.0.0.1:${inbox.smtpPort}`, ...TO, "--cc", "Cyd <c@example.com>, d@example.com"],
      ...["--bcc", "eve@example.com", "--text", "plain", "--html", "page.html", "--attach", "list.csv"],
      ...["--header", "X-Ticket: 42", "--reply-to", "desk@example.org", "--sender", "bounce@example.org"],
    ],
    { cwd },
  );
  assert.equal(stderr, "");
  assert.equal(code, 0);
  const [message] = inbox.messages;
  assert.ok(message !== undefined);
  assert.deepEqual(message.envelope, {
    sender: "bounce@example.org",
    recipients: ["bob@example.com", "c@example.com", "d@example.com", "eve@example.com"],
  });
  assert.equal(message.text?.trim(), "plain");
  assert.equal(message.html?.trim(), "<p>Hä</p>");
  assert.equal(message.attachments[0]?.filename, "list.csv");
  assert.equal(message.headers.get("x-ticket"), "42");
  assert.ok(!message.headers.has("bcc"));
  assert.match(stdout, /^accepted {2}bob@example\.com$/m);
  assert.match(stdout, new RegExp(`^message {3}${message.messageId}$`, "m"));
});

test("--text - takes the text from a pipe", async () => {
  await using inbox = await startInbox(OFF);
  const server = ["--server", `smtp://127.0.0.1:${inbox.smtpPort}`];
  const { code } = await postrider(["send", ...server, ...TO, "--text", "-"], { input: "from a pipe\nsecond\n" });
  assert.equal(code, 0);
  assert.equal(inbox.messages[0]?.text, "from a pipe\nsecond\n");
});

test("-t takes a message from stdin as sendmail does: recipients from its header, Bcc left out", async () => {
  await using inbox = await startInbox(OFF);
  const input = "From: ann@example.org\nTo: bob@example.com\nBcc: eve@example.com\nSubject: raw\n\nHello\n";
  const { code, stderr } = await postrider(["send", "-s", `127.0.0.1:${inbox.smtpPort}`, "-t"], { input });
  assert.equal(stderr, "");
  assert.equal(code, 0);
  assert.deepEqual(inbox.messages[0]?.envelope, {
    sender: "ann@example.org",
    recipients: ["bob@example.com", "eve@example.com"],
  });
  assert.doesNotMatch(Buffer.from(inbox.messages[0]?.raw ?? []).toString(), /eve/);
});

test("--raw with --from and --to is sent byte for byte", async (t) => {
  await using inbox = await startInbox(OFF);
  const cwd = folder(t);
  writeFileSync(join(cwd, "m.eml"), "Subject: x\r\nX-Odd:   y\r\n\r\n.dot\r\n");
  const args = ["--raw", "m.eml", "--from", "ann@example.org", "--to", "bob@example.com,c@example.com"];
  const { code } = await postrider(["send", "-s", `127.0.0.1:${inbox.smtpPort}`, ...args], { cwd });
  assert.equal(code, 0);
  assert.equal(Buffer.from(inbox.messages[0]?.raw ?? []).toString(), "Subject: x\r\nX-Odd:   y\r\n\r\n.dot\r\n");
  assert.deepEqual(inbox.messages[0]?.envelope.recipients, ["bob@example.com", "c@example.com"]);
});

test("--dry-run prints the message and needs no server", async () => {
  const { code, stdout, stderr } = await postrider(["send", ...TO, "--text", "Hi", "--dry-run"]);
  assert.equal(code, 0);
  assert.equal(stderr, "");
  assert.match(stdout, /^From: Ann <ann@example\.org>\r\nTo: bob@example\.com\r\nSubject: Hello\r\n/);
});

test("--json prints the result as one value", async () => {
  await using inbox = await startInbox(OFF);
  const { stdout } = await postrider(["send", "-s", `127.0.0.1:${inbox.smtpPort}`, ...TO, "--text", "Hi", "--json"]);
  const result = JSON.parse(stdout);
  assert.deepEqual(result.accepted, ["bob@example.com"]);
  assert.equal(result.messageId, inbox.messages[0]?.messageId);
});

test("--trace shows the dialogue on stderr, without the password", async () => {
  await using inbox = await startInbox({ ...OFF, auth: { username: "ann", password: "s3cret-pass" } });
  const { code, stdout, stderr } = await postrider(
    ["send", "-s", `smtp://ann@127.0.0.1:${inbox.smtpPort}`, ...TO, "--text", "Hi", "--trace"],
    { env: { POSTRIDER_PASSWORD: "s3cret-pass" } },
  );
  assert.equal(code, 0);
  assert.match(stderr, /^> MAIL FROM:<ann@example\.org>/m);
  assert.match(stderr, /^< 250/m);
  for (const secret of ["s3cret-pass", Buffer.from("\0ann\0s3cret-pass").toString("base64")]) {
    assert.ok(!(stdout + stderr).includes(secret));
  }
});

test("a password on the command line works and is warned of; in POSTRIDER_URL it is not", async () => {
  await using inbox = await startInbox({ ...OFF, auth: { username: "ann", password: "pw" } });
  const url = `smtp://ann:pw@127.0.0.1:${inbox.smtpPort}`;
  const open = await postrider(["send", "-s", url, ...TO, "--text", "Hi"]);
  assert.equal(open.code, 0);
  assert.match(open.stderr, /warning: other users of this machine can read the password/);
  const hidden = await postrider(["send", ...TO, "--text", "Hi"], { env: { POSTRIDER_URL: url } });
  assert.equal(hidden.code, 0);
  assert.equal(hidden.stderr, "");
  assert.equal(inbox.messages[1]?.username, "ann");
});

test("a profile gives server, password and author; one that others can read is refused with 77", onPosix, async (t) => {
  await using inbox = await startInbox({ ...OFF, auth: { username: "ann", password: "pw" } });
  const file = join(folder(t), "profiles.json");
  const work = { url: `smtp://127.0.0.1:${inbox.smtpPort}`, username: "ann", password: "pw", from: "ann@example.org" };
  writeFileSync(file, JSON.stringify({ work }), { mode: 0o600 });
  const args = ["send", "-p", "work", "--to", "bob@example.com", "--subject", "Hi", "--text", "x"];
  const env = { POSTRIDER_PROFILES: file };
  assert.equal((await postrider(args, { env })).code, 0);
  assert.equal(inbox.messages[0]?.from?.address, "ann@example.org");

  chmodSync(file, 0o640);
  const open = await postrider(args, { env });
  assert.equal(open.code, 77);
  assert.match(open.stderr, /is accessible to other users \(mode 0640\): run chmod 600/);
  assert.equal(inbox.messages.length, 1);

  chmodSync(file, 0o600);
  const other = await postrider(["send", "-p", "home", ...args.slice(3)], { env });
  assert.equal(other.code, 64);
  assert.match(other.stderr, /has no profile home; it has work/);
});

test("a refused recipient is named; the code says whether to try again", async (t) => {
  for (const [reply, expected] of [
    ["550 5.1.1 nobody here", 69],
    ["451 4.2.0 busy", 75],
  ] as const) {
    const server = await ScriptedServer.start(t, { answer: (line) => (line.includes("<bob@") ? reply : undefined) });
    const some = await postrider(["send", "-s", server.url, ...TO, "--to", "c@example.com", "--text", "x"]);
    assert.equal(some.code, expected);
    assert.match(some.stdout, /accepted {2}c@example\.com/);
    assert.match(some.stderr, /refused .*<bob@example\.com>/);
    assert.equal(server.messages.length, 1);
    const all = await postrider(["send", "-s", server.url, ...TO, "--text", "x"]);
    assert.equal(all.code, expected);
    assert.match(all.stderr, /<bob@example\.com>/);
  }
});

test("a connection that breaks after the content is an unknown outcome: 74, and said in words", async (t) => {
  const server = await ScriptedServer.start(t, { answer: (line) => (line === "." ? "close" : undefined) });
  const { code, stderr } = await postrider(["send", "-s", server.url, ...TO, "--text", "x"]);
  assert.equal(code, 74);
  assert.match(stderr, /may have been delivered or not/);
});

test("refused credentials end with 77, a port where nothing listens with 75", async () => {
  await using inbox = await startInbox({ ...OFF, auth: { username: "ann", password: "pw" } });
  const env = { POSTRIDER_PASSWORD: "wrong" };
  const login = await postrider(["send", "-s", `127.0.0.1:${inbox.smtpPort}`, "-u", "ann", ...TO, "--text", "x"], {
    env,
  });
  assert.equal(login.code, 77);
  const { smtpPort } = inbox;
  await inbox.close();
  const closed = await postrider(["send", "-s", `127.0.0.1:${smtpPort}`, ...TO, "--text", "x"]);
  assert.equal(closed.code, 75);
  assert.match(closed.stderr, /^postrider: Cannot connect to 127\.0\.0\.1:\d+/);
});

test("--dkim-key signs, with all three options or none", onPosix, async (t) => {
  await using inbox = await startInbox(OFF);
  const cwd = folder(t);
  await postrider(["dkim", "keygen", "--domain", "example.org", "--selector", "mail", "--out", "k.pem"], { cwd });
  const args = ["send", "-s", `127.0.0.1:${inbox.smtpPort}`, ...TO, "--text", "x", "--dkim-key", "k.pem"];
  const { code, stderr } = await postrider([...args, "--dkim-domain", "example.org", "--dkim-selector", "mail"], {
    cwd,
  });
  assert.equal(stderr, "");
  assert.equal(code, 0);
  assert.match(inbox.messages[0]?.headers.get("dkim-signature") ?? "", /d=example\.org;\s+s=mail;/);
  assert.equal((await postrider(args, { cwd })).code, 64);
  chmodSync(join(cwd, "k.pem"), 0o644);
  const open = await postrider([...args, "--dkim-domain", "example.org", "--dkim-selector", "mail"], { cwd });
  assert.match(open.stderr, /other users can read .*k\.pem/);
});

test("--json tells an error on stdout too", async () => {
  const { code, stdout } = await postrider(["send", "-s", "127.0.0.1:1", ...TO, "--text", "x", "--json"]);
  assert.equal(code, 75);
  const { error } = JSON.parse(stdout);
  assert.equal(error.code, "connect");
  assert.equal(error.outcome, "not-sent");
});

const WRONG: readonly (readonly [what: string, args: readonly string[], code: number, says: RegExp])[] = [
  ["an unknown option", ["--bogus"], 64, /unknown option '--bogus'/],
  ["no server", [...TO, "--text", "x"], 64, /no server: give --server, --profile or POSTRIDER_URL/],
  ["no text", TO, 64, /--text, --text-file or --html is missing/],
  ["no recipient", ["--from", "a@b.c", "--subject", "x", "--text", "x"], 64, /--to is missing/],
  ["a bad URL", ["-s", "smtp://a:b@c@[x", ...TO, "--text", "x"], 64, /must be a URL/],
  ["a space in the URL", ["-s", "smtp://127.0.0.1:1 ", ...TO, "--text", "x"], 64, /must not hold spaces/],
  ["an unknown scheme", ["-s", "http://x", ...TO, "--text", "x"], 64, /must start with smtp:\/\//],
  [
    "a bad address",
    ["-s", "127.0.0.1:1", ...TO, "--to", "oops", "--text", "x"],
    65,
    /^postrider: --to: "@" is missing/,
  ],
  ["a bad header", ["-s", "127.0.0.1:1", ...TO, "--text", "x", "-H", "nonsense"], 64, /must be "Name: value"/],
  [
    "a file that is not there",
    ["-s", "127.0.0.1:1", ...TO, "--text", "x", "-a", "no.pdf"],
    66,
    /attachment no\.pdf .*does not exist/,
  ],
  ["HTML that is not there", ["-s", "127.0.0.1:1", ...TO, "--html", "no.html"], 66, /does not exist/],
  ["stdin twice", ["-s", "127.0.0.1:1", ...TO, "--text", "-", "--html", "-"], 64, /only once/],
  ["a raw message with a subject", ["--raw", "-", "--subject", "x"], 64, /--subject cannot be combined with --raw/],
  ["-t with --to", ["-t", "--to", "a@b.c"], 64, /cannot be combined/],
  ["no password", ["-s", "127.0.0.1:1", "-u", "ann", ...TO, "--text", "x"], 64, /no password for ann/],
];

for (const [what, args, code, says] of WRONG) {
  test(`${what} is an error before anything is sent: ${code}, on stderr, without a stack trace`, async () => {
    const done = await postrider(["send", ...args]);
    assert.match(done.stderr, says);
    assert.equal(done.code, code);
    assert.equal(done.stdout, "");
    assert.doesNotMatch(done.stderr, /^\s+at /m);
  });
}

test("--debug shows the stack", async () => {
  const { stderr } = await postrider(["send", "-s", "127.0.0.1:1", ...TO, "--to", "oops", "--text", "x", "--debug"]);
  assert.match(stderr, /^\s+at /m);
});

test("what a server says cannot write on the terminal", async (t) => {
  const server = await ScriptedServer.start(t, { answer: (line) => (line === "." ? "250 \x1b[2Jqueued" : undefined) });
  const { stdout } = await postrider(["send", "-s", server.url, ...TO, "--text", "x"]);
  assert.ok(!stdout.includes("\x1b"));
  assert.match(stdout, /\\x1b\[2Jqueued/);
});

test("--help has examples, and goes to stdout", async () => {
  const { code, stdout } = await postrider(["send", "--help"]);
  assert.equal(code, 0);
  assert.match(stdout, /Examples:\n {2}postrider send --server/);
});

test("--header does not replace what a flag gives: no recipient is lost", async (t) => {
  const server = await ScriptedServer.start(t);
  for (const name of ["To", "cc", "BCC", "From", "Subject", "Reply-To"]) {
    const args = ["send", "-s", server.url, ...TO, "--text", "x", "--header", `${name}: eve@example.com`];
    const { code, stderr } = await postrider(args);
    assert.match(stderr, new RegExp(`^postrider: --header: ${name} must be set by --${name.toLowerCase()}$`, "m"));
    assert.equal(code, 64);
  }
  assert.deepEqual(server.lines, []);
});

test("several authors need the one who sends, in the words of the command", async () => {
  await using inbox = await startInbox(OFF);
  const args = ["send", "-s", `127.0.0.1:${inbox.smtpPort}`, "-f", "a@example.org, b@example.org"];
  const mail = ["-S", "x", "--text", "x", "bob@example.com"];
  const refused = await postrider([...args, ...mail]);
  assert.equal(refused.code, 65);
  assert.match(refused.stderr, /must be named by --header "Sender: \.\.\."/);
  assert.equal((await postrider([...args, "--header", "Sender: a@example.org", ...mail])).code, 0);
  assert.equal(inbox.messages[0]?.envelope.sender, "a@example.org");
});

test("a complete message that is missing ends with 66, one without a header says so", async (t) => {
  const cwd = folder(t);
  writeFileSync(join(cwd, "page.html"), "<p>no message</p>\n");
  for (const args of [
    ["-t", "--raw", "nope.eml"],
    ["--raw", "nope.eml", "bob@example.com"],
  ]) {
    const { code, stderr } = await postrider(["send", "-s", "127.0.0.1:1", ...args], { cwd });
    assert.match(stderr, /^postrider: the message nope\.eml cannot be read: it does not exist/);
    assert.equal(code, 66);
  }
  await using inbox = await startInbox(OFF);
  const server = ["-s", `127.0.0.1:${inbox.smtpPort}`];
  const wrong = await postrider(["send", ...server, "--raw", "page.html", "bob@example.com"], { cwd });
  assert.match(wrong.stderr, /^postrider: the header of the message: line 1 is not a header field/);
  assert.equal(wrong.code, 65);
});

test("--dry-run shows the signature of --dkim-key, and does not leave it out silently", async (t) => {
  const cwd = folder(t);
  await postrider(["dkim", "keygen", "-d", "example.org", "--selector", "s", "-o", "k.pem"], { cwd });
  const sign = ["--dkim-key", "k.pem", "--dkim-domain", "example.org", "--dkim-selector", "s"];
  const shown = await postrider(["send", "--dry-run", ...sign, ...TO, "--text", "x"], { cwd });
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /^DKIM-Signature: v=1;[\s\S]*\r\nFrom: Ann/);
  const raw = await postrider(["send", "--dry-run", ...sign, "-t"], { cwd, input: "From: a@example.org\n\nx\n" });
  assert.equal(raw.code, 64);
  assert.match(raw.stderr, /--dry-run cannot sign a complete message/);
});

test("Ctrl-C says what became of the message, and ends the command by the signal", onPosix, async (t) => {
  for (const [step, says] of [
    ["DATA", /^interrupted: the message was not sent$/m],
    [".", /^interrupted: the message may have been delivered or not$/m],
  ] as const) {
    let reached = (): void => undefined;
    const isReached = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const server = await ScriptedServer.start(t, {
      answer: (line) => {
        if (line !== step) return undefined;
        reached();
        return new Promise(() => undefined);
      },
    });
    const child = start(["send", "-s", server.url, ...TO, "--text", "x"]);
    const end = finished(child);
    await isReached;
    child.kill("SIGINT");
    const { signal, stderr } = await end;
    assert.match(stderr, says);
    assert.equal(signal, "SIGINT");
  }
});

test("a wrong flag is JSON, too, with --json", async () => {
  const { code, stdout, stderr } = await postrider(["send", "--json", "--bogus"]);
  assert.equal(code, 64);
  assert.match(JSON.parse(stdout).error.message, /^unknown option '--bogus'/);
  assert.match(stderr, /^postrider: unknown option '--bogus'/);
});

test("what is wrong with a command line points to the help of its command", async () => {
  assert.match((await postrider(["send", "--text", "x"])).stderr, /^run postrider send --help for usage$/m);
  assert.match((await postrider(["profile", "show", "nope"])).stderr, /^run postrider profile show --help for usage$/m);
  for (const [args, command] of [
    [["--bogus"], "postrider"],
    [["send", "--bogus"], "postrider send"],
    [["profile", "show", "--bogus"], "postrider profile show"],
  ] as const) {
    assert.match((await postrider([...args])).stderr, new RegExp(`^run ${command} --help for usage$`, "m"));
  }
});

test("a full disk under stdout is said, with 73, and no stack trace", { skip: !existsSync("/dev/full") }, async () => {
  await using inbox = await startInbox(OFF);
  const child = start(["send", "-s", `127.0.0.1:${inbox.smtpPort}`, ...TO, "--text", "x"], { stdout: "/dev/full" });
  const { code, stderr } = await finished(child);
  assert.equal(stderr, "postrider: stdout cannot be written: the disk is full\n");
  assert.equal(code, 73);
  assert.equal(inbox.messages.length, 1);
});

/** What `send` makes of files, HTML, pictures and pipes. */
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { startInbox } from "@postrider/inbox";
import { environment, folder, MAIN, postrider } from "./support/command.js";
import { onPosix } from "./support/system.js";

const OFF = { smtpPort: 0, webPort: false } as const;
const HEAD = ["--from", "ann@example.org", "--subject", "Hello"];
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

test("recipients are arguments, alone or beside --to", async () => {
  await using inbox = await startInbox(OFF);
  const args = ["-s", `127.0.0.1:${inbox.smtpPort}`, ...HEAD, "--text", "x", "--to", "bob@example.com"];
  const { code } = await postrider(["send", ...args, "cyd@example.com", "Dee <d@example.com>, e@example.com"]);
  assert.equal(code, 0);
  const recipients = ["bob@example.com", "cyd@example.com", "d@example.com", "e@example.com"];
  assert.deepEqual(inbox.messages[0]?.envelope.recipients, recipients);
});

test("recipients of a raw message are arguments, too; with -t they are an error", async (t) => {
  await using inbox = await startInbox(OFF);
  const cwd = folder(t);
  writeFileSync(join(cwd, "m.eml"), "From: ann@example.org\r\nSubject: x\r\n\r\nx\r\n");
  const args = ["-s", `127.0.0.1:${inbox.smtpPort}`, "--raw", "m.eml", "bob@example.com"];
  assert.equal((await postrider(["send", ...args], { cwd })).code, 0);
  assert.deepEqual(inbox.messages[0]?.envelope.recipients, ["bob@example.com"]);
  const both = await postrider(["send", ...args, "-t"], { cwd });
  assert.equal(both.code, 64);
  assert.match(both.stderr, /-t and recipients cannot be combined/);
});

test("--attach takes a type, a name, an id and a description; a semicolon in a file's name is none", async (t) => {
  await using inbox = await startInbox(OFF);
  const cwd = folder(t);
  writeFileSync(join(cwd, "report-0117.pdf"), "%PDF-");
  writeFileSync(join(cwd, "a;b.txt"), "x");
  const attach = [
    ...["--attach", "report-0117.pdf;type=application/x-report; version=2;name=Report Jan.pdf;description=of January"],
    ...["--attach", "a;b.txt"],
  ];
  const args = ["-s", `127.0.0.1:${inbox.smtpPort}`, ...HEAD, "--text", "x", ...attach, "bob@example.com"];
  const { code, stderr } = await postrider(["send", ...args], { cwd });
  assert.equal(stderr, "");
  assert.equal(code, 0);
  const [first, second] = inbox.messages[0]?.attachments ?? [];
  assert.equal(first?.filename, "Report Jan.pdf");
  assert.equal(first?.contentType, "application/x-report");
  assert.equal(second?.filename, "a;b.txt");
  assert.match(Buffer.from(inbox.messages[0]?.raw ?? []).toString(), /Content-Description: of January/);
});

test(
  "a pipe that a shell makes is an attachment with a name; without one, and a device, is an error",
  onPosix,
  async (t) => {
    await using inbox = await startInbox(OFF);
    const cwd = folder(t);
    execFileSync("mkfifo", [join(cwd, "p")]);
    const args = ["send", "-s", `127.0.0.1:${inbox.smtpPort}`, ...HEAD, "--text", "x", "bob@example.com", "--attach"];
    const nameless = await postrider([...args, "p"], { cwd });
    assert.match(nameless.stderr, /--attach: what comes from a pipe needs a name: "p;name=report\.pdf"/);
    assert.equal(nameless.code, 64);
    const device = await postrider([...args, "/dev/null"], { cwd });
    assert.match(device.stderr, /--attach: \/dev\/null is neither a file nor a pipe/);
    assert.equal(device.code, 65);
    const script = 'exec "$0" "$@" <(printf "select 1;")";name=dump.sql"';
    await promisify(execFile)("bash", ["-c", script, process.execPath, MAIN, ...args], { cwd, env: environment({}) });
    const [attachment] = inbox.messages[0]?.attachments ?? [];
    assert.equal(attachment?.filename, "dump.sql");
    assert.equal(Buffer.from(attachment?.content ?? []).toString(), "select 1;");
  },
);

test("an attachment comes from a pipe", async () => {
  await using inbox = await startInbox(OFF);
  const server = ["-s", `127.0.0.1:${inbox.smtpPort}`];
  const attach = ["--attach", "-;name=dump.sql;type=application/sql"];
  const { code } = await postrider(["send", ...server, ...HEAD, "--text", "x", ...attach, "bob@example.com"], {
    input: "create table t;\n",
  });
  assert.equal(code, 0);
  const [attachment] = inbox.messages[0]?.attachments ?? [];
  assert.equal(attachment?.filename, "dump.sql");
  assert.equal(Buffer.from(attachment?.content ?? []).toString(), "create table t;\n");
});

test("--html-text makes the text from the HTML", async (t) => {
  await using inbox = await startInbox(OFF);
  const cwd = folder(t);
  writeFileSync(join(cwd, "page.html"), '<h1>Hello</h1><p>See <a href="https://example.org/a">the report</a>.</p>');
  const args = ["-s", `127.0.0.1:${inbox.smtpPort}`, ...HEAD, "--html", "page.html", "--html-text", "bob@example.com"];
  assert.equal((await postrider(["send", ...args], { cwd })).code, 0);
  assert.match(inbox.messages[0]?.text ?? "", /^Hello\s+See the report <https:\/\/example\.org\/a>\./);
});

test("--inline is a picture that the HTML shows, --inline-images takes in all that it links to", async (t) => {
  await using inbox = await startInbox(OFF);
  const cwd = folder(t);
  writeFileSync(join(cwd, "logo.png"), PNG);
  writeFileSync(join(cwd, "chart.png"), PNG);
  writeFileSync(join(cwd, "page.html"), '<img src="cid:logo"><img src="cid:chart.png">');
  const inline = ["--inline", "logo.png;id=logo", "--inline", "chart.png"];
  const server = ["-s", `127.0.0.1:${inbox.smtpPort}`, ...HEAD];
  const named = await postrider(["send", ...server, "--html", "page.html", ...inline, "bob@example.com"], { cwd });
  assert.equal(named.stderr, "");
  assert.equal(named.code, 0);
  assert.match(Buffer.from(inbox.messages[0]?.raw ?? []).toString(), /multipart\/related/);
  assert.deepEqual(
    inbox.messages[0]?.attachments.map(({ contentId, filename }) => [contentId, filename]),
    [
      ["logo", "logo.png"],
      ["chart.png", "chart.png"],
    ],
  );
  writeFileSync(join(cwd, "linked.html"), '<img src="logo.png">');
  const linked = await postrider(["send", ...server, "--html", "linked.html", "--inline-images", "bob@example.com"], {
    cwd,
  });
  assert.equal(linked.code, 0);
  assert.match(inbox.messages[1]?.html ?? "", /<img src="cid:/);
  assert.equal(inbox.messages[1]?.attachments.length, 1);
});

const WRONG: readonly (readonly [args: readonly string[], code: number, says: RegExp])[] = [
  [["--text", "x", "--html", "page.html", "--html-text"], 64, /--html-text and --text cannot be combined/],
  [["--html-text"], 64, /--html-text needs --html/],
  [["--text", "x", "--inline", "page.html"], 64, /--inline needs --html/],
  [["--html", "page.html", "--inline", "page.html;id=logo"], 64, /the HTML does not reference cid:logo/],
  [["--text", "x", "--attach", ";name=x"], 64, /--attach: ";name=x" must begin with a file/],
  [["--text", "x", "--attach", "page.html;name="], 64, /--attach: name= is empty/],
  [["--text", "x", "--attach", "page.html;name=a;name=b"], 64, /--attach: name= is given twice/],
  [
    ["--text", "x", "--attach", "page.html;nmae=a"],
    64,
    /the file page\.html;nmae=a does not exist; if nmae= is meant as a parameter, the parameters are type, name/,
  ],
  [["--text", "x", "--attach", "-"], 64, /content from stdin needs a file name/],
  [["--text", "-", "--attach", "-;name=x"], 64, /stdin can be read only once/],
  [["--text", "x", "--attach", "page.html;type=nonsense"], 65, /^postrider: --attach: /],
];

for (const [args, expected, says] of WRONG) {
  test(`${args.slice(-2).join(" ")} is an error that names the flag: ${expected}`, async (t) => {
    const cwd = folder(t);
    writeFileSync(join(cwd, "page.html"), "<p>x</p>");
    const { code, stderr } = await postrider(["send", "-s", "127.0.0.1:1", ...HEAD, ...args, "bob@example.com"], {
      cwd,
    });
    assert.match(stderr, says);
    assert.equal(code, expected);
  });
}

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startInbox } from "@postrider/inbox";
import { folder, postrider, start } from "../support/command.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { assertPrivate } from "../support/system.js";

const TEMPLATE =
  "---\nFrom: ann@example.org\nTo: {{ name }} <{{ email }}>\nSubject: Hello {{ name }}\n---\nDear **{{ name }}**\n";

/** A folder with data and template; the data have a row for each address. */
function files(t: TestContext, emails: readonly string[], template = TEMPLATE): string {
  const cwd = folder(t);
  writeFileSync(
    join(cwd, "people.csv"),
    `email,name\n${emails.map((email, index) => `${email},N${index}\n`).join("")}`,
  );
  writeFileSync(join(cwd, "hello.md"), template);
  return cwd;
}

const BULK = ["bulk", "people.csv", "--template", "hello.md"];
const MANY = Array.from({ length: 30 }, (_, index) => `u${index}@example.com`);

test("every row gets its mail; the table is on stdout, plain lines without escapes on stderr", async (t) => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: false });
  const cwd = files(t, MANY);
  const { code, stdout, stderr } = await postrider([...BULK, "-s", `127.0.0.1:${inbox.smtpPort}`], { cwd });
  assert.equal(code, 0);
  assert.match(stdout, /^accepted +30 {2}accepted by the server$/m);
  assert.match(stderr, /^30\/30 {2}\S+\/s {2}accepted 30/m);
  assert.match(stderr, /warning: without --journal/);
  assert.doesNotMatch(stdout + stderr, /[\x1b\r]/);
  const subjects = new Map(inbox.messages.map((one) => [one.envelope.recipients.join(), one.subject]));
  assert.deepEqual(subjects, new Map(MANY.map((email, index) => [email, `Hello N${index}`])));
  assert.match(inbox.messages[0]?.html ?? "", /<strong>N\d+<\/strong>/);
});

test("refused rows are named, with the server's words; refused for good is 69, for now is 75", async (t) => {
  for (const [reply, expected] of [
    ["550 5.1.1 nobody", 69],
    ["451 4.2.0 busy", 75],
  ] as const) {
    const server = await ScriptedServer.start(t, {
      answer: (line) => (/RCPT.*<u[35]@/.test(line) ? reply : undefined),
    });
    const cwd = files(t, MANY);
    const args = [...BULK, "-s", server.url, "--journal", "j", "--report", "r.html"];
    const { code, stdout } = await postrider(args, { cwd });
    assert.equal(code, expected);
    assert.match(stdout, /^accepted +28/m);
    assert.match(stdout, new RegExp(`^line 5 {2}refused {2}.*u3@example\\.com.*${reply}`, "m"));
    assert.equal(server.messages.length, 28);
    const page = readFileSync(join(cwd, "r.html"), "utf8");
    for (const file of ["j", "r.html"]) assertPrivate(join(cwd, file));
    assert.match(page, /<svg .*Messages a second/);
    assert.match(page, /<td>7<\/td><th scope="row">refused<\/th><td>.*u5@example\.com/);

    const again = await postrider([...args, "--json"], { cwd });
    assert.equal(again.code, expected);
    const report = JSON.parse(again.stdout);
    assert.equal(report.accepted, 28);
    assert.equal(report.before.accepted, 28);
    assert.equal(server.messages.length, 28, "nobody gets a second copy");
    const tries = server.lines.filter((line) => line.includes("<u3@")).length;
    assert.equal(tries, expected === 75 ? 2 : 1, "only what may be tried again is tried again");
  }
});

test("when only some recipients of a row were refused for now, the next run goes to them alone", async (t) => {
  let isBusy = true;
  const server = await ScriptedServer.start(t, {
    answer: (line) => (isBusy && line.includes("<late@") ? "451 busy" : undefined),
  });
  const cwd = files(t, ["a@example.com"], TEMPLATE.replace("<{{ email }}>", "<{{ email }}>, late@example.com"));
  const args = [...BULK, "-s", server.url, "--journal", "j"];
  assert.equal((await postrider(args, { cwd })).code, 75);
  isBusy = false;
  assert.equal((await postrider(args, { cwd })).code, 0);
  assert.deepEqual(
    server.messages.map(({ recipients }) => recipients),
    [["a@example.com"], ["late@example.com"]],
  );
});

test("an outcome that is unknown is listed, ends with 74, and is sent again only with --resend-unknown", async (t) => {
  let breaks = true;
  const server = await ScriptedServer.start(t, {
    answer: (line) => {
      if (line !== "." || !breaks) return undefined;
      breaks = false;
      return "close";
    },
  });
  const cwd = files(t, ["a@example.com"]);
  const args = [...BULK, "-s", server.url, "--journal", "j"];
  const first = await postrider(args, { cwd });
  assert.equal(first.code, 74);
  assert.match(first.stdout, /^line 2 {2}unknown/m);
  const second = await postrider(args, { cwd });
  assert.equal(second.code, 74);
  assert.match(second.stdout, /^line 2 {2}unknown/m);
  assert.match(second.stderr, /1 row of earlier runs may have been delivered or not; --resend-unknown/);
  assert.equal(server.messages.length, 1);
  assert.equal((await postrider([...args, "--resend-unknown"], { cwd })).code, 0);
  assert.equal(server.messages.length, 2);
  const ids = server.messages.map(({ content }) => /^Message-ID: .*$/m.exec(content)?.[0]);
  assert.equal(ids[0], ids[1], "a copy can be told by its Message-ID");
});

test("bad rows are told with their lines and nothing is sent; --skip-bad sends the others, and ends with 65", async (t) => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: false });
  const cwd = files(t, ["a@example.com", "oops", 'b@example.com,"x"y', "c@example.com"]);
  const args = [...BULK, "-s", `127.0.0.1:${inbox.smtpPort}`];
  const strict = await postrider(args, { cwd });
  assert.equal(strict.code, 65);
  assert.match(strict.stderr, /^people\.csv, line 3: To: "@" is missing/m);
  assert.match(strict.stderr, /^people\.csv, line 4: has text after the closing quote/m);
  assert.match(strict.stderr, /nothing was sent/);
  assert.equal(inbox.messages.length, 0);
  const lenient = await postrider([...args, "--skip-bad"], { cwd });
  assert.equal(lenient.code, 65);
  assert.match(lenient.stdout, /^accepted +2/m);
  assert.match(lenient.stdout, /^line 3 {2}bad/m);
  assert.equal(inbox.messages.length, 2);
});

test("somebody who stops to read what it says leaves no row half sent; the server is told goodbye", async (t) => {
  const server = await ScriptedServer.start(t);
  const child = start([...BULK, "-s", server.url], { cwd: files(t, MANY) });
  child.stdout?.destroy();
  child.stderr?.destroy();
  assert.deepEqual(await once(child, "exit"), [0, null]);
  assert.equal(server.messages.length, 30);
  assert.ok(server.lines.includes("QUIT"));
});

test("a variable that is no column is told once, with the line of the template and the columns, and nothing is sent", async (t) => {
  const server = await ScriptedServer.start(t);
  const cwd = files(t, MANY, TEMPLATE.replace("**{{ name }}**", "{{ surname }}"));
  const { code, stderr } = await postrider([...BULK, "-s", server.url], { cwd });
  assert.equal(code, 65);
  assert.match(stderr, /^postrider: hello\.md, line 6: there is no column surname.*\nThe columns are email, name\.\n$/);
  assert.deepEqual(server.lines, []);
});

test("a journal of another run is refused: other data, another template, other options", async (t) => {
  const server = await ScriptedServer.start(t);
  const cwd = files(t, ["a@example.com"]);
  const args = [...BULK, "-s", server.url, "--journal", "j"];
  assert.equal((await postrider(args, { cwd })).code, 0);
  const changed = await postrider([...args, "--subject", "Other"], { cwd });
  assert.equal(changed.code, 65);
  assert.match(changed.stderr, /another run, which differs in the options/);
  writeFileSync(join(cwd, "people.csv"), "email,name\nb@example.com,B\n");
  const other = await postrider(args, { cwd });
  assert.equal(other.code, 65);
  assert.match(other.stderr, /another run, which differs in the data\./);
  assert.equal(server.messages.length, 1);
});

test("a server that is not there, or refuses the password, is told before a row is begun", async (t) => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: false, auth: { username: "ann", password: "pw" } });
  const cwd = files(t, MANY);
  const args = [...BULK, "-s", `smtp://ann@127.0.0.1:${inbox.smtpPort}`, "--journal", "j"];
  assert.equal((await postrider(args, { cwd, env: { POSTRIDER_PASSWORD: "no" } })).code, 77);
  assert.throws(() => readFileSync(join(cwd, "j")), { code: "ENOENT" });
});

test("a server that takes nothing any more ends the run; the next one goes on", async (t) => {
  let isBlocked = true;
  const server = await ScriptedServer.start(t, {
    answer: (line) =>
      isBlocked && server.messages.length >= 10 && /^MAIL/.test(line) ? "550 5.7.1 blocked" : undefined,
  });
  const cwd = files(t, MANY);
  const args = [...BULK, "-s", server.url, "--journal", "j", "--connections", "1"];
  const { code, stderr } = await postrider(args, { cwd });
  assert.equal(code, 75);
  assert.match(stderr, /Stopped: the server accepts no more messages/);
  assert.ok(server.lines.filter((line) => /^MAIL/.test(line)).length < 30);
  isBlocked = false;
  assert.equal((await postrider(args, { cwd })).code, 0);
  assert.equal(new Set(server.messages.map(({ recipients }) => recipients.join())).size, 30);
  assert.equal(server.messages.length, 30);
});

test("--dry-run sends the first rows to an inbox of its own, or to the one that is open", async (t) => {
  const cwd = files(t, MANY);
  const own = await postrider([...BULK, "--dry-run", "--inbox-port", "0", "--rows", "3", "--json"], { cwd });
  assert.equal(own.code, 0);
  assert.deepEqual(
    JSON.parse(own.stdout).sentToInbox.map(({ line }: { line: number }) => line),
    [2, 3, 4],
  );
  await using inbox = await startInbox({ smtpPort: 0, webPort: false });
  const open = await postrider([...BULK, "--dry-run", "--inbox-port", String(inbox.smtpPort)], { cwd });
  assert.equal(open.code, 0);
  assert.match(open.stdout, /^line 2 {2}N0 <u0@example\.com> {2}Hello N0$/m);
  assert.equal(inbox.messages.length, 5);
  assert.doesNotMatch(open.stderr, /Look at/);
});

test("--attach takes a name and a type, as for send; other ones are another run for a journal", async (t) => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: false });
  const cwd = files(t, ["a@example.com"]);
  writeFileSync(join(cwd, "r-17.bin"), "%PDF");
  const args = [...BULK, "-s", `127.0.0.1:${inbox.smtpPort}`, "--journal", "j", "--attach"];
  assert.equal((await postrider([...args, "r-17.bin;name=Report.pdf;type=application/pdf"], { cwd })).code, 0);
  const [attachment] = inbox.messages[0]?.attachments ?? [];
  assert.deepEqual([attachment?.filename, attachment?.contentType], ["Report.pdf", "application/pdf"]);
  assert.equal((await postrider([...args, "r-17.bin;name=Other.pdf"], { cwd })).code, 65);
});

test("--dry-run says where the page of the inbox is that is open", async (t) => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: 0 });
  const args = [...BULK, "--dry-run", "--inbox-port", String(inbox.smtpPort)];
  const { code, stderr } = await postrider(args, { cwd: files(t, MANY) });
  assert.equal(code, 0);
  assert.ok(stderr.endsWith(`Look at ${inbox.url}\n`), stderr);
});

test("--dry-run sends nothing to a server that is no inbox", async (t) => {
  const server = await ScriptedServer.start(t);
  const port = new URL(server.url).port;
  const { code } = await postrider([...BULK, "--dry-run", "--inbox-port", port], { cwd: files(t, MANY) });
  assert.equal(code, 0);
  assert.equal(server.messages.length, 0);
});

test("rows that go where an earlier one goes are warned of, and sent", async (t) => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: false });
  const cwd = files(t, ["a@example.com", "b@example.com", "A@example.com"]);
  const { code, stderr } = await postrider([...BULK, "-s", `127.0.0.1:${inbox.smtpPort}`], { cwd });
  assert.equal(code, 0);
  assert.match(stderr, /warning: 1 row of people\.csv with the recipient of an earlier row, such as line 4/);
  assert.equal(inbox.messages.length, 3);
});

test("an empty cell that a text needs is warned of; --require makes its row a bad one, and names no column that is not there", async (t) => {
  const cwd = files(t, ["a@example.com"]);
  writeFileSync(join(cwd, "people.csv"), "email,name\na@example.com,Ann\nb@example.com,\n,,\n");
  const args = [...BULK, "--dry-run", "--inbox-port", "0"];
  const warned = await postrider(args, { cwd });
  assert.equal(warned.code, 0);
  assert.match(
    warned.stderr,
    /empty cells leave gaps in the text of 1 row of people\.csv \(name\), such as line 3; --require name/,
  );
  assert.match(warned.stderr, /skipped 1 empty row of people\.csv/);
  const required = await postrider([...args, "--require", "email,name"], { cwd });
  assert.equal(required.code, 65);
  assert.match(required.stderr, /^people\.csv, line 3: has no value in name$/m);
  const skipped = await postrider([...args, "--require", "name", "--skip-bad"], { cwd });
  assert.equal(skipped.code, 0);
  assert.match(
    skipped.stderr,
    /1 of 1 row tried in an inbox that has ended, and sent to nobody[\s\S]*start "postrider inbox" before/,
  );
  const unknown = await postrider([...args, "--require", "Name"], { cwd });
  assert.equal(unknown.code, 64);
  assert.match(
    unknown.stderr,
    /--require: there is no column Name; did you mean name\?\nThe columns are email, name\./,
  );
});

const WRONG: readonly (readonly [what: string, args: readonly string[], code: number, says: RegExp])[] = [
  ["no data", ["bulk", "none.csv", "--template", "hello.md"], 66, /the data none\.csv cannot be read/],
  ["no template", ["bulk", "people.csv", "--template", "none.md"], 66, /the template none\.md cannot be read/],
  ["a template of another kind", ["bulk", "people.csv", "--template", "people.csv"], 64, /must end with/],
  ["a rate without unit", [...BULK, "--rate", "10"], 64, /10\/s, 600\/m or 5000\/h/],
  ["--resend-unknown alone", [...BULK, "--resend-unknown"], 64, /requires --journal/],
  ["a report that has no place", [...BULK, "--report", "no/r.html"], 73, /the report no\/r\.html cannot be written/],
  ["a report over the data", [...BULK, "--report", "./people.csv"], 64, /would overwrite an input file/],
  ["an attachment from stdin", [...BULK, "--attach", "-;name=a.pdf"], 64, /--attach: stdin can be read only once/],
  ["an attachment that is missing", [...BULK, "--attach", "none.pdf;name=a.pdf"], 66, /none\.pdf cannot be read/],
  ["data from stdin", ["bulk", "-", "--template", "hello.md"], 64, /the data must be a file/],
  ["a delimiter of two signs", [...BULK, "--delimiter", "::"], 64, /one character/],
];

for (const [what, args, code, says] of WRONG) {
  test(`${what} ends with ${code} before anything is sent`, async (t) => {
    const done = await postrider(args, { cwd: files(t, MANY) });
    assert.match(done.stderr, says);
    assert.equal(done.code, code);
  });
}

/** `postrider bulk --outbox`: rows become mail of an outbox, and nothing is sent. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startInbox } from "@postrider/inbox";
import { type Outbox, openOutbox } from "@postrider/outbox";
import { folder, postrider } from "../support/command.js";

const TEMPLATE =
  "---\nFrom: ann@example.org\nTo: {{ name }} <{{ email }}>\nSubject: Hello {{ name }}\n---\nDear **{{ name }}**\n";
const BULK = ["bulk", "people.csv", "--template", "hello.md", "--outbox", "file:mail.db"];

function writeRows(cwd: string, count: number): void {
  const rows = Array.from({ length: count }, (_, index) => `u${index}@example.com,N${index}\n`);
  writeFileSync(join(cwd, "people.csv"), `email,name\n${rows.join("")}`);
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A folder with data, a template and the tables of an outbox. */
async function place(t: TestContext, count: number): Promise<{ cwd: string; outbox: Outbox }> {
  const cwd = folder(t);
  writeRows(cwd, count);
  writeFileSync(join(cwd, "hello.md"), TEMPLATE);
  const outbox = await openOutbox({ database: `file:${join(cwd, "mail.db")}` });
  t.after(() => outbox.close());
  return { cwd, outbox };
}

test("every row is a mail of the outbox with a key and tags; the same command again enqueues nothing", async (t) => {
  const { cwd, outbox } = await place(t, 250);
  const args = [...BULK, "--send-at", "2100-01-01T08:00Z", "--priority", "-5", "--tag", "list=friends", "--json"];
  const first = await postrider(args, { cwd });
  assert.equal(first.code, 0, first.stderr);
  const report = JSON.parse(first.stdout);
  assert.deepEqual([report.rows, report.enqueued, report.alreadyThere, report.left], [250, 250, 0, 0]);
  const again = JSON.parse((await postrider(args, { cwd })).stdout);
  assert.deepEqual([again.enqueued, again.alreadyThere, again.key], [0, 250, report.key]);
  const found = await collect(outbox.find({ tag: { bulk: report.key, list: "friends" } }));
  assert.equal(found.length, 250);
  const one = found.find(({ tags }) => tags["line"] === "7");
  assert.equal(one?.key, `${report.key}:7`);
  assert.deepEqual(
    one?.recipients.map(({ address, state }) => [address, state]),
    [["u5@example.com", "waiting"]],
  );
  assert.equal(one?.dueAt?.toISOString(), "2100-01-01T08:00:00.000Z");
});

test("rows that were enqueued before an interruption are not enqueued again; another --key is another run", async (t) => {
  const { cwd, outbox } = await place(t, 5);
  await outbox.enqueue({ from: "x@example.org", to: "u@example.com", subject: "x", text: "x" }, { key: "may:4" });
  const conflict = await postrider([...BULK, "--key", "may"], { cwd });
  assert.equal(conflict.code, 65);
  assert.match(conflict.stderr, /people\.csv, line 4: The key "may:4" belongs to another message/);
  assert.match(conflict.stderr, /2 rows before it are in the outbox/);
  for (const key of ["june", "july"]) {
    const { code, stdout } = await postrider([...BULK, "--key", key], { cwd });
    assert.equal(code, 0);
    assert.match(stdout, /^enqueued +5 {2}in the outbox; a worker sends them$/m);
  }
});

test("bad rows: nothing is enqueued, or with --skip-bad the others", async (t) => {
  const { cwd, outbox } = await place(t, 3);
  writeFileSync(join(cwd, "people.csv"), "email,name\na@example.com,A\noops,B\nc@example.com,C\n");
  const refused = await postrider(BULK, { cwd });
  assert.equal(refused.code, 65);
  assert.equal((await collect(outbox.find())).length, 0);
  const skipped = await postrider([...BULK, "--skip-bad", "--json"], { cwd });
  assert.equal(skipped.code, 65);
  assert.deepEqual(
    (({ enqueued, bad, problems }) => [enqueued, bad, problems[0].line])(JSON.parse(skipped.stdout)),
    [2, 1, 3],
  );
});

test("what is about sending does not go with --outbox, and what is about the outbox not without it", async (t) => {
  const { cwd } = await place(t, 1);
  for (const other of [
    ["--journal", "j"],
    ["--rate", "1/s"],
    ["--connections", "2"],
    ["--server", "smtp://h"],
    ["--report", "r.html"],
  ]) {
    const { code, stderr } = await postrider([...BULK, ...other], { cwd });
    assert.equal(code, 64, other[0]);
    assert.match(stderr, new RegExp(`'--outbox <url>' cannot be used with option '.*${other[0]}`));
  }
  for (const own of [
    ["--key", "k"],
    ["--tag", "a=b"],
    ["--send-at", "2030-01-01"],
    ["--priority", "1"],
    ["--schema", "s"],
  ]) {
    const { code, stderr } = await postrider([...BULK.slice(0, 4), "--server", "smtp://127.0.0.1:1", ...own], { cwd });
    assert.equal(code, 64, own[0]);
    assert.match(stderr, new RegExp(`${own[0]} needs --outbox`));
  }
  for (const [flag = "", value = ""] of [
    ["--send-at", "tomorrow"],
    ["--send-at", "2026-02-30"],
    ["--priority", "10"],
    ["--tag", "x"],
    ["--key", ""],
  ]) {
    const { code, stderr } = await postrider([...BULK, flag, value], { cwd });
    assert.equal(code, 64, `${flag} ${value}`);
    assert.ok(stderr.includes(flag), stderr);
  }
  const elsewhere = await postrider([...BULK.slice(0, 4), "--outbox", "file:other.db"], { cwd });
  assert.equal(elsewhere.code, 66);
  assert.match(elsewhere.stderr, /--outbox: the file .*other\.db does not exist; run "postrider outbox migrate"/);
});

test("a worker sends what was handed over", async (t) => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: false });
  const { cwd } = await place(t, 3);
  assert.equal((await postrider(BULK, { cwd })).code, 0);
  assert.equal(inbox.messages.length, 0);
  const run = ["outbox", "run", "--database", "file:mail.db", "--until-empty", "-s", `127.0.0.1:${inbox.smtpPort}`];
  const ran = await postrider(run, { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(ran.stdout, "3 attempts\n");
  assert.deepEqual(inbox.messages.map(({ subject }) => subject).sort(), ["Hello N0", "Hello N1", "Hello N2"]);
});

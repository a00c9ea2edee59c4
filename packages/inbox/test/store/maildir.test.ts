import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Inbox, InboxOptionError, startInbox } from "../../src/index.js";
import { Dialogue } from "../support/dialogue.js";
import { ask } from "../support/mail.js";

let store: string;
beforeEach(async () => {
  store = join(await mkdtemp(join(tmpdir(), "inbox-")), "mail");
});
afterEach(() => rm(join(store, ".."), { recursive: true, force: true }));

const start = (more = {}): Promise<Inbox> => startInbox({ smtpPort: 0, webPort: false, store, ...more });
const names = (folder: string): Promise<string[]> => readdir(join(store, folder));

async function deliver(inbox: Inbox, ...subjects: readonly string[]): Promise<void> {
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  for (const subject of subjects)
    assert.match(await client.deliver(`Subject: ${subject}\n\ndot\nübung`, "a@b", ["ü@example.com", "c@d"]), /^250 /);
  client.destroy();
}

const subjects = (inbox: Inbox): unknown[] => inbox.messages.map(({ subject }) => subject);

test("messages outlive the inbox, byte for byte and in order", async () => {
  const first = await start({ auth: "any" });
  const client = await Dialogue.open(first.smtpPort);
  await client.sayAll("EHLO me", "AUTH PLAIN AMO8OwBi");
  await client.deliver("Subject: with a login\n\n", "", ["b@example.com"]);
  client.destroy();
  await deliver(first, "two", "three");
  await first.close();
  await using second = await start();
  assert.deepEqual(second.messages, first.messages);
  assert.equal(second.messages[0]?.username, "ü;");
});

test("files lie in new/ as a mail reader expects them, with the envelope on top, for their owner only", async () => {
  await using inbox = await start();
  await deliver(inbox, "one");
  const [name = ""] = await names("new");
  const file = await readFile(join(store, "new", name), "utf8");
  const { id, receivedAt } = inbox.messages[0] ?? {};
  const trace = `Return-Path: <a@b>\r\nX-Original-To: ü@example.com\r\nX-Original-To: c@d\r\nX-Postrider-Inbox: id=${id}; at=${receivedAt?.getTime()}; secure=no\r\n`;
  assert.equal(file, `${trace}Subject: one\r\n\r\ndot\r\nübung\r\n`);
  if (process.platform !== "win32") assert.equal((await stat(join(store, "new", name))).mode & 0o777, 0o600);
  assert.deepEqual(await names("tmp"), []);
});

test("what is deleted, cleared or makes room is gone from the folder too", async () => {
  await using inbox = await start({ maxMessages: 2, webPort: 0 });
  await deliver(inbox, "one", "two", "three");
  assert.equal((await names("new")).length, 2);
  await ask(inbox, `/api/messages/${inbox.messages[0]?.id}`, { method: "DELETE" });
  assert.equal((await names("new")).length, 1);
  inbox.clear();
  assert.equal((await names("new")).length, 0);
});

test("to be read is the flag S in cur/, and survives", async () => {
  const first = await start({ webPort: 0 });
  await deliver(first, "one", "two");
  const path = `/api/messages/${first.messages[0]?.id}`;
  await ask(first, path, { method: "PATCH", body: '{"read":true}' });
  assert.match((await names("cur"))[0] ?? "", /:2,S$/);
  await first.close();
  await using second = await start({ webPort: 0 });
  const list = JSON.parse((await ask(second, "/api/messages")).body);
  assert.deepEqual(
    list.messages.map((message: { subject: string; read: boolean }) => [message.subject, message.read]),
    [
      ["two", false],
      ["one", true],
    ],
  );
  await ask(second, path, { method: "PATCH", body: '{"read":false}' });
  assert.match((await names("cur"))[0] ?? "", /:2,$/);
});

test("a mail reader may move and flag files while the inbox runs", async () => {
  await using inbox = await start({ webPort: 0 });
  await deliver(inbox, "one", "two");
  const [one = "", two = ""] = (await names("new")).sort();
  await rename(join(store, "new", one), join(store, "cur", `${one}:2,FS`));
  await rm(join(store, "new", two));
  const [first, second] = inbox.messages;
  await ask(inbox, `/api/messages/${first?.id}`, { method: "PATCH", body: '{"read":true}' });
  assert.deepEqual(await names("cur"), [`${one}:2,FS`]);
  await ask(inbox, `/api/messages/${second?.id}`, { method: "DELETE" });
  await ask(inbox, `/api/messages/${first?.id}`, { method: "DELETE" });
  // To be had back until the inbox ends.
  assert.deepEqual(await names("cur"), [`${one}:2,FST`]);
  await inbox.close();
  assert.deepEqual(await names("cur"), []);
});

test("a deleted message comes back in its place, and is gone after a kill", async () => {
  const first = await start({ webPort: 0 });
  await deliver(first, "one", "two", "three");
  const path = `/api/messages/${first.messages[1]?.id}`;
  await ask(first, path, { method: "DELETE" });
  await ask(first, "/api/messages/restore", { method: "POST" });
  assert.deepEqual(
    first.messages.map(({ subject }) => subject),
    ["one", "two", "three"],
  );
  await first.close();
  // As a killed inbox leaves it.
  const [two = ""] = await names("cur");
  assert.match(two, /:2,$/);
  await rename(join(store, "cur", two), join(store, "cur", `${two}T`));
  await using second = await start();
  assert.deepEqual(
    second.messages.map(({ subject }) => subject),
    ["one", "three"],
  );
  assert.deepEqual(await names("cur"), []);
});

test("what others have put there is neither shown nor touched", async () => {
  await (await start()).close();
  const foreign = "1700000000.M1P1.host";
  const forged = "1700000000.M000001P1Iab.postrider-inbox";
  await writeFile(join(store, "new", foreign), "Subject: private\n\n");
  await writeFile(join(store, "cur", forged), "Subject: no trace\r\n\r\nX-Postrider-Inbox: id=ab; at=1; secure=no\r\n");
  await using inbox = await start({ maxMessages: 1 });
  assert.equal(inbox.messages.length, 0);
  await deliver(inbox, "one", "two");
  inbox.clear();
  assert.deepEqual([await names("new"), await names("cur")], [[foreign], [forged]]);
});

test("of more messages than may be kept, the newest are", async () => {
  const first = await start();
  await deliver(first, "one", "two", "three");
  await first.close();
  await using second = await start({ maxMessages: 2 });
  assert.deepEqual(subjects(second), ["two", "three"]);
  assert.equal((await names("new")).length, 2);
});

test("a folder that cannot be used is an error that names the option", async () => {
  await mkdir(join(store, ".."), { recursive: true });
  await writeFile(store, "a file");
  await assert.rejects(start(), (error) => error instanceof InboxOptionError && error.option === "store");
});

test("a message that cannot be written is refused, not lost", async () => {
  await using inbox = await start();
  await rm(join(store, "tmp"), { recursive: true });
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  assert.match(await client.deliver("Subject: x\n\n"), /^4\d\d /);
  assert.equal(inbox.messages.length, 0);
  await mkdir(join(store, "tmp"));
  assert.match(await client.deliver("Subject: y\n\n"), /^250 /);
  assert.deepEqual(subjects(inbox), ["y"]);
  client.destroy();
});

/** An inbox of its own process, and its port. */
async function startProcess(): Promise<{ child: ChildProcess; port: number }> {
  const program = fileURLToPath(new URL("../support/inbox-process.js", import.meta.url));
  const child = spawn(process.execPath, [program, store], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface(child.stdout ?? assert.fail()), "line");
  return { child, port: Number(line) };
}

for (const accepted of [1, 7, 20]) {
  test(`killed after ${accepted} accepted messages: none of them is lost, and no half one is left`, async () => {
    const { child, port } = await startProcess();
    const heard: string[] = [];
    const body = "line of text\n".repeat(500);
    const one = async (): Promise<void> => {
      const client = await Dialogue.open(port);
      await client.say("EHLO me");
      for (;;) {
        const reply = await client.deliver(`Subject: whole\n\n${body}END`);
        const id = /^250 .*queued as (\w+)$/.exec(reply)?.[1];
        if (id === undefined) return;
        if (heard.push(id) === accepted) child.kill("SIGKILL");
      }
    };
    await Promise.all([one(), one(), one(), one(), once(child, "exit")]);
    assert.ok(heard.length >= accepted);
    await using inbox = await start();
    const found = new Set(inbox.messages.map(({ id }) => id));
    for (const id of heard) assert.ok(found.has(id), `${id} is lost`);
    for (const { text } of inbox.messages) assert.ok(text?.endsWith("END\n"), "a half message");
    assert.deepEqual(await names("tmp"), []);
  });
}

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { InboxClosedError, InboxListenError, startInbox } from "../src/index.js";
import { Dialogue } from "./support/dialogue.js";

const OFF = { smtpPort: 0, webPort: false } as const;
const MESSAGE = "From: Ann <ann@example.com>\nTo: Ben <ben@example.com>\nSubject: Hello\n\nHi\n..dotted";

test("a message is there when its client hears 250, with envelope, header and bytes", async () => {
  await using inbox = await startInbox(OFF);
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  const reply = await client.deliver(MESSAGE, "bounce@example.com", ["x@example.com", "y@example.com"]);
  const [message] = inbox.messages;
  assert.ok(message !== undefined && inbox.messages.length === 1);
  assert.equal(reply, `250 2.6.0 OK: queued as ${message.id}`);
  assert.deepEqual(message.envelope, { sender: "bounce@example.com", recipients: ["x@example.com", "y@example.com"] });
  assert.deepEqual(message.from, { name: "Ann", address: "ann@example.com" });
  assert.equal(message.subject, "Hello");
  assert.equal(message.text, "Hi\n.dotted\n");
  assert.equal(Buffer.from(message.raw).toString(), `${MESSAGE.replaceAll("\n", "\r\n").replace("..", ".")}\r\n`);
  assert.equal(message.size, message.raw.byteLength);
  assert.equal(message.secure, false);
  assert.equal(message.username, undefined);
  client.destroy();
});

test("messages of one connection keep their order, and a large one is not overtaken by a small one", async () => {
  await using inbox = await startInbox(OFF);
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  const large = `Subject: large\n\n${"line of text\n".repeat(5000)}`;
  await client.deliver(large);
  await client.deliver("Subject: small\n\n");
  assert.deepEqual(
    inbox.messages.map((message) => message.subject),
    ["large", "small"],
  );
  client.destroy();
});

test("a client that waits for nothing, not even for the greeting or 354, is served all the same", async () => {
  await using inbox = await startInbox(OFF);
  const client = new Dialogue(connect(inbox.smtpPort, "127.0.0.1"));
  const one = "MAIL FROM:<>\r\nRCPT TO:<b@example.com>\r\nDATA\r\nSubject: x\r\n\r\n.\r\n";
  client.write(`EHLO me\r\n${one.repeat(20)}QUIT\r\n`);
  await client.closed();
  assert.equal(inbox.messages.length, 20);
  assert.equal(inbox.messages[0]?.envelope.sender, "");
});

test("clear forgets the messages; what comes later arrives", async () => {
  await using inbox = await startInbox(OFF);
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  await client.deliver("Subject: one\n\n");
  const before = inbox.messages;
  inbox.clear();
  assert.equal(inbox.messages.length, 0);
  assert.equal(before.length, 1);
  await client.deliver("Subject: two\n\n");
  assert.equal(inbox.messages[0]?.subject, "two");
  client.destroy();
});

test("it listens on a Unix socket besides the port", async () => {
  const folder = await mkdtemp(join(tmpdir(), "inbox-"));
  try {
    const socketPath = join(folder, "smtp.sock");
    await using inbox = await startInbox({ ...OFF, socketPath });
    assert.equal(inbox.socketPath, socketPath);
    const client = await Dialogue.open(socketPath);
    await client.say("EHLO me");
    assert.match(await client.deliver("Subject: local\n\n"), /^250 /);
    assert.equal(inbox.messages[0]?.subject, "local");
    await assert.rejects(
      startInbox({ ...OFF, socketPath }),
      (error) =>
        error instanceof InboxListenError && error.option === "socketPath" && error.message.includes(socketPath),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

for (const option of ["smtpPort", "webPort"] as const) {
  test(`a ${option} that is taken is an error that names it, and nothing stays open`, async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address() as AddressInfo;
    await assert.rejects(startInbox({ smtpPort: 0, webPort: 0, [option]: port }), (error) => {
      assert.ok(error instanceof InboxListenError);
      assert.equal(error.code, "listen");
      assert.equal(error.option, option);
      assert.equal(error.port, port);
      assert.equal(error.inUse, true);
      assert.match(
        error.message,
        new RegExp(`^${option}: cannot listen on port ${port} on 127\\.0\\.0\\.1: it is in use by another program`),
      );
      return true;
    });
    holder.close();
    await once(holder, "close");
  });
}

test("close frees the port at once, though clients hang on; it may be called twice", async () => {
  const inbox = await startInbox({ smtpPort: 0, webPort: 0 });
  const idle = await Dialogue.open(inbox.smtpPort);
  const inContent = await Dialogue.open(inbox.smtpPort);
  await inContent.sayAll("EHLO me", "MAIL FROM:<>", "RCPT TO:<b@example.com>", "DATA");
  inContent.write("Subject: half\r\n");
  await Promise.all([inbox.close(), inbox.close()]);
  await Promise.all([idle.closed(), inContent.closed()]);
  assert.match(await idle.reply(), /^421 /);
  assert.equal(inbox.messages.length, 0);
  const again = await startInbox({ smtpPort: inbox.smtpPort, webPort: inbox.webPort });
  await again.close();
});

test("close rejects who waits, and keeps what has arrived readable", async () => {
  const inbox = await startInbox(OFF);
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  await client.deliver("Subject: kept\n\n");
  const waiting = assert.rejects(
    inbox.waitFor(() => false),
    InboxClosedError,
  );
  await inbox.close();
  await waiting;
  assert.equal(inbox.messages[0]?.subject, "kept");
  assert.equal((await inbox.waitFor(() => true)).subject, "kept");
  await assert.rejects(
    inbox.waitFor(() => false),
    InboxClosedError,
  );
});

test("a client that vanishes within its message leaves nothing and breaks nothing", async () => {
  await using inbox = await startInbox(OFF);
  const client = await Dialogue.open(inbox.smtpPort);
  await client.sayAll("EHLO me", "MAIL FROM:<>", "RCPT TO:<b@example.com>", "DATA");
  client.write("Subject: half\r\n");
  client.destroy();
  const other = await Dialogue.open(inbox.smtpPort);
  await other.say("EHLO me");
  await other.deliver("Subject: whole\n\n");
  assert.deepEqual(
    inbox.messages.map((message) => message.subject),
    ["whole"],
  );
  other.destroy();
});

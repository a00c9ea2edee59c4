import assert from "node:assert/strict";
import { test } from "node:test";
import { startInbox } from "../../src/inbox.js";
import { Dialogue } from "../support/dialogue.js";

const OFF = { smtpPort: 0, webPort: false } as const;

test("EHLO offers what the inbox can, and neither AUTH nor STARTTLS unless asked for", async () => {
  await using inbox = await startInbox({ ...OFF, maxMessageBytes: 5000 });
  const client = await Dialogue.open(inbox.smtpPort);
  const lines = (await client.say("EHLO me"))
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.slice(4));
  assert.deepEqual(lines, ["PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN", "SIZE 5000"]);
  client.destroy();
});

test("AUTH and STARTTLS that are not offered are answered with what to do, as often as they are tried", async () => {
  await using inbox = await startInbox(OFF);
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  for (let round = 0; round < 12; round += 1) {
    assert.match(await client.say("auth PLAIN AGEAYg=="), /^502 5\.5\.1 .*--auth any .*auth: "any"/);
    assert.match(await client.say("STARTTLS"), /^502 5\.5\.1 .*--tls starttls .*tls: "starttls"/);
  }
  assert.match(await client.deliver("\n"), /^250 /);
  client.destroy();
});

const TAKEN = [
  "plain@example.com",
  '"a b"@example.com',
  '"a@b"@example.com',
  '"say \\"hi\\" >"@example.com',
  "jörg@bücher.example",
  "a@xn--bcher-kva.example",
  "A@Example.COM",
  "a@[127.0.0.1]",
  "a@[IPv6:::1]",
  "postmaster",
  ".odd..dots.@example.com",
  "a@localhost",
];

test("addresses are taken as they are: quoted, UTF-8, A-label, literal, without domain, twice", async () => {
  await using inbox = await startInbox(OFF);
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  for (const address of TAKEN) {
    const replies = await client.sayAll(
      `MAIL FROM:<${address}> SMTPUTF8 BODY=8BITMIME`,
      `RCPT TO:<${address}>`,
      "RCPT TO:<b@x.y>",
      "RCPT TO:<B@x.y>",
      "RSET",
    );
    assert.deepEqual(new Set(replies.map((reply) => reply.slice(0, 3))), new Set(["250"]), `${address}: ${replies}`);
    await client.deliver("\n", address, [address, "b@x.y", "B@x.y"]);
    assert.deepEqual(inbox.messages.at(-1)?.envelope, { sender: address, recipients: [address, "b@x.y", "B@x.y"] });
  }
  client.destroy();
});

test("a recipient of a transaction that was reset is not in the next", async () => {
  await using inbox = await startInbox(OFF);
  const client = await Dialogue.open(inbox.smtpPort);
  await client.sayAll("EHLO me", "MAIL FROM:<old@x.y>", "RCPT TO:<old@x.y>", "RSET");
  await client.deliver("\n", "new@x.y", ["new@x.y"]);
  assert.deepEqual(inbox.messages[0]?.envelope, { sender: "new@x.y", recipients: ["new@x.y"] });
  client.destroy();
});

test("what is no path is answered 501 and the connection goes on", async () => {
  await using inbox = await startInbox(OFF);
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  for (const line of [
    "MAIL FROM:a@b.c",
    "MAIL FROM:<a@b.c",
    "MAIL FROM",
    "MAIL FROM:<a b@c.d>",
    "MAIL FROM:<<a@b.c>>",
    "MAIL FROM:<a@b.c>x",
    `MAIL FROM:<${"a".repeat(2000)}@b.c>`,
    "MAIL FROM:<a\t@b.c>",
  ]) {
    assert.match(await client.say(line), /^501 /, line);
  }
  assert.match(await client.deliver("\n"), /^250 /);
  client.destroy();
});

test("a message beyond SIZE is refused with 552, announced or not, and the connection goes on", async () => {
  await using inbox = await startInbox({ ...OFF, maxMessageBytes: 1000 });
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  assert.match(await client.say("MAIL FROM:<> SIZE=1001"), /^552 5\.3\.4 /);
  assert.match(await client.deliver("x".repeat(1001)), /^552 5\.3\.4 /);
  assert.equal(inbox.messages.length, 0);
  assert.match(await client.deliver("Subject: fits\n\n"), /^250 /);
  client.destroy();
});

test("what arrives at once is bounded over all connections: 452, and later there is room again", async () => {
  await using inbox = await startInbox({ ...OFF, maxBytes: 100_000 });
  const half = "x".repeat(60_000);
  const first = await Dialogue.open(inbox.smtpPort);
  const second = await Dialogue.open(inbox.smtpPort);
  await first.sayAll("EHLO me", "MAIL FROM:<>", "RCPT TO:<b@x.y>", "DATA");
  first.write(`${half}\r\n`);
  await second.say("EHLO me");
  // The first content is on its way, so the second is tried until both are held at the same time.
  let reply = "";
  while (!reply.startsWith("452")) reply = await second.deliver(half);
  first.write(".\r\n");
  assert.match(await first.reply(), /^250 /);
  assert.match(await second.deliver(half), /^250 /);
  first.destroy();
  second.destroy();
});

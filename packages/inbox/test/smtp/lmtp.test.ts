import assert from "node:assert/strict";
import { test } from "node:test";
import { startInbox } from "../../src/index.js";
import { Dialogue } from "../support/dialogue.js";
import { QUIET } from "../support/mail.js";

const LMTP = { ...QUIET, protocol: "lmtp" } as const;

test("LMTP greets with LHLO, and each recipient has a reply of its own", async () => {
  await using inbox = await startInbox(LMTP);
  const client = await Dialogue.open(inbox.smtpPort);
  assert.match(await client.say("EHLO me"), /^500 /);
  assert.match(await client.say("LHLO me"), /^250-/);
  // Two that differ in case are two.
  const first = await client.deliver("Subject: x\n\n", "a@b", ["c@example.com", "C@example.com", "d@example.com"]);
  assert.match(first, /^250 /);
  for (let count = 1; count < 3; count += 1) assert.match(await client.reply(), /^250 /);
  assert.match(await client.say("NOOP"), /^250 .*OK$/);
  assert.equal(inbox.messages[0]?.envelope.recipients.length, 3);
  client.destroy();
});

test("a rule refuses one recipient after the content; the others get the message", async () => {
  await using inbox = await startInbox(LMTP);
  inbox.refuse({ recipient: "full@example.com", message: () => true }, "452 4.2.2 Mailbox full");
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("LHLO me");
  const replies = [await client.deliver("Subject: x\n\n", "a@b", ["b@example.com", "full@example.com"])];
  replies.push(await client.reply());
  assert.match(replies[0] ?? "", /^250 /);
  assert.equal(replies[1], "452 4.2.2 Mailbox full");
  assert.deepEqual(inbox.messages[0]?.envelope.recipients, ["b@example.com"]);
  assert.equal(await client.deliver("Subject: y\n\n", "a@b", ["full@example.com"]), "452 4.2.2 Mailbox full");
  assert.equal(inbox.messages.length, 1);
  client.destroy();
});

test("what is too large is refused once for each recipient", async () => {
  await using inbox = await startInbox({ ...LMTP, maxMessageBytes: 1000 });
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("LHLO me");
  const replies = [await client.deliver("x".repeat(2000), "a@b", ["b@example.com", "B@example.com"])];
  replies.push(await client.reply());
  for (const reply of replies) assert.match(reply, /^552 /);
  assert.match(await client.say("NOOP"), /^250 .*OK$/);
  client.destroy();
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Inbox, InboxOptionError, startInbox } from "../../src/index.js";
import type { DropPhase } from "../../src/smtp/rules.js";
import { Dialogue } from "../support/dialogue.js";
import { QUIET } from "../support/mail.js";

async function greeted(inbox: Inbox): Promise<Dialogue> {
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  return client;
}

test("a refused recipient hears the reply as it was given; the others get the message", async () => {
  await using inbox = await startInbox(QUIET);
  const rule = inbox.refuse({ recipient: "Nobody@example.com" }, "550 No such user here");
  const client = await greeted(inbox);
  await client.say("MAIL FROM:<a@example.com>");
  assert.equal(await client.say("RCPT TO:<nobody@example.com>"), "550 No such user here");
  assert.match(await client.say("RCPT TO:<b@example.com>"), /^250 /);
  await client.say("DATA");
  client.write("Subject: x\r\n\r\n.\r\n");
  assert.match(await client.reply(), /^250 /);
  assert.deepEqual(inbox.messages[0]?.envelope.recipients, ["b@example.com"]);
  assert.equal(rule.hits, 1);
  client.destroy();
});

test("a sender is refused by a pattern, with an enhanced code of the test's choice", async () => {
  await using inbox = await startInbox(QUIET);
  inbox.refuse({ sender: /@spam\.example$/g }, "451 4.7.1 Try again in 5 minutes");
  const client = await greeted(inbox);
  for (let round = 0; round < 2; round += 1) {
    assert.equal(await client.say("MAIL FROM:<x@spam.example>"), "451 4.7.1 Try again in 5 minutes");
  }
  assert.match(await client.say("MAIL FROM:<x@spam.example.com>"), /^250 /);
  client.destroy();
});

test("a recipient is refused only for the sender that is named too", async () => {
  await using inbox = await startInbox(QUIET);
  inbox.refuse({ sender: "a@example.com", recipient: /./ });
  const client = await greeted(inbox);
  await client.say("MAIL FROM:<a@example.com>");
  assert.equal(await client.say("RCPT TO:<b@example.com>"), "550 5.7.1 Refused by a rule of the inbox");
  await client.sayAll("RSET", "MAIL FROM:<c@example.com>");
  assert.match(await client.say("RCPT TO:<b@example.com>"), /^250 /);
  client.destroy();
});

test("a message is refused by what is in it, and not kept", async () => {
  await using inbox = await startInbox(QUIET);
  inbox.refuse({ message: ({ subject }) => subject === "bad" }, "554 5.6.0 Content refused");
  const client = await greeted(inbox);
  assert.equal(await client.deliver("Subject: bad\n\n"), "554 5.6.0 Content refused");
  assert.match(await client.deliver("Subject: good\n\n"), /^250 /);
  assert.deepEqual(
    inbox.messages.map(({ subject }) => subject),
    ["good"],
  );
  client.destroy();
});

test("a match that throws refuses that message with 4yz or 5yz, and no other", async () => {
  await using inbox = await startInbox(QUIET);
  const rule = inbox.refuse({
    message: () => {
      throw new Error("bad rule");
    },
  });
  const client = await greeted(inbox);
  assert.match(await client.deliver("Subject: x\n\n"), /^[45]\d\d .*bad rule/);
  rule.remove();
  assert.match(await client.deliver("Subject: x\n\n"), /^250 /);
  client.destroy();
});

test("a rule ends after its times, when it is removed, and at the end of its block", async () => {
  await using inbox = await startInbox(QUIET);
  const client = await greeted(inbox);
  inbox.refuse({ sender: /./ }, "450 4.2.0 Once", { times: 1 });
  assert.deepEqual(
    (await client.sayAll("MAIL FROM:<a@b>", "MAIL FROM:<a@b>", "RSET")).map((reply) => reply.slice(0, 3)),
    ["450", "250", "250"],
  );
  {
    using _rule = inbox.refuse({ sender: /./ });
    assert.match(await client.say("MAIL FROM:<a@b>"), /^550 /);
  }
  inbox.refuse({ sender: /./ });
  inbox.removeRules();
  assert.match(await client.say("MAIL FROM:<a@b>"), /^250 /);
  client.destroy();
});

const SCRIPT: readonly (readonly [phase: DropPhase, lines: readonly string[]])[] = [
  ["hello", ["EHLO me"]],
  ["auth", ["EHLO me", "AUTH PLAIN AGEAYg=="]],
  ["mail", ["EHLO me", "MAIL FROM:<a@b>"]],
  ["rcpt", ["EHLO me", "MAIL FROM:<a@b>", "RCPT TO:<a@b>"]],
  ["data", ["EHLO me", "MAIL FROM:<a@b>", "RCPT TO:<a@b>", "DATA"]],
  ["content", ["EHLO me", "MAIL FROM:<a@b>", "RCPT TO:<a@b>", "DATA", "Subject: x\r\n\r\n."]],
  ["quit", ["QUIT"]],
];

for (const [phase, lines] of SCRIPT) {
  test(`the connection is cut after ${phase}, without a reply`, async () => {
    await using inbox = await startInbox({ ...QUIET, auth: "any" });
    inbox.dropAfter(phase, { times: 1 });
    for (const last of ["", undefined]) {
      const client = await Dialogue.open(inbox.smtpPort);
      const replies = await client.sayAll(...lines);
      if (last === "") assert.equal(replies.at(-1), "");
      else assert.match(replies.at(-1) ?? "", /^[23]\d\d/);
      client.destroy();
    }
  });
}

test("after connect there is not even a greeting", async () => {
  await using inbox = await startInbox(QUIET);
  inbox.dropAfter("connect", { times: 1 });
  const client = await Dialogue.open(inbox.smtpPort);
  await client.closed();
  const other = await greeted(inbox);
  other.destroy();
});

test("after STARTTLS there is no handshake", async () => {
  await using inbox = await startInbox({ ...QUIET, tls: "starttls" });
  inbox.dropAfter("tls");
  const client = await greeted(inbox);
  assert.equal(await client.say("STARTTLS"), "");
});

test("a message whose reply was cut off is kept: its client cannot know", async () => {
  await using inbox = await startInbox(QUIET);
  inbox.dropAfter("content");
  const client = await greeted(inbox);
  assert.equal(await client.deliver("Subject: kept\n\n"), "");
  assert.equal(inbox.messages[0]?.subject, "kept");
});

test("every reply waits for the delay, and the longest of several counts", async (t) => {
  t.after(() => {
    globalThis.setTimeout = original;
  });
  await using inbox = await startInbox(QUIET);
  const rule = inbox.delay(20);
  inbox.delay(1);
  const waits: number[] = [];
  const original = globalThis.setTimeout;
  // No mock of a method: on Deno timers are accessors.
  globalThis.setTimeout = ((step: () => void, ms = 0) => {
    if (ms === 20) waits.push(ms);
    return original(step, ms === 20 ? 0 : ms);
  }) as typeof setTimeout;
  const client = await greeted(inbox);
  assert.match(await client.deliver("Subject: slow\n\n"), /^250 /);
  // The greeting, EHLO, MAIL, RCPT, DATA and the content.
  assert.equal(waits.length, 6);
  rule.remove();
  client.destroy();
});

test("close does not wait for the delay", async () => {
  const inbox = await startInbox(QUIET);
  const client = await greeted(inbox);
  inbox.delay(60_000);
  client.write("NOOP\r\n");
  await inbox.close();
  await client.closed();
});

test("a bad rule is an error that names what is wrong with it", async () => {
  await using inbox = await startInbox(QUIET);
  for (const [wrong, option] of [
    [() => inbox.refuse({}), "match"],
    [() => inbox.refuse({ sender: 5 as never }), "match.sender"],
    [() => inbox.refuse({ recipient: null as never }), "match.recipient"],
    [() => inbox.refuse({ message: "x" as never }), "match.message"],
    [() => inbox.refuse({ sender: "a" }, "250 OK"), "reply"],
    [() => inbox.refuse({ sender: "a" }, "550 a\r\n250 b"), "reply"],
    [() => inbox.refuse({ sender: "a" }, "no"), "reply"],
    [() => inbox.refuse({ sender: "a" }, "550 x", { times: 0 }), "times"],
    [() => inbox.delay(-1), "ms"],
    [() => inbox.delay(Number.NaN), "ms"],
    [() => inbox.dropAfter("greeting" as never), "phase"],
  ] as const) {
    assert.throws(wrong, (error) => error instanceof InboxOptionError && error.option === option, option);
  }
});

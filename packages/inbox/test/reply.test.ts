import assert from "node:assert/strict";
import { test } from "node:test";
import { type Inbox, startInbox } from "../src/inbox.js";
import { Dialogue } from "./support/dialogue.js";
import { ask } from "./support/mail.js";
import { Pop3Dialogue } from "./support/pop3.js";

const OPTIONS = { smtpPort: 0, webPort: 0 } as const;
const TICKET = `From: Support <support@example.com>
Reply-To: Ticket 17 <ticket+17@example.com>
To: ben@example.com
Subject: Your ticket
Message-ID: <second@example.com>
References: <first@example.com>

What is wrong?
`;

async function deliver(inbox: Inbox, content: string, recipients = ["ben@example.com"]): Promise<string> {
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  const reply = await client.deliver(content, "bounces@example.com", recipients);
  client.destroy();
  return /queued as (\w+)/.exec(reply)?.[1] ?? "";
}

async function reply(
  inbox: Inbox,
  id: string,
  body: unknown,
): Promise<{ status: number; body: Record<string, string> }> {
  const { status, body: text } = await ask(inbox, `/api/messages/${id}/reply`, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status, body: JSON.parse(text) };
}

test("a reply arrives in the inbox: from the recipient, to Reply-To, in the thread; POP3 reads it", async () => {
  await using inbox = await startInbox({ ...OPTIONS, pop3Port: 0 });
  const { status, body } = await reply(inbox, await deliver(inbox, TICKET), { text: "It hums.\n.\nÜber all." });
  assert.equal(status, 200);
  const sent = inbox.messages[1];
  assert.equal(sent?.id, body["id"]);
  assert.deepEqual(sent?.envelope, { sender: "ben@example.com", recipients: ["ticket+17@example.com"] });
  assert.deepEqual(sent?.to, [{ name: "Ticket 17", address: "ticket+17@example.com" }]);
  assert.equal(sent?.from?.address, "ben@example.com");
  assert.equal(sent?.subject, "Re: Your ticket");
  assert.equal(sent?.headers.get("In-Reply-To"), "<second@example.com>");
  assert.match(sent?.headers.get("References") ?? "", /^<first@example\.com>\s+<second@example\.com>$/);
  assert.equal(sent?.text?.trimEnd(), "It hums.\n.\nÜber all.");
  const client = await Pop3Dialogue.open(inbox.pop3Port ?? 0);
  assert.match(await client.logIn("ticket+17@example.com"), /^\+OK 1 messages/);
  client.destroy();
});

test("without Reply-To it goes to From; a subject has one Re; any recipient may reply, and nobody else", async () => {
  await using inbox = await startInbox(OPTIONS);
  const id = await deliver(inbox, "From: Shop <shop@example.com>\nSubject: RE: Hi\n\n", [
    "ben@example.com",
    "cyd@example.com",
  ]);
  assert.equal((await reply(inbox, id, { text: "", from: "cyd@example.com" })).status, 200);
  assert.deepEqual(inbox.messages[1]?.envelope, { sender: "cyd@example.com", recipients: ["shop@example.com"] });
  assert.equal(inbox.messages[1]?.subject, "RE: Hi");
  const { status, body } = await reply(inbox, id, { text: "x", from: "eve@example.com" });
  assert.equal(status, 409);
  assert.match(body["error"] ?? "", /from must be one of the recipients/);
});

test("a reply is of the user that the message is of, and rules can refuse it", async () => {
  await using inbox = await startInbox({ ...OPTIONS, auth: "any" });
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  await client.say(`AUTH PLAIN ${Buffer.from("\0shop\0x").toString("base64")}`);
  await client.deliver(TICKET.trimEnd());
  client.destroy();
  const id = inbox.messages[0]?.id ?? "";
  assert.equal((await reply(inbox, id, { text: "x" })).status, 200);
  assert.equal(inbox.messages[1]?.username, "shop");
  inbox.refuse({ message: ({ subject }) => subject?.startsWith("Re:") === true }, "554 5.6.0 No replies");
  const { status, body } = await reply(inbox, id, { text: "x" });
  assert.deepEqual([status, body["error"]], [409, "There is no reply: A rule refused it: 554 5.6.0 No replies"]);
  assert.equal(inbox.messages.length, 2);
});

test("a body that is none, a message that is gone, and nobody to reply to are said", async () => {
  await using inbox = await startInbox(OPTIONS);
  const id = await deliver(inbox, TICKET);
  for (const body of ["", "[]", "null", "{}", '{"text":7}', '{"text":"x","from":null}'])
    assert.equal((await reply(inbox, id, body)).status, 400, body);
  assert.equal((await reply(inbox, id, { text: "x".repeat(600_000) })).status, 413);
  assert.equal((await reply(inbox, "0000", { text: "x" })).status, 404);
  const nobody = await deliver(inbox, "Subject: nobody\n\n");
  const { status, body } = await reply(inbox, nobody, { text: "x" });
  assert.equal(status, 409);
  assert.match(body["error"] ?? "", /Neither Reply-To nor From/);
  assert.equal(inbox.messages.length, 2);
});

test("a hostile message makes no header of its own in the reply", async () => {
  await using inbox = await startInbox(OPTIONS);
  const many = Array.from({ length: 60 }, (_, index) => `a${index}@example.com`).join(", ");
  for (const field of [
    "Reply-To: =?utf-8?q?a=0D=0ABcc:_eve@example.com?= <a@example.com>",
    "Subject: =?utf-8?q?x=0D=0ABcc:_eve@example.com?=",
    "Message-ID: <a@b>\n Bcc: <eve@example.com>",
    "Reply-To: <a@example.com\0>",
    `Reply-To: ${many}`,
    `References: ${"<a@b> ".repeat(5000)}`,
  ]) {
    const id = await deliver(inbox, `From: x@example.com\n${field}\n\n`);
    const { status } = await reply(inbox, id, { text: "x" });
    assert.ok(status === 200 || status === 409, field);
    if (status === 409) continue;
    const sent = inbox.messages.at(-1);
    assert.equal(sent?.headers.get("Bcc"), undefined, field);
    assert.ok(!sent?.envelope.recipients.includes("eve@example.com"), field);
    assert.ok((sent?.headers.get("References")?.length ?? 0) < 1000, field);
  }
});

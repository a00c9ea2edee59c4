import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { EmailMessage } from "../../src/message/email-message.js";
import type { DeliveryOptions } from "../../src/options/delivery-options.js";
import { deliveryOptions } from "../../src/options/delivery-options.js";
import { type MessageInput, prepareSubmission } from "../../src/submission/prepare.js";
import type { Submission } from "../../src/submission/submission.js";
import { parseCapabilities } from "../../src/wire/capabilities.js";
import { makeReply } from "../../src/wire/reply.js";

const PLAIN = parseCapabilities(makeReply(250, ["x"]));
const FULL = parseCapabilities(makeReply(250, ["x", "8BITMIME", "SMTPUTF8"]));
const FIELDS = { from: "s@s.example", to: "r@r.example", subject: "Hi", text: "Hello" } as const;

function prepare(message: unknown, options: DeliveryOptions = {}): Submission {
  const prepared = prepareSubmission(message as MessageInput, deliveryOptions(options));
  assert.ok(!(prepared instanceof Promise), "nothing is waited for");
  return prepared;
}

async function wire(submission: Submission, capabilities = FULL): Promise<string> {
  const { content } = await submission.open(capabilities);
  assert.ok(content.kind === "bytes");
  return Buffer.from(content.bytes).toString("latin1");
}

test("a raw message needs its envelope in the options", () => {
  const { envelope, messageId } = prepare("a\r\n", { sender: "", recipients: "r@r.example" });
  assert.equal(envelope.sender, undefined);
  assert.equal(messageId, undefined);
  assert.throws(() => prepare("a", { recipients: "r@r.example" }), { name: "OptionError", option: "sender" });
  assert.throws(() => prepare("a", { sender: "" }), { name: "OptionError", option: "recipients" });
});

test("a message's envelope is its own, and the options replace it", () => {
  const own = prepare(FIELDS).envelope;
  assert.deepEqual([own.sender?.address, own.recipients[0]?.address], ["s@s.example", "r@r.example"]);
  const given = prepare(FIELDS, { sender: "", recipients: ["x@y.example"] }).envelope;
  assert.deepEqual([given.sender, given.recipients.map(({ address }) => address)], [undefined, ["x@y.example"]]);
  const half = prepare({ from: "s@s.example", text: "x" }, { recipients: "x@y.example" }).envelope;
  assert.deepEqual([half.sender?.address, half.recipients[0]?.address], ["s@s.example", "x@y.example"]);
});

test("fields and an EmailMessage are the same message", async () => {
  for (const message of [FIELDS, new EmailMessage(FIELDS)]) {
    const submission = prepare(message);
    const text = await wire(submission);
    assert.ok(text.includes("Subject: Hi\r\n") && text.endsWith("\r\n\r\nHello\r\n"));
    assert.ok(text.includes(`Message-ID: ${submission.messageId}`));
  }
});

test("what is no message is an error", () => {
  for (const message of [undefined, null, 5, true]) {
    assert.throws(() => prepare(message, { sender: "", recipients: "r@r.example" }), { name: "MessageError" });
  }
});

test("8-bit text is encoded for a server that does not take it, and Bcc never leaves", async () => {
  const message = { ...FIELDS, bcc: "hidden@r.example", text: "grüße" };
  const submission = prepare(message);
  assert.equal(submission.envelope.recipients.length, 2);
  const eightBit = await submission.open(FULL);
  assert.equal(eightBit.content.hasEightBit, true);
  const plain = await submission.open(PLAIN);
  assert.equal(plain.content.hasEightBit, false);
  for (const text of [await wire(submission, FULL), await wire(submission, PLAIN)]) {
    assert.doesNotMatch(text, /hidden|^bcc/im);
  }
});

test("opened twice, for two servers, it is the same message with the same Message-ID", async () => {
  const submission = prepare(FIELDS);
  assert.equal(await wire(submission), await wire(submission));
});

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { EmailMessage } from "../../src/message/email-message.js";
import { messageNeedsEightBit, messageNeedsUtf8 } from "../../src/message/entity.js";
import { MimeMultipart } from "../../src/message/mime-part.js";

test("only a local part beyond ASCII in a header for the wire needs UTF-8", () => {
  const needs = (fields: ConstructorParameters<typeof EmailMessage>[0]): boolean =>
    messageNeedsUtf8(new EmailMessage(fields));
  assert.ok(needs({ from: "jürgen@example.org" }));
  assert.ok(needs({ to: ["a@example.org", "Bob <böb@example.org>"] }));
  assert.ok(!needs({ from: "Jürgen <j@exämple.org>", subject: "Grüße", text: "Grüße" }));
  assert.ok(!needs({ bcc: "jürgen@example.org" }));
});

test("only content that may not be encoded, or was asked to stay, needs eight bits", () => {
  const inner = new EmailMessage({ text: "Grüße" });
  const raw = { content: Buffer.from("Grüße"), contentType: "message/rfc822" };
  assert.ok(!messageNeedsEightBit(new EmailMessage({ text: "Grüße", attachments: [{ content: inner }] })));
  assert.ok(messageNeedsEightBit(new EmailMessage({ text: "x", attachments: [raw] })));
  assert.ok(messageNeedsEightBit(new EmailMessage({ text: { content: "Grüße", encoding: "8bit" } })));
  assert.ok(messageNeedsEightBit(new EmailMessage().setContent("é", { contentType: "message/rfc822" })));
  assert.ok(!messageNeedsEightBit(new EmailMessage()));
});

test("a part that holds itself does not hang the question", () => {
  const outer = new MimeMultipart();
  outer.attach(outer);
  assert.ok(!messageNeedsEightBit(outer));
});

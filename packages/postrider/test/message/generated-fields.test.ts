import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { EmailMessage } from "../../src/message/email-message.js";
import { formatDate, readMessageId } from "../../src/message/generated-fields.js";
import { randomBoundary, randomToken } from "../../src/message/random-token.js";
import { fault } from "./support.js";

test("a date is written in UTC as RFC 5322 has it", () => {
  assert.equal(formatDate(new Date(Date.UTC(2025, 0, 2, 3, 4, 5)), "date"), "Thu, 02 Jan 2025 03:04:05 +0000");
  assert.throws(() => formatDate(new Date(Date.UTC(1899, 0, 1)), "date"), fault("message", "date", /1899/));
});

test("the identifier that is shown is the one that is sent", async () => {
  const message = new EmailMessage({ from: "ann@example.org", text: "x" });
  const id = readMessageId(message);
  assert.match(id, /^<[0-9a-f]{32}@example\.org>$/);
  assert.ok(Buffer.from(await message.toBytes()).includes(`Message-ID: ${id}\r\n`));
  assert.equal(readMessageId(message), id);
  assert.equal(readMessageId(new EmailMessage({ messageId: "a@b" })), "<a@b>");
});

test("tokens are 128 bits and never the same", () => {
  const tokens = new Set(Array.from({ length: 2000 }, randomToken));
  assert.equal(tokens.size, 2000);
  for (const token of tokens) assert.match(token, /^[0-9a-f]{32}$/);
  assert.match(randomBoundary(), /^=_[0-9a-f]{32}$/);
});

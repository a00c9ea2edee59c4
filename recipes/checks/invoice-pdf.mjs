import assert from "node:assert/strict";
import { inboxForRecipe } from "./support.mjs";

const inbox = await inboxForRecipe();
// The first connection breaks: the pool draws the invoice again.
inbox.dropAfter("mail", { times: 1 });
const { pool, sendInvoice } = await import("./out/invoice.js");
const numbers = Array.from({ length: 20 }, (_, index) => `2026-${index}`);
await Promise.all(numbers.map((number) => sendInvoice({ number, email: "ben@example.com", total: "42 EUR" })));
await pool.close();
assert.equal(inbox.messages.length, numbers.length);
for (const { attachments } of inbox.messages) {
  const [{ filename, contentType, content }] = attachments;
  assert.match(filename, /^invoice-2026-\d+\.pdf$/);
  assert.equal(contentType, "application/pdf");
  const bytes = Buffer.from(content).toString("latin1");
  assert.ok(bytes.startsWith("%PDF-") && bytes.trimEnd().endsWith("%%EOF"));
}
await inbox.close();

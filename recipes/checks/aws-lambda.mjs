import assert from "node:assert/strict";
import { assertSent } from "@postrider/inbox";
import { inboxForRecipe } from "./support.mjs";

const inbox = await inboxForRecipe();
inbox.refuse({ recipient: "busy@example.com" }, "451 4.3.0 Try again later");
inbox.refuse({ recipient: "gone@example.com" }, "550 5.1.1 No such user");
const { handler } = await import("./out/handler.js");
const Records = ["ben", "busy", "gone", "cyd"].map((name, index) => ({
  messageId: `m${index}`,
  body: JSON.stringify({ email: `${name}@example.com`, number: index }),
}));
// One that is malformed goes back alone: the others were sent, and must not be sent again.
Records.push({ messageId: "torn", body: "{" });
console.error = () => undefined;

assert.deepEqual(await handler({ Records }), {
  batchItemFailures: [{ itemIdentifier: "m1" }, { itemIdentifier: "torn" }],
});
await assertSent(inbox, {
  to: "ben@example.com",
  subject: "Your order 0",
  headers: { "Message-ID": "<m0@shop.example>" },
});
await assertSent(inbox, { to: "cyd@example.com", subject: "Your order 3" });
assert.equal(inbox.messages.length, 2);
await inbox.close();
// Nothing is left open: the process ends by itself.

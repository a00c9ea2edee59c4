import assert from "node:assert/strict";
import { assertSent } from "@postrider/inbox";
import { inboxForRecipe } from "./support.mjs";

const inbox = await inboxForRecipe();
const { sendReceipt } = await import("./out/receipt.js");
await sendReceipt("ben@example.com", { name: "Ben & Co", lines: [{ title: "A <b>lamp</b>", price: "20 EUR" }] });
const { html, text } = await assertSent(inbox, { to: "ben@example.com", subject: "Your receipt" });
assert.match(html, /Hello Ben &amp; Co,.*A &lt;b&gt;lamp&lt;\/b&gt;/);
assert.match(text, /Hello Ben & Co,\s+A <b>lamp<\/b>: 20 EUR/);
assert.throws(() => sendReceipt("ben@example.com", { lines: [] }), /"name" not defined/);
await inbox.close();

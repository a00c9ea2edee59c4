import assert from "node:assert/strict";
import { assertSent } from "@postrider/inbox";
import { inboxForRecipe } from "./support.mjs";

const inbox = await inboxForRecipe();
const { sendWelcome } = await import("./out/send-welcome.js");
await sendWelcome("ben@example.com", "Ben <b>");
const { html, text } = await assertSent(inbox, { to: "ben@example.com", subject: "Confirm your address" });
assert.match(html, /Hello .*Ben &lt;b&gt;/);
assert.match(html, /href="https:\/\/shop\.example\/confirm\/17"/);
assert.match(text, /Hello Ben <b>/);
await inbox.close();

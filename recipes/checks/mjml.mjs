import assert from "node:assert/strict";
import { assertSent } from "@postrider/inbox";
import { inboxForRecipe } from "./support.mjs";

const inbox = await inboxForRecipe();
const { sendOffer } = await import("./out/send-offer.js");
await sendOffer("ben@example.com", "Ben & <Co>");
const { html, text } = await assertSent(inbox, { to: "ben@example.com", subject: "An offer" });
assert.match(html, /Hello Ben &amp; &lt;Co&gt;/);
assert.match(html, /<table/);
assert.match(text, /Hello Ben & <Co>/);
await inbox.close();

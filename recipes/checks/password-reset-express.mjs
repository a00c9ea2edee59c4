import assert from "node:assert/strict";
import { assertNotSent, assertSent } from "@postrider/inbox";
import { inboxForRecipe, listen, postJson } from "./support.mjs";

const inbox = await inboxForRecipe();
const { app, pool } = await import("./out/app.js");
const { url, close } = await listen(app);

const known = await postJson(`${url}/password-reset`, { email: " Ben@example.com" });
const { text, envelope } = await assertSent(inbox, { to: "ben@example.com", subject: "Your new password" });
assert.match(text, /https:\/\/shop\.example\/reset\?token=[\w-]{43}/);
assert.deepEqual(envelope.recipients, ["ben@example.com"]);

const answers = [];
for (const email of ["nobody@example.com", "ben@example.com, eve@example.net", ["ben@example.com"], undefined]) {
  answers.push(await postJson(`${url}/password-reset`, { email }));
}
for (const answer of answers) assert.deepEqual(answer, known);
await pool.close();
assertNotSent(inbox, { to: "eve@example.net" });
assert.equal(inbox.messages.length, 1);
await close();
await inbox.close();

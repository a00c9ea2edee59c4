import assert from "node:assert/strict";
import { assertSent } from "@postrider/inbox";
import { inboxForRecipe } from "./support.mjs";

const inbox = await inboxForRecipe();
const { app, pool } = await import("./out/app.js");
const post = (body) => app.request("/welcome", { method: "POST", body: JSON.stringify(body) });

assert.equal((await post({ email: "ben@example.com" })).status, 202);
await assertSent(inbox, { to: "ben@example.com", subject: "Welcome" });
assert.equal((await post({})).status, 400);
assert.equal((await post({ email: "ben@example.com, eve@example.net" })).status, 400);
inbox.refuse({ recipient: /ben/ }, "550 5.1.1 No such user");
assert.equal((await post({ email: "ben@example.com" })).status, 503);
assert.equal(inbox.messages.length, 1);
await pool.close();
await inbox.close();

import assert from "node:assert/strict";
import { assertSent } from "@postrider/inbox";
import { inboxForRecipe } from "./support.mjs";

const inbox = await inboxForRecipe();
const { buildApp } = await import("./out/app.js");
const app = buildApp(process.env.SMTP_URL);
const post = (payload) => app.inject({ method: "POST", url: "/welcome", payload });

assert.equal((await post({ email: "ben@example.com" })).statusCode, 202);
await assertSent(inbox, { to: "ben@example.com", subject: "Welcome" });

const twice = await post({ email: "ben@example.com, eve@example.net" });
assert.equal(twice.statusCode, 400);
assert.equal(twice.json().code, "address");
assert.equal((await post({})).statusCode, 400);

inbox.refuse({ sender: /./ }, "451 4.3.0 Try again later");
const busy = await post({ email: "ben@example.com" });
assert.deepEqual([busy.statusCode, busy.json().message], [503, "Try again later."]);
assert.equal(inbox.messages.length, 1);
await app.close();
await inbox.close();

import assert from "node:assert/strict";
import { assertSent } from "@postrider/inbox";
import { inboxForRecipe, postJson } from "./support.mjs";

const inbox = await inboxForRecipe();
const { NestFactory } = await import("@nestjs/core");
const { AppModule } = await import("./out/app.module.js");
const { MailService } = await import("./out/mail.module.js");
const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, "127.0.0.1");
const url = await app.getUrl();

assert.equal((await postJson(`${url}/users`, { email: "ben@example.com" })).status, 202);
const { from } = await assertSent(inbox, { to: "ben@example.com", subject: "Welcome" });
assert.equal(from.name, "Example Shop");
assert.equal((await postJson(`${url}/users`, { email: "ben@example.com, eve@example.net" })).status, 400);
inbox.refuse({ recipient: "gone@example.com" }, "550 5.1.1 No such user");
assert.equal((await postJson(`${url}/users`, { email: "gone@example.com" })).status, 503);
assert.equal((await postJson(`${url}/users`, {})).status, 400);
assert.equal(inbox.messages.length, 1);
await app.close();
// Closed with the application.
await assert.rejects(app.get(MailService).send({ to: "ben@example.com", text: "" }));
await inbox.close();

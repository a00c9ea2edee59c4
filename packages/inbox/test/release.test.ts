import assert from "node:assert/strict";
import { test } from "node:test";
import { startInbox } from "../src/inbox.js";
import { ask, deliver } from "./support/mail.js";

test("a message is released to the one address of the options, whatever its recipients", async () => {
  await using outside = await startInbox({ smtpPort: 0, webPort: false });
  await using inbox = await startInbox({
    smtpPort: 0,
    webPort: 0,
    release: { to: "me@example.net", server: `smtp://127.0.0.1:${outside.smtpPort}` },
  });
  await deliver(
    inbox,
    "From: shop@example.com\nTo: customer@example.com\nCc: other@example.com\nSubject: Real\n\nHello.",
  );
  const path = `/api/messages/${inbox.messages[0]?.id}/release`;
  const { status, body } = await ask(inbox, path, { method: "POST", body: '{"to":"customer@example.com"}' });
  assert.equal(status, 200);
  assert.match(JSON.parse(body).reply, /^250 /);
  const [sent] = outside.messages;
  assert.deepEqual(sent?.envelope, { sender: "me@example.net", recipients: ["me@example.net"] });
  assert.equal(sent?.headers.get("Resent-To"), "me@example.net");
  assert.equal(sent?.subject, "Real");
  assert.ok(Buffer.from(sent?.raw ?? []).includes(Buffer.from(inbox.messages[0]?.raw ?? [])));
});

test("without such an address nothing leaves; a server that is not there is said", async () => {
  await using closed = await startInbox({ smtpPort: 0, webPort: 0 });
  await deliver(closed, "Subject: x\n\n");
  assert.equal((await ask(closed, `/api/messages/${closed.messages[0]?.id}/release`, { method: "POST" })).status, 409);
  const gone = await startInbox({ smtpPort: 0, webPort: false });
  await gone.close();
  const release = { to: "me@example.net", server: `smtp://127.0.0.1:${gone.smtpPort}` };
  await using inbox = await startInbox({ smtpPort: 0, webPort: 0, release });
  await deliver(inbox, "Subject: x\n\n");
  const { status, body } = await ask(inbox, `/api/messages/${inbox.messages[0]?.id}/release`, { method: "POST" });
  assert.equal(status, 502);
  assert.match(JSON.parse(body).error, /^Not released: /);
});

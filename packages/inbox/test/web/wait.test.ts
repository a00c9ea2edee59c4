import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, deliver, withMail } from "../support/mail.js";

test("a message that is there is answered at once, one to come when it has come", async () => {
  await using inbox = await withMail("Subject: first\n\n");
  const first = await ask(inbox, "/api/messages/wait?q=subject:first");
  assert.equal(JSON.parse(first.body).subject, "first");
  const coming = ask(inbox, "/api/messages/wait?q=subject:second&timeout=60000");
  await deliver(inbox, "Subject: other\n\n", "Subject: second\n\n");
  assert.equal(JSON.parse((await coming).body).subject, "second");
});

test("none in time is 404, with those that are there", async () => {
  await using inbox = await withMail("Subject: first\n\n");
  const { status, body } = await ask(inbox, "/api/messages/wait?q=subject:second&timeout=0");
  assert.equal(status, 404);
  assert.match(JSON.parse(body).error, /^No matching message within 0 ms.*"first" from <sender@example\.com>/s);
});

test("a timeout that is no number of milliseconds is an error that names it", async () => {
  await using inbox = await withMail();
  for (const timeout of ["x", "-1", "1e3", "9999999"]) {
    const { status, body } = await ask(inbox, `/api/messages/wait?timeout=${timeout}`);
    assert.equal(status, 400);
    assert.match(JSON.parse(body).error, /^timeout: /);
  }
});

test("an inbox that closes ends the wait", async () => {
  const inbox = await withMail();
  const coming = ask(inbox, "/api/messages/wait?timeout=60000").catch((error: Error) => error);
  // One round trip later the wait has begun.
  await ask(inbox, "/api/inbox");
  await inbox.close();
  await coming;
});

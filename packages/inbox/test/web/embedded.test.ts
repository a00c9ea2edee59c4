import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApiMessage } from "../../src/web/api-types.js";
import { ask, withMail } from "../support/mail.js";

const within = (subject: string, inner: string): string =>
  `Subject: ${subject}\nContent-Type: multipart/mixed; boundary=${subject}\n\n--${subject}\nContent-Type: text/plain\n\nSee below.\n--${subject}\nContent-Type: message/rfc822\n\n${inner}\n--${subject}--\n`;

const NESTED = within(
  "outer",
  within("middle", "From: a@example.com\nSubject: inner\nContent-Type: text/html\n\n<b>deep</b>"),
);

test("a message within a message is one of its own, at any depth", async () => {
  await using inbox = await withMail(NESTED);
  const id = inbox.messages[0]?.id;
  const at = async (path: string): Promise<ApiMessage> => JSON.parse((await ask(inbox, `/api/messages/${path}`)).body);
  assert.equal((await at(`${id}.0`)).subject, "middle");
  const inner = await at(`${id}.0.0`);
  assert.deepEqual([inner.id, inner.subject, inner.html], [`${id}.0.0`, "inner", "<b>deep</b>"]);
  assert.match((await ask(inbox, `/messages/${id}.0.0/html`)).body, /<b>deep<\/b>/);
  assert.match((await ask(inbox, `/api/messages/${id}.0.0.eml`)).body, /^From: a@example\.com/);
  assert.equal((await ask(inbox, `/api/messages/${id}.0.0/checks`)).status, 200);
});

test("what is no message within the message is 404", async () => {
  await using inbox = await withMail(NESTED, "Subject: x\nContent-Type: application/pdf\n\nx");
  const [nested, pdf] = inbox.messages;
  for (const id of [
    `${nested?.id}.1`,
    `${nested?.id}.0.0.0`,
    `${nested?.id}.`,
    `${nested?.id}.x`,
    `${pdf?.id}.0`,
    "00.0",
  ])
    assert.equal((await ask(inbox, `/api/messages/${id}`)).status, 404, id);
});

test("a tower of messages is followed to a limit", async () => {
  let tower = "Subject: top\n\n";
  for (let level = 0; level < 12; level += 1) tower = within(`l${level}`, tower);
  await using inbox = await withMail(tower);
  const id = inbox.messages[0]?.id;
  assert.equal((await ask(inbox, `/api/messages/${id}${".0".repeat(8)}`)).status, 200);
  assert.equal((await ask(inbox, `/api/messages/${id}${".0".repeat(9)}`)).status, 404);
});

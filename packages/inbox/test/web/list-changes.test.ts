import assert from "node:assert/strict";
import { test } from "node:test";
import type { Inbox } from "../../src/inbox.js";
import { ask, withMail } from "../support/mail.js";

const three = (): Promise<Inbox> => withMail("Subject: one\n\n", "Subject: two\n\n", "Subject: three\n\n");
const subjects = (inbox: Inbox): unknown[] => inbox.messages.map(({ subject }) => subject);
const json = async (inbox: Inbox, path: string): Promise<Record<string, unknown>> =>
  JSON.parse((await ask(inbox, path)).body);

test("several are marked and deleted by their ids, and brought back to their places", async () => {
  await using inbox = await three();
  const [one, , last] = inbox.messages;
  const body = { ids: [one?.id, last?.id, "00"] };
  assert.equal(
    (await ask(inbox, "/api/messages", { method: "PATCH", body: JSON.stringify({ ...body, read: true }) })).status,
    204,
  );
  assert.equal((await json(inbox, "/api/messages"))["unread"], 1);
  assert.equal((await ask(inbox, "/api/messages", { method: "DELETE", body: JSON.stringify(body) })).status, 204);
  assert.deepEqual(subjects(inbox), ["two"]);
  const { body: restored } = await ask(inbox, "/api/messages/restore", { method: "POST" });
  assert.deepEqual(JSON.parse(restored), { restored: [one?.id, last?.id] });
  assert.deepEqual(subjects(inbox), ["one", "two", "three"]);
  assert.equal((await json(inbox, "/api/messages"))["unread"], 1);
  assert.deepEqual(JSON.parse((await ask(inbox, "/api/messages/restore", { method: "POST" })).body), { restored: [] });
});

test("what a search finds is marked and deleted, and nothing else", async () => {
  await using inbox = await three();
  await ask(inbox, "/api/messages?q=subject:t", { method: "PATCH", body: '{"read":true}' });
  assert.equal((await json(inbox, "/api/messages"))["unread"], 1);
  await ask(inbox, "/api/messages?q=is:read", { method: "DELETE" });
  assert.deepEqual(subjects(inbox), ["one"]);
});

test("a search without conditions deletes nothing, and a wrong body is an error", async () => {
  await using inbox = await three();
  for (const q of ["", "to:", "-"])
    assert.equal((await ask(inbox, `/api/messages?q=${q}`, { method: "DELETE" })).status, 400, q);
  for (const body of ["[]", "{", '{"ids":"x"}', '{"ids":[1]}', "null"])
    assert.equal((await ask(inbox, "/api/messages", { method: "DELETE", body })).status, 400, body);
  for (const body of ["{}", '{"read":1}'])
    assert.equal((await ask(inbox, "/api/messages", { method: "PATCH", body })).status, 400, body);
  const long = " ".repeat(600 * 1024);
  assert.equal((await ask(inbox, "/api/messages", { method: "DELETE", body: long })).status, 413);
  assert.equal(inbox.messages.length, 3);
});

test("mail falls into boxes by recipient and by user", async () => {
  await using inbox = await three();
  assert.deepEqual(await json(inbox, "/api/boxes"), {
    recipients: [{ name: "you@example.com", total: 3, unread: 3 }],
    users: [],
  });
});

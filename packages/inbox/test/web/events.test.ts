import assert from "node:assert/strict";
import { get, type IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { test } from "node:test";
import type { Inbox } from "../../src/inbox.js";
import { parseMessage } from "../../src/parse-message.js";
import { MessageStore } from "../../src/store/message-store.js";
import { EventFeed } from "../../src/web/event-feed.js";
import { ask, deliver, withMail } from "../support/mail.js";

/** Listens; each call of the function returned is the next event, as its name and data. */
async function listen(
  inbox: Inbox,
): Promise<{ next: () => Promise<[string, Record<string, unknown>]>; end: () => void }> {
  const response = await new Promise<IncomingMessage>((resolve) =>
    get({ host: "127.0.0.1", port: inbox.webPort, path: "/api/events", agent: false }, resolve),
  );
  assert.equal(response.headers["content-type"], "text/event-stream");
  const lines = createInterface(response)[Symbol.asyncIterator]();
  const next = async (): Promise<[string, Record<string, unknown>]> => {
    let name = "";
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) return ["end", {}];
      if (value.startsWith("event: ")) name = value.slice(7);
      if (value.startsWith("data: ")) return [name, JSON.parse(value.slice(6))];
    }
  };
  return { next, end: () => response.destroy() };
}

test("arrival, reading and deletion are told as they happen, with the new counts", async () => {
  await using inbox = await withMail();
  const events = await listen(inbox);
  assert.deepEqual(await events.next(), ["hello", { total: 0, unread: 0 }]);
  await deliver(inbox, "Subject: one\n\n");
  const [name, data] = await events.next();
  assert.equal(name, "added");
  assert.equal((data["message"] as { subject: string }).subject, "one");
  assert.deepEqual([data["total"], data["unread"]], [1, 1]);
  const id = inbox.messages[0]?.id;
  await ask(inbox, `/api/messages/${id}`, { method: "PATCH", body: '{"read":true}' });
  assert.deepEqual(await events.next(), ["read", { total: 1, unread: 0, id, read: true }]);
  inbox.clear();
  assert.deepEqual(await events.next(), ["removed", { total: 0, unread: 0, ids: [id] }]);
  events.end();
});

test("the stream ends when the inbox closes", async () => {
  const inbox = await withMail();
  const events = await listen(inbox);
  await events.next();
  const end = assert.rejects(events.next(), /aborted/).catch(() => undefined);
  await inbox.close();
  await end;
});

test("a listener that sleeps while much arrives is told once to ask again", async () => {
  const store = new MessageStore({ maxMessages: 1000, maxBytes: 1_000_000 });
  const feed = new EventFeed(store);
  const events = feed.events();
  assert.equal((await events.next()).value?.event, "hello");
  const raw = Buffer.from("Subject: x\r\n\r\n");
  for (let index = 0; index < 600; index += 1) {
    const envelope = { sender: "", recipients: [] };
    const facts = { id: String(index), receivedAt: new Date(0), envelope, raw, secure: false, username: undefined };
    store.add(await parseMessage(facts));
  }
  assert.deepEqual((await events.next()).value, { event: "resync", data: '{"total":600,"unread":600}' });
  store.markRead("5", true);
  assert.equal((await events.next()).value?.event, "read");
  feed.close();
  assert.equal((await events.next()).done, true);
});

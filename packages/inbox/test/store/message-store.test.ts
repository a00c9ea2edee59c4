import assert from "node:assert/strict";
import { test } from "node:test";
import { InboxOptionError, InboxTimeoutError } from "../../src/errors.js";
import type { InboxMessage } from "../../src/message.js";
import { parseMessage } from "../../src/parse-message.js";
import { MessageStore } from "../../src/store/message-store.js";

let count = 0;
async function message(subject: string, padding = 0): Promise<InboxMessage> {
  count += 1;
  return parseMessage({
    id: String(count),
    receivedAt: new Date(0),
    envelope: { sender: "a@example.com", recipients: ["b@example.com"] },
    raw: Buffer.from(`Subject: ${subject}\r\n\r\n${"x".repeat(padding)}`),
    secure: false,
    username: undefined,
  });
}

const store = (limits: { maxMessages?: number; maxBytes?: number } = {}): MessageStore =>
  new MessageStore({ maxMessages: 1000, maxBytes: 1_000_000, ...limits });
const subjects = (of: MessageStore): unknown[] => of.messages.map((m) => m.subject);

test("waitFor finds what is already there, the oldest first", async () => {
  const kept = store();
  for (const subject of ["one", "two"]) kept.add(await message(subject));
  assert.equal((await kept.waitFor(() => true)).subject, "one");
});

test("waitFor waits for what comes later, each waiter for its own", async () => {
  const kept = store();
  const one = kept.waitFor((m) => m.subject === "one");
  const two = kept.waitFor((m) => m.subject === "two");
  kept.add(await message("two"));
  kept.add(await message("one"));
  assert.deepEqual([(await one).subject, (await two).subject], ["one", "two"]);
});

test("waitFor past its timeout tells what did arrive", async () => {
  const kept = store();
  await assert.rejects(
    kept.waitFor(() => false, { timeout: 1 }),
    /No message that fits in 1 ms\. The inbox is empty\./,
  );
  kept.add(await message("almost"));
  await assert.rejects(
    kept.waitFor(() => false, { timeout: 1 }),
    (error) => {
      assert.ok(error instanceof InboxTimeoutError);
      assert.equal(error.timeout, 1);
      assert.match(error.message, /"almost" from <a@example\.com> to <b@example\.com>/);
      return true;
    },
  );
});

test("waitFor rejects with the reason of its signal, before and while it waits", async () => {
  const kept = store();
  const reason = new Error("enough");
  await assert.rejects(
    kept.waitFor(() => true, { signal: AbortSignal.abort(reason) }),
    reason,
  );
  const controller = new AbortController();
  const waiting = kept.waitFor(() => true, { signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(waiting, reason);
});

test("a predicate that throws rejects its own wait only", async () => {
  const kept = store();
  const bad = assert.rejects(
    kept.waitFor(() => {
      throw new Error("bad predicate");
    }),
    /bad predicate/,
  );
  const good = kept.waitFor(() => true);
  kept.add(await message("one"));
  await bad;
  assert.equal((await good).subject, "one");
});

test("a timeout that is no number is refused", async () => {
  await assert.rejects(
    store().waitFor(() => true, { timeout: Number.NaN }),
    InboxOptionError,
  );
});

test("the oldest make room: by number", async () => {
  const kept = store({ maxMessages: 2 });
  for (const subject of ["one", "two", "three"]) kept.add(await message(subject));
  assert.deepEqual(subjects(kept), ["two", "three"]);
});

test("the oldest make room: by bytes", async () => {
  const kept = store({ maxBytes: 1000 });
  for (const subject of ["one", "two", "three"]) kept.add(await message(subject, 400));
  assert.deepEqual(subjects(kept), ["two", "three"]);
  kept.add(await message("large", 900));
  assert.deepEqual(subjects(kept), ["large"]);
  kept.clear();
  for (const subject of ["four", "five"]) kept.add(await message(subject, 400));
  assert.deepEqual(subjects(kept), ["four", "five"]);
});

test("a list taken before is not changed by what comes after", async () => {
  const kept = store();
  kept.add(await message("one"));
  const before = kept.messages;
  kept.add(await message("two"));
  assert.equal(before.length, 1);
  assert.equal(kept.messages.length, 2);
});

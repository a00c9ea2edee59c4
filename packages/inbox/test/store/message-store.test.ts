import assert from "node:assert/strict";
import { test } from "node:test";
import { InboxOptionError, InboxTimeoutError } from "../../src/errors.js";
import type { InboxMessage } from "../../src/message.js";
import { parseMessage } from "../../src/parse-message.js";
import { keptSize } from "../../src/store/kept-size.js";
import { MessageStore } from "../../src/store/message-store.js";
import { parsed } from "../support/parsed.js";

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
    /No matching message within 1 ms\. The inbox is empty\./,
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

test("the oldest make room: by bytes, of what came and of what was parsed from it", async () => {
  const kept = store({ maxBytes: 100_000 });
  for (const subject of ["one", "two", "three"]) kept.add(await message(subject, 20_000));
  assert.deepEqual(subjects(kept), ["two", "three"]);
  kept.add(await message("large", 45_000));
  assert.deepEqual(subjects(kept), ["large"]);
  kept.clear();
  for (const subject of ["four", "five"]) kept.add(await message(subject, 20_000));
  assert.deepEqual(subjects(kept), ["four", "five"]);
});

test("a message is told before those that make room for it", async () => {
  const kept = store({ maxMessages: 1 });
  kept.add(await message("old"));
  const told: string[] = [];
  kept.listen(({ type }) => told.push(type));
  kept.add(await message("new"));
  assert.deepEqual(told, ["added", "removed"]);
});

test("the newest stays, though it takes more than there is", async () => {
  const kept = store({ maxBytes: 1000 });
  for (const subject of ["one", "two"]) kept.add(await message(subject, 900));
  assert.deepEqual(subjects(kept), ["two"]);
});

test("what a message takes counts its bytes, its text in either width, its attachments, fields and addresses", async () => {
  const size = async (content: string): Promise<number> => keptSize(await parsed(content));
  const bare = await size("\n");
  const body = "x".repeat(10_000);
  const near = (actual: number, expected: number): void =>
    assert.ok(actual >= expected && actual < expected + 2000, `${actual} for ${expected}`);
  near((await size(`\n${body}`)) - bare, 20_000);
  near((await size(`Content-Type: text/plain; charset=utf-8\n\n\u2603${body}`)) - bare, 30_000);
  near((await size(`Content-Type: text/html\n\n${body}`)) - bare, 20_000);
  near((await size(`Content-Type: application/x\n\n${body}`)) - bare, 20_000);
  assert.ok((await size(`${"a:\n".repeat(1000)}\n`)) - bare > 64_000);
  assert.ok((await size(`To: ${"a@b,".repeat(1000)}\n\n`)) - bare > 64_000);
});

test("a list taken before is not changed by what comes after", async () => {
  const kept = store();
  kept.add(await message("one"));
  const before = kept.messages;
  kept.add(await message("two"));
  assert.equal(before.length, 1);
  assert.equal(kept.messages.length, 2);
});

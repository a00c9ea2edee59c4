/**
 * What people look at, over every database: the list, one message's events and content, replies.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Outbox } from "../../src/index.js";
import { type Clock, MAIL, type OpenGround, stageForEach } from "./ground.js";
import type { ScriptedTransport } from "./transport.js";

const NO_SUCH_ID = "00000000-0000-7000-8000-000000000000";

export function lookSuite(name: string, open: OpenGround): void {
  describe(name, () => {
    let clock: Clock;
    let transport: ScriptedTransport;
    let outbox: Outbox;

    stageForEach(open, (stage) => {
      ({ clock, transport, outbox } = stage);
    });

    test("find() gives the oldest first, or the newest, over many pages, each once", async () => {
      const ids: string[] = [];
      for (let round = 0; round < 3; round += 1) {
        // Many have the same time.
        const some = Array.from({ length: 300 }, () => ({ message: MAIL }));
        for await (const { id } of outbox.enqueueAll(some)) ids.push(id);
        clock.advance(1);
      }
      const found = async (order?: "oldest" | "newest"): Promise<string[]> => {
        const all: string[] = [];
        for await (const { id } of outbox.find({ order })) all.push(id);
        return all;
      };
      const oldest = await found();
      assert.deepEqual(new Set(oldest), new Set(ids));
      assert.equal(oldest.length, ids.length);
      assert.deepEqual(await found("newest"), oldest.toReversed());
      assert.throws(() => outbox.find({ order: "youngest" as "newest" }), { code: "option", option: "order" });
    });

    test("history() is the events of one message, in order", async () => {
      transport.answers = () => 451;
      const { id } = await outbox.enqueue(MAIL);
      const other = await outbox.enqueue(MAIL);
      await outbox.deliver(id);
      await outbox.cancel(other.id);
      await outbox.cancel(id);
      const events = await outbox.history(id);
      assert.deepEqual(
        events.map(({ type, message, recipient, attempt }) => [type, message, recipient, attempt]),
        [
          ["enqueued", id, undefined, undefined],
          ["deferred", id, "alice@example.com", 1],
          ["cancelled", id, "alice@example.com", undefined],
        ],
      );
      assert.equal(events[1]?.reply?.code, 451);
      assert.deepEqual(await outbox.history(NO_SUCH_ID), []);
      await assert.rejects(outbox.history("x"), { code: "option", option: "id" });
    });

    test("content() is what is sent, whole or its beginning; purged content is an error of its own", async () => {
      const attachments = [{ filename: "a", content: new Uint8Array(3_000_000).fill(65) }];
      const { id } = await outbox.enqueue({ ...MAIL, attachments });
      const read = async (options?: { length?: number }): Promise<string> => {
        const parts: Uint8Array[] = [];
        for await (const part of outbox.content(id, options)) parts.push(part);
        return Buffer.concat(parts).toString("latin1");
      };
      const whole = await read();
      assert.equal(whole.length, (await outbox.get(id))?.size);
      assert.equal(await read({ length: 100 }), whole.slice(0, 100));
      await outbox.deliver(id);
      assert.equal(transport.sent[0]?.text, whole);
      clock.advance(1000);
      await outbox.purge({ before: new Date(clock.now) });
      await assert.rejects(read(), { code: "wrong-state" });
      await assert.rejects(outbox.content(NO_SUCH_ID).next(), { code: "not-found" });
      await assert.rejects(outbox.content(id, { length: 0 }).next(), { code: "option", option: "length" });
    });

    test("stats() counts recipients by their last reply, and forgets those that were accepted", async () => {
      transport.answers = (address) => (address.startsWith("b") ? 550 : 451);
      for (const to of ["alice@example.com", "ann@example.com", "bob@example.com"]) {
        const { id } = await outbox.enqueue({ ...MAIL, to });
        await outbox.deliver(id);
      }
      const { replies } = await outbox.stats();
      assert.deepEqual(
        replies.map(({ code, state, recipients }) => [code, state, recipients]),
        [
          [451, "waiting", 2],
          [550, "refused", 1],
        ],
      );
      assert.notEqual(replies[0]?.example, "");
      transport.answers = () => 250;
      for await (const { id } of outbox.find()) {
        await outbox.retry(id);
        await outbox.deliver(id);
      }
      assert.deepEqual((await outbox.stats()).replies, []);
    });
  });
}

/**
 * What must hold over every database at the edges: failures in the middle, pauses for who calls `deliver`, the end of an outbox.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { createSession } from "../../src/database/database.js";
import { createDialect, type Execute } from "../../src/database/dialect.js";
import type { CustomDatabase } from "../../src/database/open-database.js";
import { type Enqueued, type EnqueueRequest, type Outbox, openOutbox } from "../../src/index.js";
import { readEvents } from "../../src/store/read.js";
import { type Clock, type Ground, MAIL, type OpenGround, openOn, stageForEach } from "./ground.js";
import { FAULTS, type ScriptedTransport, until } from "./transport.js";

/** Of several parts. */
const LONG = { ...MAIL, text: "z".repeat(2_500_000) };
const TABLES = ["message", "recipient", "content", "event"];

export function edgeSuite(name: string, open: OpenGround): void {
  describe(name, () => {
    let ground: Ground;
    let clock: Clock;
    let transport: ScriptedTransport;
    let outbox: Outbox;

    stageForEach(open, (stage) => {
      ({ ground, clock, transport, outbox } = stage);
    });

    const rows = async (): Promise<number[]> => {
      const { table } = createDialect(ground.functions.dialect, ground.schema);
      const counts = [];
      for (const one of TABLES) {
        const [row] = await ground.functions.execute(`SELECT count(*) AS n FROM ${table(one)}`, []);
        counts.push(Number(row?.["n"]));
      }
      return counts;
    };
    const types = async (): Promise<string[]> => {
      const seen = [];
      for await (const { type } of outbox.events()) seen.push(type);
      return seen;
    };
    const numbered = (count: number, of: (n: number) => Partial<EnqueueRequest>): EnqueueRequest[] =>
      Array.from({ length: count }, (_, n) => ({ message: { ...MAIL, subject: `${n}` }, ...of(n) }));

    /** Takes results until it fails. */
    async function taken(
      results: AsyncIterable<Enqueued>,
    ): Promise<{ got: Enqueued[]; failure: { code?: unknown; message?: unknown } }> {
      const got: Enqueued[] = [];
      try {
        for await (const one of results) got.push(one);
      } catch (error) {
        return { got, failure: error as { code?: unknown } };
      }
      return { got, failure: {} };
    }

    describe("enqueueAll", () => {
      const FAILURES: Readonly<Record<string, EnqueueRequest[]>> = {
        "a message that is none": numbered(12, (n) => (n === 5 ? { message: { ...MAIL, to: "nobody" } } : {})),
        "a key with another message": numbered(12, (n) => ({ key: n === 5 ? "1" : `${n}` })),
        "a request that is none": numbered(12, () => ({})).with(5, 7 as never),
      };
      // One that is written before the others are, in parts.
      for (const requests of Object.values(FAILURES)) requests[8] = { message: LONG };

      for (const [what, requests] of Object.entries(FAILURES)) {
        test(`${what} ends it: those before it are told and written, and none behind it`, async () => {
          const { got, failure } = await taken(outbox.enqueueAll(requests));
          assert.match(String(failure.code), /^(?:address|key-conflict|option)$/);
          assert.equal(got.length, 5);
          assert.deepEqual(await rows(), [5, 5, 5, 5]);
          for (const { id } of got) assert.equal((await outbox.deliver(id)).state, "delivered");
        });

        test(`${what} ends it in the caller's transaction, which may be committed`, async () => {
          const caller = await ground.caller();
          await caller.begin();
          const { got } = await taken(outbox.enqueueAll(requests, { in: caller.transaction }));
          await caller.commit();
          await caller.close();
          assert.equal(got.length, 5);
          assert.deepEqual(await rows(), [5, 5, 5, 5]);
        });
      }

      test("a source that fails ends it with its error, behind what it gave", async () => {
        function* source(): Generator<EnqueueRequest> {
          yield* numbered(130, () => ({}));
          throw new Error("the source failed");
        }
        const { got, failure } = await taken(outbox.enqueueAll(source()));
        assert.deepEqual([got.length, failure.message], [130, "the source failed"]);
        assert.equal((await rows())[0], 130);
      });

      test("two at once with the same keys in other orders do not wait for each other, and make each mail once", async () => {
        // Of several statements.
        const text = "z".repeat(200_000);
        const requests = numbered(60, (n) => ({ message: { ...MAIL, subject: `${n}`, text }, key: `${n}` }));
        const both = await Promise.all([requests, requests.toReversed()].map((some) => taken(outbox.enqueueAll(some))));
        for (const { got, failure } of both) assert.deepEqual([got.length, failure], [60, {}]);
        assert.equal(both.flatMap(({ got }) => got).filter(({ created }) => created).length, 60);
        assert.equal((await rows())[0], 60);
      });

      test("a key that comes twice is the first one's", async () => {
        const requests = ["b", "a", "b", undefined].map((key) => ({ message: MAIL, key }));
        const { got } = await taken(outbox.enqueueAll(requests));
        assert.deepEqual(
          got.map(({ created }) => created),
          [true, true, false, true],
        );
        assert.equal(got[0]?.id, got[2]?.id);
      });

      test("an abort ends it while it waits for the source, which is closed", async () => {
        const stop = new AbortController();
        let isClosed = false;
        const source: AsyncIterable<EnqueueRequest> = {
          [Symbol.asyncIterator]: () => ({
            next: () => {
              setImmediate(() => stop.abort(new Error("enough")));
              return new Promise(() => undefined);
            },
            return: async () => {
              isClosed = true;
              return { done: true, value: undefined };
            },
          }),
        };
        const { failure } = await taken(outbox.enqueueAll(source, { signal: stop.signal }));
        assert.deepEqual([failure.message, isClosed], ["enough", true]);
      });
    });

    describe("in", () => {
      test("a function that runs statements outside of a transaction is refused, and nothing is written", async () => {
        const { execute } = ground.functions;
        for (const message of [MAIL, LONG])
          await assert.rejects(outbox.enqueue(message, { in: execute }), { code: "transaction-over" });
        const { failure } = await taken(outbox.enqueueAll([{ message: MAIL }], { in: execute }));
        assert.equal(failure.code, "transaction-over");
        assert.deepEqual(await rows(), [0, 0, 0, 0]);
        await ground.functions.transaction(async (run) => {
          await outbox.enqueue(MAIL, { in: run });
          const builder: Execute = (text, values) =>
            run(text, values).catch((cause: unknown) => {
              throw new Error(`Failed query: ${text}`, { cause });
            });
          await outbox.enqueue(MAIL, { in: builder });
        });
        assert.deepEqual(await rows(), [2, 2, 2, 2]);
      });

      test("a savepoint that is rolled back takes its mail with it, and frees the key", async () => {
        await ground.functions.transaction(async (run) => {
          await run("SAVEPOINT s", []);
          await outbox.enqueue(MAIL, { in: run, key: "k" });
          await run("ROLLBACK TO SAVEPOINT s", []);
          assert.equal((await outbox.enqueue({ ...MAIL, text: "Another" }, { in: run, key: "k" })).created, true);
        });
        assert.deepEqual(await rows(), [1, 1, 1, 1]);
      });
    });

    test("a COMMIT whose reply was lost is unknown, and takes no part of a long message away", async () => {
      let isLost = false;
      const { functions, schema } = ground;
      const database = {
        ...functions,
        transaction: async <T>(run: Parameters<typeof functions.transaction<T>>[0]): Promise<T> => {
          const result = await functions.transaction(run);
          if (isLost) throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
          return result;
        },
      };
      // In PostgreSQL it is one statement, by itself.
      const execute: typeof functions.execute = async (text, values) => {
        const result = await functions.execute(text, values);
        if (isLost && text.includes("written AS")) throw Object.assign(new Error("lost"), { code: "ECONNRESET" });
        return result;
      };
      const fragile = await openOutbox({ database: { ...database, execute }, schema, transport });
      isLost = true;
      await assert.rejects(fragile.enqueue(LONG, { key: "k" }), { code: "database", written: "unknown" });
      const { failure } = await taken(fragile.enqueueAll([{ message: LONG, key: "another" }]));
      assert.equal((failure as { written?: unknown }).written, "unknown");
      isLost = false;
      for (const key of ["k", "another"]) {
        const { id, created } = await fragile.enqueue(LONG, { key });
        assert.equal(created, false);
        assert.equal((await fragile.deliver(id)).state, "delivered");
      }
      await fragile.close();
    });

    test("a claim that is under way when a worker is told to stop is given back, and is in no doubt", async () => {
      const { functions } = ground;
      let hold: (() => void) | undefined;
      const isClaim = (text: string, result: readonly unknown[]): boolean =>
        text.includes("WITH top") && result.length > 0;
      const held = (): Promise<void> => new Promise((resolve) => (hold = resolve));
      const slow: CustomDatabase = {
        ...functions,
        execute: async (text, values) => {
          const result = await functions.execute(text, values);
          if (isClaim(text, result)) await held();
          return result;
        },
        // In SQLite the claim is a transaction; it is held behind its COMMIT.
        transaction: async (run) => {
          let hasClaimed = false;
          const watched = (execute: Execute): Execute => {
            return async (text, values) => {
              const result = await execute(text, values);
              hasClaimed ||= isClaim(text, result);
              return result;
            };
          };
          const result = await functions.transaction((execute) => run(watched(execute)));
          if (hasClaimed) await held();
          return result;
        },
      };
      const stopped = await openOn({ ...ground, functions: slow }, clock, { transport });
      const { id } = await outbox.enqueue(MAIL);
      const worker = stopped.work({ poll: 1 });
      await until(() => hold !== undefined, "a claim");
      const stopping = worker.stop();
      hold?.();
      await stopping;
      await stopped.close();
      assert.equal(transport.sent.length, 0);
      assert.equal((await outbox.get(id))?.state, "waiting");
      assert.equal((await outbox.deliver(id)).state, "delivered");
      assert.deepEqual(await types(), ["enqueued", "accepted"]);
    });

    test("a whole queue expires during a pause, without a look a second for each hundred", async (t) => {
      await taken(outbox.enqueueAll(numbered(250, () => ({ expireAfter: 1000 }))));
      await outbox.pause();
      clock.advance(1000);
      // A second never passes.
      t.mock.method(performance, "now", () => 1);
      const worker = outbox.work({ poll: 1 });
      const expired = async (): Promise<number> => (await outbox.stats()).messages.failed;
      for (let looks = 0; looks < 1000 && (await expired()) < 250; looks += 1) await setTimeout(2);
      assert.equal(await expired(), 250);
      await worker.stop();
      assert.equal(transport.sent.length, 0);
    });

    test("a time of which no lifetime can be counted on is refused", async () => {
      await assert.rejects(outbox.enqueue(MAIL, { sendAt: new Date(8.64e15) }), { option: "sendAt" });
      const { id } = await outbox.enqueue(MAIL, { sendAt: new Date("9999-12-31T23:59:59.999Z") });
      assert.equal((await outbox.get(id))?.expiresAt.getUTCFullYear(), 10_000);
    });

    describe("deliver() during a pause", () => {
      test("by a fault sends nothing until a probe is due, which it then is, and which ends the pause", async () => {
        transport.fault = FAULTS.connect;
        const { id } = await outbox.enqueue(MAIL);
        const second = await outbox.enqueue(MAIL);
        await outbox.deliver(id);
        for (const one of [id, second.id]) assert.equal((await outbox.deliver(one)).state, "waiting");
        assert.equal(transport.sent.length, 1);
        clock.advance(1000);
        await outbox.deliver(id);
        assert.equal(transport.sent.length, 2);
        assert.equal(Number((await outbox.stats()).paused?.until), clock.now + 2000, "2 s behind the second fault");
        transport.fault = undefined;
        clock.advance(2000);
        assert.equal((await outbox.deliver(second.id)).state, "delivered");
        assert.equal((await outbox.stats()).paused, undefined);
        assert.equal((await outbox.deliver(id)).state, "delivered");
        assert.deepEqual(await types(), ["enqueued", "enqueued", "paused", "accepted", "resumed", "accepted"]);
      });

      test("by a person sends nothing, and a message expires all the same", async () => {
        const { id } = await outbox.enqueue(MAIL);
        const short = await outbox.enqueue(MAIL, { expireAfter: 1000 });
        await outbox.pause();
        clock.advance(1000);
        assert.equal((await outbox.deliver(id)).state, "waiting");
        assert.equal((await outbox.deliver(short.id)).recipients[0]?.state, "expired");
        assert.equal(transport.sent.length, 0);
        await outbox.resume();
        assert.equal((await outbox.deliver(id)).state, "delivered");
      });

      test("by a refused login sends nothing, but once in a new process", async () => {
        transport.fault = FAULTS.login;
        const { id } = await outbox.enqueue(MAIL);
        await outbox.deliver(id);
        await outbox.deliver(id);
        clock.advance(3_600_000);
        await outbox.deliver(id);
        const tries = transport.sent.length;
        transport.fault = undefined;
        const fresh = await openOn(ground, clock, { transport });
        assert.equal((await fresh.deliver(id)).state, "delivered");
        assert.equal(transport.sent.length, tries + 1);
        assert.equal((await fresh.stats()).paused, undefined);
        await fresh.close();
      });
    });

    test("what is said to the database is always the same, since drivers keep each statement", async () => {
      const { functions } = ground;
      const texts = new Set<string>();
      const noted =
        (execute: Execute): Execute =>
        (text, values) => {
          texts.add(text);
          return execute(text, values);
        };
      const database: CustomDatabase = {
        ...functions,
        execute: noted(functions.execute),
        transaction: (run) => functions.transaction((execute) => run(noted(execute))),
      };
      // The clock of tests stands in the text.
      const said = await openOutbox({ database, schema: ground.schema, transport });
      const round = async (subject: string): Promise<void> => {
        const { id } = await said.enqueue({ ...MAIL, subject }, { key: subject, tags: { subject } });
        await said.deliver(id);
        for await (const _ of said.events());
        for await (const _ of said.find({ tag: { subject }, recipient: `${subject}@example.com` }));
        await said.stats();
        await said.purge({ before: new Date(), events: true, messages: true });
      };
      await round("1");
      await round("2");
      const known = new Set(texts);
      for (let n = 3; n < 8; n += 1) await round(`${n}`);
      await said.close();
      assert.deepEqual(
        [...texts].filter((text) => !known.has(text)),
        [],
      );
    });

    describe("events", () => {
      test("that are not asked for are passed over once", async () => {
        for (let n = 0; n < 3; n += 1) await outbox.enqueue(MAIL);
        assert.deepEqual((await types()).length, 3);
        const { execute, dialect } = ground.functions;
        const session = createSession(createDialect(dialect, ground.schema), execute);
        assert.deepEqual(await readEvents(session, 0, ["bounced"]), { events: [], last: 3, isFull: false });
        assert.deepEqual(await readEvents(session, 9, ["bounced"]), { events: [], last: 9, isFull: false });
      });

      test("end with an aborted signal, and for who follows with the outbox", async () => {
        await outbox.enqueue(MAIL);
        const follow = async (signal?: AbortSignal): Promise<number> => {
          let count = 0;
          for await (const _ of outbox.events({ follow: true, signal })) count += 1;
          return count;
        };
        assert.equal(await follow(AbortSignal.abort()), 0);
        const following = follow();
        const last = outbox.events();
        await until(async () => (await types()).length === 1);
        await outbox.close();
        assert((await following) <= 1);
        await assert.rejects(last[Symbol.asyncIterator]().next(), { code: "closed" });
      });

      test("of one message are all of them, however many recipients it has", async () => {
        const recipients = Array.from({ length: 1200 }, (_, n) => `user${n}@example.com`);
        const { id } = await outbox.enqueue(MAIL, { recipients });
        await outbox.deliver(id);
        assert.equal((await outbox.history(id)).length, 1201);
      });
    });

    describe("close()", () => {
      test("waits for what is being enqueued and delivered, and refuses what comes later", async () => {
        let release = (): void => undefined;
        transport.gate = new Promise((resolve) => {
          release = resolve;
        });
        const { id } = await outbox.enqueue(MAIL);
        const delivering = outbox.deliver(id);
        await until(() => transport.open === 1);
        const enqueuing = outbox.enqueue(LONG);
        const closing = outbox.close();
        release();
        assert.match((await enqueuing).id, /^[0-9a-f-]{36}$/);
        assert.equal((await delivering).state, "delivered");
        await closing;
        assert.deepEqual(await rows(), [2, 2, 4, 3]);
        await assert.rejects(outbox.get(id), { code: "closed" });
      });

      test("lets a list that is being read end with an error of its own", async () => {
        const some = numbered(600, () => ({}));
        await taken(outbox.enqueueAll(some));
        await assert.rejects(
          async () => {
            for await (const _ of outbox.find()) await outbox.close();
          },
          { code: "closed" },
        );
      });
    });
  });
}

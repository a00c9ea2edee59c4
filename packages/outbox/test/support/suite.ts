/**
 * What must hold over every database.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  KeyConflictError,
  type Outbox,
  type OutboxEvent,
  openOutbox,
  SchemaMissingError,
  SchemaNewerError,
  TransactionOverError,
  type WorkOptions,
} from "../../src/index.js";
import { type Clock, type Ground, MAIL, type OpenGround, openOn, stageForEach } from "./ground.js";
import { FAULTS, ScriptedTransport, until } from "./transport.js";

const MINUTE = 60_000;
/** A worker that looks at once. */
const QUICK: WorkOptions = { poll: 1, retryDelays: [MINUTE] };

export function outboxSuite(name: string, open: OpenGround): void {
  describe(name, () => {
    let ground: Ground;
    let clock: Clock;
    let transport: ScriptedTransport;
    let outbox: Outbox;

    stageForEach(open, (stage) => {
      ({ ground, clock, transport, outbox } = stage);
    });

    const all = async (after?: string): Promise<OutboxEvent[]> => {
      const events: OutboxEvent[] = [];
      for await (const event of outbox.events({ after })) events.push(event);
      return events;
    };
    const kinds = async (): Promise<string[]> =>
      (await all()).map(({ type, recipient }) =>
        recipient === undefined ? type : `${type} ${recipient.split("@")[0]}`,
      );
    const stateOf = async (id: string): Promise<string | undefined> => (await outbox.get(id))?.state;
    const reaches = (id: string, state: string): Promise<void> =>
      until(async () => (await stateOf(id)) === state, `state ${state}`);

    describe("enqueue", () => {
      test("a transaction that is rolled back leaves no mail, one that is committed owes it", async () => {
        const caller = await ground.caller();
        await caller.begin();
        await outbox.enqueue(MAIL, { in: caller.transaction });
        await caller.rollback();
        assert.deepEqual(await kinds(), []);
        await caller.begin();
        const { id } = await outbox.enqueue(MAIL, { in: caller.transaction });
        assert.equal(await outbox.get(id), undefined, "it is not there before COMMIT");
        await caller.commit();
        await caller.close();
        assert.equal(await stateOf(id), "waiting");
        assert.deepEqual(await kinds(), ["enqueued"]);
      });

      test("a connection without a transaction is refused, and nothing is written", async () => {
        const caller = await ground.caller();
        await assert.rejects(outbox.enqueue(MAIL, { in: caller.transaction }), TransactionOverError);
        await caller.begin();
        await caller.commit();
        await assert.rejects(outbox.enqueue(MAIL, { in: caller.transaction }), TransactionOverError);
        await caller.close();
        assert.deepEqual(await kinds(), []);
      });

      test("the same key and message is one mail; another message under the key is a conflict", async () => {
        const html = { ...MAIL, html: "<p>It is on its way.</p>" };
        const first = await outbox.enqueue(html, { key: "order:1" });
        assert.deepEqual(await outbox.enqueue(html, { key: "order:1" }), { id: first.id, created: false });
        await assert.rejects(outbox.enqueue({ ...html, subject: "Other" }, { key: "order:1" }), (error) => {
          assert(error instanceof KeyConflictError);
          assert.equal(error.id, first.id);
          return true;
        });
        await assert.rejects(
          outbox.enqueue(html, { key: "order:1", recipients: ["bob@example.com"] }),
          KeyConflictError,
        );
        assert.deepEqual(await kinds(), ["enqueued"]);
      });

      test("of many that enqueue the same key at once, one creates", async () => {
        const results = await Promise.all(Array.from({ length: 20 }, () => outbox.enqueue(MAIL, { key: "once" })));
        assert.equal(results.filter(({ created }) => created).length, 1);
        assert.equal(new Set(results.map(({ id }) => id)).size, 1);
      });

      test("a key that the caller's own transaction has used is found in it", async () => {
        const caller = await ground.caller();
        await caller.begin();
        const first = await outbox.enqueue(MAIL, { in: caller.transaction, key: "k" });
        const again = await outbox.enqueue(MAIL, { in: caller.transaction, key: "k" });
        await caller.commit();
        await caller.close();
        assert.deepEqual(again, { id: first.id, created: false });
      });

      test("enqueueAll yields in order", async () => {
        const requests = Array.from({ length: 250 }, (_, n) => ({
          message: { ...MAIL, subject: `${n}` },
          key: `k${n}`,
        }));
        const ids: string[] = [];
        for await (const { id, created } of outbox.enqueueAll(requests)) {
          assert(created);
          ids.push(id);
        }
        const messages = [];
        for await (const message of outbox.find()) messages.push(message);
        assert.deepEqual(new Set(messages.map(({ id }) => id)), new Set(ids));
        assert.equal(messages.find(({ id }) => id === ids[200])?.key, "k200");
      });

      test("content of several parts comes out as it went in, and above maxSize nothing is written", async () => {
        const body = `${"0123456789abcde\r\n.".repeat(150_000)}\r\n`;
        const raw = `Subject: x\r\n\r\n${body}`;
        const envelope = { sender: "a@example.org", recipients: "b@example.com" };
        async function* pieces(): AsyncGenerator<Uint8Array> {
          for (let at = 0; at < raw.length; at += 65_537) yield Buffer.from(raw.slice(at, at + 65_537));
        }
        const { id } = await outbox.enqueue(pieces(), envelope);
        assert.equal((await outbox.get(id))?.size, raw.length);
        assert.equal((await outbox.deliver(id)).state, "delivered");
        assert(transport.sent[0]?.text === raw, "the bytes are the same");
        const small = await openOn(ground, clock, { maxSize: 1_500_000 });
        await assert.rejects(small.enqueue(pieces(), envelope), { code: "message", field: "message" });
        await small.close();
        const { table } = { table: ground.schema };
        const content = ground.functions.dialect === "sqlite" ? `"${table}_content"` : `"${table}".content`;
        const parts = await ground.functions.execute(`SELECT count(DISTINCT message) AS n FROM ${content}`, []);
        assert.equal(Number(parts[0]?.["n"]), 1);
      });

      test("bad input names its field, and nothing is written", async () => {
        const cases: readonly [object, object, string][] = [
          [MAIL, { prioritty: 1 }, "prioritty"],
          [MAIL, { priority: 10 }, "priority"],
          [MAIL, { key: "" }, "key"],
          [MAIL, { key: "a\0" }, "key"],
          [MAIL, { sendAt: "tomorrow" }, "sendAt"],
          [MAIL, { sendAt: new Date(Number.NaN) }, "sendAt"],
          [MAIL, { expireAfter: 0 }, "expireAfter"],
          [MAIL, { onUnknown: "drop" }, "onUnknown"],
          [MAIL, { tags: { a: 1 } }, "tags.a"],
          [MAIL, { in: 7 }, "in"],
          [MAIL, { dsn: { envelopeId: "ö" } }, "dsn.envelopeId"],
          [MAIL, { requireTls: "yes" }, "requireTls"],
          [MAIL, { dkim: {} }, "dkim"],
          [MAIL, { recipients: [] }, "recipients"],
        ];
        for (const [message, options, option] of cases) {
          await assert.rejects(outbox.enqueue(message as never, options as never), { code: "option", option }, option);
        }
        await assert.rejects(outbox.enqueue({ ...MAIL, to: "nobody" }), { code: "address", field: "to" });
        await assert.rejects(outbox.enqueue({ ...MAIL, subject: "a\r\nb" }), { code: "message", field: "subject" });
        assert.deepEqual(await kinds(), []);
      });
    });

    describe("delivery", () => {
      test("each recipient has its outcome, and only the deferred one goes again, with the same bytes", async () => {
        const { id } = await outbox.enqueue({
          ...MAIL,
          to: ["ok@example.com", "later@example.com", "gone@example.com"],
        });
        transport.answers = (address) => (address.startsWith("later") ? 450 : address.startsWith("gone") ? 550 : 250);
        const worker = outbox.work(QUICK);
        await until(async () => (await outbox.get(id))?.attempt === 1);
        transport.answers = () => 250;
        clock.advance(2 * MINUTE);
        await reaches(id, "partly-delivered");
        await worker.stop();
        const [first, second] = transport.sent;
        assert.deepEqual(second?.recipients, ["later@example.com"]);
        assert.equal(second?.text, first?.text);
        assert.match(first?.text ?? "", /^Message-ID: <.+>\r$/m);
        const events = await kinds();
        assert.deepEqual(events, ["enqueued", "accepted ok", "deferred later", "refused gone", "accepted later"]);
      });

      test("several workers send each message once", async () => {
        const requests = Array.from({ length: 100 }, (_, n) => ({ message: { ...MAIL, subject: `${n}` } }));
        for await (const _ of outbox.enqueueAll(requests));
        const others = await Promise.all([1, 2].map(() => openOn(ground, clock, { transport })));
        const workers = [outbox, ...others].map((one) => one.work({ ...QUICK, batch: 7 }));
        await until(async () => (await outbox.stats()).messages.delivered === 100, "all delivered");
        await Promise.all(workers.map((worker) => worker.stop()));
        await Promise.all(others.map((one) => one.close()));
        assert.equal(transport.sent.length, 100);
      });

      test("what is due goes by priority, then by age, and nothing goes before sendAt", async () => {
        const later = { ...MAIL, subject: "later" };
        await outbox.enqueue(later, { priority: 9, sendAt: new Date(clock.now + MINUTE) });
        for (const [subject, priority] of [
          ["low", -3],
          ["a", 0],
          ["b", 0],
          ["high", 5],
        ] as const) {
          await outbox.enqueue({ ...MAIL, subject }, { priority });
          clock.advance(1);
        }
        const worker = outbox.work({ ...QUICK, batch: 1 });
        await until(async () => (await outbox.stats()).messages.delivered === 4);
        assert.equal((await outbox.stats()).messages.waiting, 1);
        clock.advance(MINUTE);
        await until(async () => (await outbox.stats()).messages.delivered === 5);
        await worker.stop();
        const subjects = transport.sent.map(({ text }) => /^Subject: (.*)\r$/m.exec(text)?.[1]);
        assert.deepEqual(subjects, ["high", "a", "b", "low", "later"]);
      });

      test("what is deferred waits by the table of delays, then expires with its last reply", async () => {
        transport.answers = () => 451;
        const { id } = await outbox.enqueue(MAIL, { expireAfter: 10 * MINUTE });
        const worker = outbox.work({ poll: 1, retryDelays: [MINUTE, 20 * MINUTE] });
        await until(async () => (await outbox.get(id))?.attempt === 1);
        const due = Number((await outbox.get(id))?.dueAt) - clock.now;
        assert(due >= 48_000 && due <= 72_000, `due in ${due} ms`);
        clock.advance(MINUTE * 1.3);
        await until(async () => (await outbox.get(id))?.attempt === 2);
        const message = await outbox.get(id);
        assert.deepEqual(message?.dueAt, message?.expiresAt, "no later than it expires");
        clock.advance(10 * MINUTE);
        await reaches(id, "failed");
        await worker.stop();
        assert.equal(transport.sent.length, 2);
        const recipient = (await outbox.get(id))?.recipients[0];
        assert.equal(recipient?.state, "expired");
        assert.equal(recipient?.reply?.code, 451);
        assert.equal((await kinds()).at(-1), "expired alice");
      });

      test("a message expires also while the transport is paused", async () => {
        const { id } = await outbox.enqueue(MAIL, { expireAfter: MINUTE });
        await outbox.pause("maintenance");
        const worker = outbox.work(QUICK);
        clock.advance(2 * MINUTE);
        await reaches(id, "failed");
        await worker.stop();
        assert.equal(transport.sent.length, 0);
      });

      test("an unknown outcome is told, and goes once more by default, then waits for a person", async () => {
        transport.fault = FAULTS.unknown;
        const { id, ...rest } = await outbox.enqueue(MAIL);
        assert(rest.created);
        const worker = outbox.work(QUICK);
        await until(() => transport.sent.length === 1);
        await until(async () => (await outbox.get(id))?.attempt === 1);
        clock.advance(2000);
        await reaches(id, "unknown");
        await worker.stop();
        assert.deepEqual(await kinds(), ["enqueued", "unknown alice", "unknown alice"]);
        assert.equal(transport.sent[0]?.text, transport.sent[1]?.text);
        await outbox.resolve(id, "sent");
        assert.equal(await stateOf(id), "delivered");
        await assert.rejects(outbox.resolve(id, "sent"), { code: "wrong-state" });
      });

      for (const [onUnknown, state, events] of [
        ["hold", "unknown", ["enqueued", "unknown alice"]],
        ["assume-sent", "delivered", ["enqueued", "unknown alice", "accepted alice"]],
      ] as const) {
        test(`an unknown outcome under ${onUnknown} is "${state}"`, async () => {
          transport.fault = FAULTS.unknown;
          const { id } = await outbox.enqueue(MAIL, { onUnknown });
          assert.equal((await outbox.deliver(id)).state, state);
          assert.deepEqual(await kinds(), events);
          assert.equal(transport.sent.length, 1);
        });
      }

      test("the mail of a worker that died goes on when its lease ends, and the dead one changes nothing", async () => {
        let release = (): void => undefined;
        transport.gate = new Promise((resolve) => {
          release = resolve;
        });
        const dead = await openOn(ground, clock, { transport });
        const { id } = await outbox.enqueue(MAIL);
        const sleeping = dead.deliver(id);
        await until(() => transport.open === 1);
        const other = new ScriptedTransport();
        const alive = await openOn(ground, clock, { transport: other });
        const worker = alive.work(QUICK);
        assert.equal(await stateOf(id), "sending");
        clock.advance(MINUTE + 1);
        await reaches(id, "delivered");
        const before = await outbox.get(id);
        release();
        await sleeping;
        await worker.stop();
        assert.deepEqual(await outbox.get(id), before);
        assert.deepEqual(await kinds(), ["enqueued", "unknown alice", "accepted alice", "late"]);
        await alive.close();
        await dead.close();
      });

      test("a worker whose lease was taken settles nothing while another one sends", async () => {
        const release: (() => void)[] = [];
        const gate = (): Promise<void> => new Promise((resolve) => void release.push(resolve));
        const other = new ScriptedTransport();
        const second = await openOn(ground, clock, { transport: other });
        transport.gate = gate();
        other.gate = gate();
        transport.answers = () => 550;
        const { id } = await outbox.enqueue(MAIL);
        const late = outbox.deliver(id);
        await until(() => transport.open === 1);
        clock.advance(MINUTE + 1);
        const inTime = second.deliver(id);
        await until(() => other.open === 1);
        release[0]?.();
        assert.equal((await late).state, "sending");
        release[1]?.();
        assert.equal((await inTime).state, "delivered");
        assert.deepEqual(await kinds(), ["enqueued", "unknown alice", "late", "accepted alice"]);
        await second.close();
      });

      test("long content is read again when the transport tries again within an attempt", async () => {
        const raw = `Subject: x\r\n\r\n${"0123456789\r\n".repeat(300_000)}`;
        const { id } = await outbox.enqueue(raw, { sender: "a@example.org", recipients: "b@example.com" });
        const given: { size?: unknown; texts: string[] } = { texts: [] };
        const trying = await openOn(ground, clock, {
          transport: {
            send: async (message, options) => {
              const blob = message as unknown as { size: number; stream(): AsyncIterable<Uint8Array> };
              given.size = blob.size;
              // The first try breaks off in the middle.
              for await (const _ of blob.stream()) break;
              for (let turn = 0; turn < 2; turn += 1) {
                const chunks: Uint8Array[] = [];
                for await (const chunk of blob.stream()) chunks.push(chunk);
                given.texts.push(Buffer.concat(chunks).toString("latin1"));
              }
              return transport.send("", options);
            },
          },
        });
        assert.equal((await trying.deliver(id)).state, "delivered");
        assert.equal(given.size, raw.length);
        assert(given.texts.every((text) => text === raw) && given.texts.length === 2);
        await trying.close();
      });

      test("stop() settles what is under way, and takes no more", async () => {
        let release = (): void => undefined;
        transport.gate = new Promise((resolve) => {
          release = resolve;
        });
        const { id } = await outbox.enqueue(MAIL);
        const worker = outbox.work(QUICK);
        await until(() => transport.open === 1);
        const stopping = worker.stop();
        const second = await outbox.enqueue(MAIL);
        release();
        await stopping;
        assert.equal(await stateOf(id), "delivered");
        assert.equal(await stateOf(second.id), "waiting");
        assert.equal(transport.sent.length, 1);
      });

      test("deliver() by two callers is one attempt", async () => {
        let release = (): void => undefined;
        transport.gate = new Promise((resolve) => {
          release = resolve;
        });
        const { id } = await outbox.enqueue(MAIL);
        const first = outbox.deliver(id);
        await until(() => transport.open === 1);
        assert.equal((await outbox.deliver(id)).state, "sending");
        release();
        assert.equal((await first).state, "delivered");
        assert.equal((await outbox.deliver(id)).state, "delivered");
        assert.equal(transport.sent.length, 1);
        await assert.rejects(outbox.deliver("00000000-0000-7000-8000-000000000000"), { code: "not-found" });
      });
    });

    describe("the transport", () => {
      test("a fault pauses it, spends no attempt, and one message probes after 1, 2, 4 s", async () => {
        transport.fault = FAULTS.connect;
        for (const n of [1, 2, 3]) await outbox.enqueue({ ...MAIL, subject: `${n}` });
        const worker = outbox.work({ ...QUICK, batch: 1 });
        await until(async () => (await outbox.stats()).paused !== undefined);
        assert.equal(transport.sent.length, 1);
        for (const [seconds, tries] of [
          [1, 2],
          [2, 3],
          [4, 4],
        ] as const) {
          clock.advance(seconds * 1000 - 1);
          await worker.stats;
          assert.equal(transport.sent.length, tries - 1, `not before ${seconds} s`);
          clock.advance(1);
          await until(() => transport.sent.length === tries && transport.open === 0, `probe ${tries}`);
          const next = clock.now + 2000 * 2 ** (tries - 2);
          await until(async () => Number((await outbox.stats()).paused?.until) === next, "the next pause");
        }
        transport.fault = undefined;
        clock.advance(8000);
        await until(async () => (await outbox.stats()).messages.delivered === 3, "all delivered");
        await worker.stop();
        const types = (await all()).map(({ type }) => type);
        assert.deepEqual(
          types.filter((type) => type === "paused" || type === "resumed"),
          ["paused", "resumed"],
        );
        for await (const { attempt } of outbox.find()) assert.equal(attempt, 1);
      });

      test("a refused login waits for resume()", async () => {
        transport.fault = FAULTS.login;
        const { id } = await outbox.enqueue(MAIL);
        const worker = outbox.work(QUICK);
        await until(async () => (await outbox.stats()).paused?.kind === "credentials");
        clock.advance(60 * MINUTE);
        assert.equal(transport.sent.length, 1);
        transport.fault = undefined;
        await outbox.resume();
        await reaches(id, "delivered");
        await worker.stop();
      });

      test("a new worker probes a transport whose login was refused", async () => {
        transport.fault = FAULTS.login;
        const { id } = await outbox.enqueue(MAIL);
        await outbox.deliver(id);
        assert.equal((await outbox.stats()).paused?.kind, "credentials");
        transport.fault = undefined;
        const worker = outbox.work(QUICK);
        await reaches(id, "delivered");
        await worker.stop();
        assert.equal((await outbox.stats()).paused, undefined);
      });

      test("a pause by a person stays until resume()", async () => {
        const { id } = await outbox.enqueue(MAIL);
        await outbox.pause("too many complaints");
        const worker = outbox.work(QUICK);
        clock.advance(60 * MINUTE);
        await until(() => worker.stats.lastError === undefined);
        assert.equal(await stateOf(id), "waiting");
        const { paused } = await outbox.stats();
        assert.deepEqual([paused?.kind, paused?.reason], ["person", "too many complaints"]);
        await outbox.resume();
        await reaches(id, "delivered");
        await worker.stop();
        assert.deepEqual(await kinds(), ["enqueued", "paused", "resumed", "accepted alice"]);
      });

      test("rates hold over several workers, and a slow domain holds up no other", async () => {
        const times: number[] = [];
        transport.answers = (address) => {
          if (address.endsWith("@slow.example")) times.push(clock.now);
          return 250;
        };
        for (let n = 0; n < 9; n += 1) await outbox.enqueue({ ...MAIL, to: `u${n}@slow.example` });
        for (let n = 0; n < 5; n += 1) await outbox.enqueue({ ...MAIL, to: `u${n}@other.example` });
        const second = await openOn(ground, clock, { transport });
        const rates = [{ domain: "slow.example", messages: 2, per: 1000 }];
        const workers = [outbox, second].map((one) => one.work({ ...QUICK, batch: 4, rates }));
        await until(async () => (await outbox.stats()).messages.delivered === 7, "the first two, and all others");
        for (let turn = 0; turn < 400 && times.length < 9; turn += 1) {
          // What a worker has taken is with the server before time passes, however slow the machine is.
          for (let quiet = 0; quiet < 10; quiet += 1) {
            await new Promise(setImmediate);
            if (clock.underWay > 0 || transport.open > 0) quiet = 0;
          }
          clock.advance(97);
          await new Promise((resolve) => setTimeout(resolve, 12));
        }
        await until(async () => (await outbox.stats()).messages.delivered === 14, "all delivered");
        await Promise.all(workers.map((worker) => worker.stop()));
        await second.close();
        for (const start of times) {
          const inWindow = times.filter((time) => time >= start && time < start + 1000 - 97).length;
          assert(inWindow <= 2, `${inWindow} messages in a window of ${times.join(" ")}`);
        }
      });
    });

    describe("decisions", () => {
      test("cancel() takes back what was not sent", async () => {
        const { id } = await outbox.enqueue(MAIL);
        assert.equal(await outbox.cancel(id), true);
        assert.equal(await stateOf(id), "cancelled");
        assert.equal(await outbox.cancel(id), false);
        assert.deepEqual(await kinds(), ["enqueued", "cancelled alice"]);
        assert.equal((await outbox.deliver(id)).state, "cancelled");
        assert.equal(transport.sent.length, 0);
      });

      test("retry() sends what was refused again", async () => {
        transport.answers = () => 550;
        const { id } = await outbox.enqueue(MAIL);
        assert.equal((await outbox.deliver(id)).state, "failed");
        transport.answers = () => 250;
        await outbox.retry(id);
        assert.equal((await outbox.deliver(id)).state, "delivered");
        await assert.rejects(outbox.retry(id), { code: "wrong-state" });
      });

      test("a suppressed address gets nothing, whatever its case", async () => {
        await outbox.suppress("Alice@Example.com", "she asked");
        const { id } = await outbox.enqueue({ ...MAIL, cc: "bob@example.com" });
        assert.equal((await outbox.deliver(id)).state, "partly-delivered");
        assert.deepEqual(transport.sent[0]?.recipients, ["bob@example.com"]);
        assert.deepEqual(await kinds(), ["enqueued", "suppressed alice", "accepted bob"]);
        const alone = await outbox.enqueue(MAIL);
        assert.equal((await outbox.deliver(alone.id)).state, "failed");
        const list = [];
        for await (const { address, reason } of outbox.suppressions()) list.push([address, reason]);
        assert.deepEqual(list, [["Alice@Example.com", "she asked"]]);
        await outbox.unsuppress("alice@example.com");
        await outbox.retry(alone.id);
        assert.equal((await outbox.deliver(alone.id)).state, "delivered");
      });

      test("U-labels and A-labels of a domain are one, in suppressions, filters and rates", async () => {
        await outbox.suppress("Bob@bücher.example");
        const { id } = await outbox.enqueue({ ...MAIL, to: "bob@xn--bcher-kva.example" });
        assert.equal((await outbox.deliver(id)).recipients[0]?.state, "suppressed");
        await outbox.unsuppress("bob@XN--bcher-kva.example");
        const second = await outbox.enqueue({ ...MAIL, to: "bob@bücher.example" });
        const found = [];
        for await (const message of outbox.find({ domain: "BÜCHER.example" })) found.push(message.id);
        assert.deepEqual(found, [id, second.id]);
        const worker = outbox.work({ ...QUICK, rates: [{ domain: "bücher.example", messages: 1, per: 60_000 }] });
        await reaches(second.id, "delivered");
        const third = await outbox.enqueue({ ...MAIL, to: "eve@xn--bcher-kva.example" });
        const other = await outbox.enqueue(MAIL);
        await reaches(other.id, "delivered");
        await worker.stop();
        assert.equal(await stateOf(third.id), "waiting");
      });

      test("purge() with events and messages trims them, and events go on in order", async () => {
        const { id } = await outbox.enqueue(MAIL, { key: "k" });
        await outbox.deliver(id);
        const waiting = await outbox.enqueue(MAIL);
        const last = (await all()).at(-1)?.id;
        clock.advance(1000);
        await outbox.purge({ before: new Date(clock.now), events: true });
        assert.deepEqual(
          (await all()).map((event) => event.id),
          [last],
          "the last one keeps the place",
        );
        await outbox.cancel(waiting.id);
        const next = await all(last);
        assert.deepEqual(
          next.map((event) => [Number(event.id), event.type]),
          [[Number(last) + 1, "cancelled"]],
        );
        assert.notEqual(await outbox.get(id), undefined);
        clock.advance(1000);
        await outbox.purge({ before: new Date(clock.now), messages: true });
        assert.equal(await outbox.get(id), undefined);
        assert.equal((await outbox.enqueue(MAIL, { key: "k" })).created, true, "the key is free");
        await assert.rejects(outbox.purge({ before: new Date(), event: true } as never), { option: "event" });
        await assert.rejects(outbox.purge({} as never), { option: "before" });
      });

      test("purge() removes content and keeps the outcome", async () => {
        const { id } = await outbox.enqueue(MAIL);
        const waiting = await outbox.enqueue(MAIL);
        await outbox.deliver(id);
        assert.equal(await outbox.purge({ before: new Date(clock.now) }), 0);
        clock.advance(1000);
        assert.equal(await outbox.purge({ before: new Date(clock.now) }), 1);
        assert.equal(await stateOf(id), "delivered");
        assert.equal((await outbox.deliver(waiting.id)).state, "delivered");
      });

      test("find() filters by state, recipient, domain, tag, key and time", async () => {
        const first = await outbox.enqueue(MAIL, { tags: { order: "1", shop: "a" }, key: "k" });
        clock.advance(1000);
        const second = await outbox.enqueue({ ...MAIL, to: "bob@Example.NET" }, { tags: { order: "2", shop: "a" } });
        await outbox.deliver(second.id);
        const ids = async (filter: object): Promise<string[]> => {
          const found = [];
          for await (const { id } of outbox.find(filter)) found.push(id);
          return found;
        };
        assert.deepEqual(await ids({}), [first.id, second.id]);
        assert.deepEqual(await ids({ state: "waiting" }), [first.id]);
        assert.deepEqual(await ids({ recipient: "ALICE@example.com" }), [first.id]);
        assert.deepEqual(await ids({ domain: "example.net" }), [second.id]);
        assert.deepEqual(await ids({ tag: { shop: "a", order: "2" } }), [second.id]);
        assert.deepEqual(await ids({ key: "k" }), [first.id]);
        assert.deepEqual(await ids({ before: new Date(clock.now) }), [first.id]);
        assert.deepEqual(await ids({ after: new Date(clock.now) }), [second.id]);
        assert.throws(() => outbox.work({ wake: "notify" }), { code: "option", option: "wake" });
        assert.throws(() => outbox.find({ stat: "waiting" } as never), { code: "option", option: "stat" });
      });
    });

    describe("events", () => {
      test("a reader goes on where it stopped, and misses nothing that was committed later", async () => {
        const caller = await ground.caller();
        const ids: string[] = [];
        if (outbox.dialect === "postgres") {
          // An event whose transaction commits after a later one was read.
          await caller.begin();
          ids.push((await outbox.enqueue(MAIL, { in: caller.transaction })).id);
        }
        ids.push((await outbox.enqueue(MAIL)).id);
        const before = await all();
        if (outbox.dialect === "postgres") await caller.commit();
        await caller.close();
        const after = await all(before.at(-1)?.id);
        const seen = [...before, ...after];
        assert.deepEqual(new Set(seen.map(({ message }) => message)), new Set(ids));
        assert.deepEqual(
          seen.map(({ id }) => Number(id)),
          seen.map((_, index) => index + 1),
        );
      });

      test("follow goes on until it is aborted", async () => {
        const stop = new AbortController();
        const seen: string[] = [];
        const reading = (async () => {
          for await (const { type } of outbox.events({ follow: true, signal: stop.signal })) {
            seen.push(type);
            if (seen.length === 2) stop.abort();
          }
        })();
        const { id } = await outbox.enqueue(MAIL);
        await outbox.cancel(id);
        await reading;
        assert.deepEqual(seen, ["enqueued", "cancelled"]);
      });
    });

    describe("the tables", () => {
      test("several processes may make them at once", async () => {
        const fresh = await open();
        const { database, schema } = fresh;
        const opened = await Promise.all(Array.from({ length: 5 }, () => openOutbox({ database, schema })));
        await Promise.all(opened.map((one) => one.enqueue(MAIL, { key: "k" })));
        assert.equal((await opened[0]?.stats())?.messages.waiting, 1);
        await Promise.all(opened.map((one) => one.close()));
        await fresh.close();
      });

      test("tables of a newer version are refused, and missing ones are named", async () => {
        const { database, schema } = ground;
        const table = outbox.dialect === "sqlite" ? `"${schema}_migration"` : `"${schema}".migration`;
        await ground.functions.execute(`INSERT INTO ${table} (version, at) VALUES (99, 0)`, []);
        await assert.rejects(openOutbox({ database, schema }), SchemaNewerError);
        await assert.rejects(openOutbox({ database, schema: "nothing_here", migrate: false }), SchemaMissingError);
      });
    });
  });
}

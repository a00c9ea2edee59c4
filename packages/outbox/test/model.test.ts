/**
 * Random operations on a clock of their own: states go along the table only, and the events tell what the tables tell.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createDatabase, type Database } from "../src/database/database.js";
import { createDialect } from "../src/database/dialect.js";
import { Courier } from "../src/delivery/courier.js";
import { messageState, RECIPIENT_TRANSITIONS, type RecipientState } from "../src/states.js";
import { claim, claimExpired } from "../src/store/claim.js";
import { Clock, openOn, sqliteGround } from "./support/ground.js";
import { FAULTS, ScriptedTransport } from "./support/transport.js";

/** Random numbers that are the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const LEASE = 60_000;
const SEED =
  process.env["POSTRIDER_SEED"] === "random" ? Date.now() % 100_000 : Number(process.env["POSTRIDER_SEED"] ?? 1);

/** States that a recipient can come to from another one by any number of events. */
function reachable(from: RecipientState): ReadonlySet<RecipientState> {
  const found = new Set<RecipientState>([from]);
  for (const state of found) for (const next of Object.values(RECIPIENT_TRANSITIONS[state])) found.add(next);
  return found;
}

/** What an event makes of a recipient. */
const TOLD: Readonly<Record<string, RecipientState>> = {
  accepted: "accepted",
  deferred: "waiting",
  refused: "refused",
  expired: "expired",
  suppressed: "suppressed",
  cancelled: "cancelled",
  bounced: "bounced",
};

async function play(seed: number, steps: number): Promise<void> {
  const random = randomFrom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const ground = await sqliteGround();
  const clock = new Clock();
  const functions = clock.in(ground.functions, ground.schema);
  const database: Database = createDatabase(createDialect("sqlite", ground.schema), {
    execute: functions.execute,
    transaction: (run) => functions.transaction(run),
    close: async () => undefined,
  });
  const transport = new ScriptedTransport();
  transport.answers = () => pick([250, 250, 250, 450, 550]);
  const outbox = await openOn(ground, clock, { transport });
  const ids: string[] = [];
  const zombies: (() => void)[] = [];
  const under: Promise<unknown>[] = [];
  let number = 0;

  /** A worker takes one message; it may sleep behind its lease before it settles. */
  const work = async (): Promise<void> => {
    const courier = new Courier(database, transport, { lease: LEASE, retryDelays: [60_000, 600_000], random });
    const isExpiry = random() < 0.2;
    const [one] = isExpiry
      ? await claimExpired(database.session, 1, LEASE)
      : await claim(database.session, { limit: 1, lease: LEASE, isProbe: random() < 0.3 });
    if (one === undefined) return;
    transport.fault = random() < 0.15 ? FAULTS.unknown : random() < 0.08 ? FAULTS.connect : undefined;
    if (random() < 0.15) {
      transport.gate = new Promise((resolve) => zombies.push(resolve));
      under.push(courier.carry(one).catch(() => undefined));
      // Until it is held back in the transport, or has nothing to send.
      for (let turn = 0; turn < 20; turn += 1) await setImmediate();
      transport.gate = undefined;
    } else await courier.carry(one);
    transport.fault = undefined;
  };

  const operations: readonly (() => Promise<unknown>)[] = [
    async () => {
      number += 1;
      const to = Array.from(
        { length: 1 + Math.floor(random() * 3) },
        (_, n) => `u${n}@${pick(["a", "b"])}${n}.example`,
      );
      const { id } = await outbox.enqueue(
        { from: "shop@example.org", to, subject: `${number}`, text: "x" },
        {
          priority: pick([0, 0, 5, -5]),
          expireAfter: pick([30_000, 3_600_000, 86_400_000]),
          onUnknown: pick(["resend", "hold", "assume-sent"]),
          ...(random() < 0.2 ? { sendAt: new Date(clock.now + 120_000) } : {}),
        },
      );
      ids.push(id);
    },
    work,
    work,
    work,
    work,
    async () => clock.advance(pick([1, 1000, 70_000, 700_000])),
    async () => zombies.splice(Math.floor(random() * zombies.length), 1)[0]?.(),
    () => (ids.length === 0 ? Promise.resolve() : outbox.cancel(pick(ids))),
    () => (ids.length === 0 ? Promise.resolve() : outbox.retry(pick(ids)).catch(() => undefined)),
    () =>
      ids.length === 0 ? Promise.resolve() : outbox.resolve(pick(ids), pick(["resend", "sent"])).catch(() => undefined),
    () => (random() < 0.3 ? outbox.suppress("u1@a1.example") : outbox.unsuppress("u1@a1.example")),
    () => (random() < 0.1 ? outbox.pause() : outbox.resume()),
  ];

  const before = new Map<string, RecipientState>();
  const check = async (step: number): Promise<void> => {
    for await (const { id, state, recipients, dueAt } of outbox.find()) {
      const at = `seed ${seed}, step ${step}, message ${ids.indexOf(id)}`;
      assert.equal(state, messageState(recipients.map((one) => one.state)), at);
      assert.equal(dueAt !== undefined, state === "waiting" || state === "sending", at);
      for (const { address, state: now } of recipients) {
        const name = `${id} ${address}`;
        const earlier = before.get(name) ?? "waiting";
        assert(reachable(earlier).has(now), `${at}: ${earlier} became ${now}`);
        before.set(name, now);
      }
    }
  };
  for (let step = 0; step < steps; step += 1) {
    await pick(operations)();
    await check(step);
  }
  for (const wake of zombies) wake();
  await Promise.all(under);
  await check(steps);

  const told = new Map<string, RecipientState>();
  const accepted = new Map<string, number>();
  const doubted = new Set<string>();
  let last = 0;
  for await (const { id, type, message, recipient, reason } of outbox.events()) {
    last += 1;
    assert.equal(Number(id), last, "events have no gaps");
    const name = `${message} ${recipient}`;
    if (message === undefined || recipient === undefined) continue;
    if (type === "unknown") doubted.add(name);
    const state = type === "unknown" ? (reason === undefined ? "unknown" : "waiting") : TOLD[type];
    if (state !== undefined) told.set(name, state);
    if (type === "accepted") accepted.set(name, (accepted.get(name) ?? 0) + 1);
  }
  for await (const { id, recipients } of outbox.find()) {
    for (const { address, state } of recipients) {
      const name = `${id} ${address}`;
      const now = state === "sending" ? "waiting" : state;
      assert.equal(told.get(name) ?? "waiting", now, `seed ${seed}: the events of ${name}`);
      assert((accepted.get(name) ?? 0) <= 1, `seed ${seed}: ${name} was accepted twice`);
    }
  }
  await outbox.close();
  await ground.close();
}

describe("random operations", () => {
  for (let seed = SEED; seed < SEED + 6; seed += 1) {
    test(`seed ${seed}: states go along the table, and events tell what the tables tell`, () => play(seed, 120));
  }
});

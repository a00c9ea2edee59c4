/**
 * The channels of diagnostics_channel.
 */
import assert from "node:assert/strict";
import { tracingChannel } from "node:diagnostics_channel";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Outbox } from "../src/index.js";
import { Clock, type Ground, MAIL, openOn, sqliteGround } from "./support/ground.js";
import { FAULTS, ScriptedTransport, until } from "./support/transport.js";

describe("the channels", () => {
  let ground: Ground;
  let outbox: Outbox;
  let transport: ScriptedTransport;
  let seen: { name: string; context: Record<string, unknown> }[];
  const unsubscribes: (() => void)[] = [];

  beforeEach(async () => {
    ground = await sqliteGround();
    transport = new ScriptedTransport();
    outbox = await openOn(ground, new Clock(), { transport });
    seen = [];
  });

  afterEach(async () => {
    for (const unsubscribe of unsubscribes.splice(0)) unsubscribe();
    await outbox.close();
    await ground.close();
  });

  function listen(channel: string): void {
    const handlers: Record<string, (context: object) => void> = {};
    for (const step of ["start", "end", "asyncStart", "asyncEnd", "error"])
      handlers[step] = (context) => seen.push({ name: step, context: context as Record<string, unknown> });
    const tracing = tracingChannel(`postrider:outbox:${channel}`);
    tracing.subscribe(handlers as never);
    unsubscribes.push(() => tracing.unsubscribe(handlers as never));
  }

  const steps = (): string[] => seen.map(({ name }) => name);

  test("enqueue tells the id and whether it was created, of enqueueAll too, and its error", async () => {
    listen("enqueue");
    const { id } = await outbox.enqueue(MAIL, { key: "k" });
    assert.deepEqual(steps(), ["start", "end", "asyncStart", "asyncEnd"]);
    assert.deepEqual(seen[0]?.context, { id, created: true });
    assert(
      seen.every(({ context }) => context === seen[0]?.context),
      "one object for all",
    );
    seen = [];
    await assert.rejects(outbox.enqueue({ ...MAIL, to: "nobody" }));
    assert.deepEqual(steps(), ["start", "end", "error", "asyncStart", "asyncEnd"]);
    assert.match(String(seen[2]?.context["error"]), /^AddressError/);
    seen = [];
    const requests = [1, 2].map((n) => ({ message: { ...MAIL, subject: `${n}` } }));
    for await (const _ of outbox.enqueueAll(requests));
    assert.equal(steps().filter((step) => step === "asyncEnd").length, 2);
  });

  test("enqueueAll in a transaction tells each message", async () => {
    listen("enqueue");
    const caller = await ground.caller();
    await caller.begin();
    const ids = [];
    const requests = [1, 2].map((n) => ({ message: { ...MAIL, subject: `${n}` } }));
    for await (const { id } of outbox.enqueueAll(requests, { in: caller.transaction })) ids.push(id);
    await caller.commit();
    await caller.close();
    const told = seen.filter(({ name }) => name === "asyncEnd").map(({ context }) => context["id"]);
    assert.deepEqual(told, ids);
  });

  test("the library's own tell nothing of a message that is composed", async () => {
    const names: unknown[] = [];
    const handlers = { start: (context: object) => names.push(context) };
    const channels = ["connect", "send", "command"].map((name) => tracingChannel(`postrider:${name}`));
    for (const channel of channels) {
      channel.subscribe(handlers as never);
      unsubscribes.push(() => channel.unsubscribe(handlers as never));
    }
    // Subscribed before the first of its connections in memory is made.
    await outbox.enqueue(MAIL);
    assert.deepEqual(names, []);
  });

  test("an attempt tells what became of its recipients, and holds no address", async () => {
    listen("attempt");
    const to = ["ok@example.com", "later@example.com", "gone@example.com"];
    transport.answers = (address) => (address.startsWith("later") ? 450 : address.startsWith("gone") ? 550 : 250);
    const { id } = await outbox.enqueue({ ...MAIL, to });
    await outbox.deliver(id);
    assert.deepEqual(steps(), ["start", "end", "asyncStart", "asyncEnd"]);
    const { size, ...context } = seen[0]?.context ?? {};
    assert.deepEqual(context, {
      id,
      attempt: 1,
      recipientCount: 3,
      inTime: true,
      outcomes: { accepted: 1, deferred: 1, refused: 1 },
    });
    assert.equal(size, (await outbox.get(id))?.size);
    assert.doesNotMatch(JSON.stringify(seen), /@/);
  });

  test("a fault of the transport is told as such", async () => {
    listen("attempt");
    transport.fault = FAULTS.connect;
    const { id } = await outbox.enqueue(MAIL);
    await outbox.deliver(id);
    assert.deepEqual([seen[0]?.context["fault"], seen[0]?.context["outcomes"]], ["it broke", {}]);
  });

  test("a claim tells how many it took", async () => {
    listen("claim");
    await outbox.enqueue(MAIL);
    const worker = outbox.work({ poll: 1 });
    await until(() => seen.some(({ name, context }) => name === "asyncEnd" && context["claimedCount"] === 1));
    await worker.stop();
  });
});

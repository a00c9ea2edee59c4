/**
 * A database that takes claims but no outcomes, that is slow, whose clock is set back, or whose functions keep the rows to themselves.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { Execute } from "../src/database/dialect.js";
import type { CustomDatabase } from "../src/database/open-database.js";
import { type Outbox, type OutboxOptions, openOutbox } from "../src/index.js";
import { Clock, type Ground, MAIL, openOn, sqliteGround } from "./support/ground.js";
import { ScriptedTransport, until } from "./support/transport.js";

let ground: Ground;
let clock: Clock;
let outbox: Outbox | undefined;

beforeEach(async () => {
  ground = await sqliteGround();
  clock = new Clock();
});
afterEach(async () => {
  await outbox?.close();
  outbox = undefined;
  await ground.close();
});

/** An outbox each of whose statements comes by `around` first. */
async function openAround(
  around: (text: string) => Promise<void> | void,
  options: Partial<OutboxOptions> = {},
): Promise<Outbox> {
  const { functions } = ground;
  const told =
    (execute: Execute): Execute =>
    async (text, values) => {
      await around(text);
      return execute(text, values);
    };
  const database: CustomDatabase = {
    ...functions,
    execute: told(functions.execute),
    transaction: (run) => functions.transaction((execute) => run(told(execute))),
  };
  outbox = await openOn({ ...ground, functions: database }, clock, options);
  return outbox;
}

test("while no outcome can be written, nothing more is sent; later each is settled, and none is in doubt", async () => {
  let isFull = true;
  let refusals = 0;
  const transport = new ScriptedTransport();
  const own = await openAround(
    (text) => {
      if (!isFull || !text.includes("leased = x.leased")) return;
      refusals += 1;
      throw Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });
    },
    { transport },
  );
  for (let n = 0; n < 3; n += 1) await own.enqueue(MAIL);
  await using worker = own.work({ batch: 20, poll: 1 });
  await until(() => refusals >= 2, "two tries to settle");
  for (let n = 3; n < 20; n += 1) await own.enqueue(MAIL);
  await until(() => refusals >= 4, "four tries to settle");
  assert.equal(transport.sent.length, 3);
  assert.equal((worker.stats.lastError as Error).name, "DiskFullError");
  isFull = false;
  await until(async () => (await own.stats()).messages.delivered === 20, "all delivered");
  assert.equal(transport.sent.length, 20);
  for await (const { type } of own.events()) assert.notEqual(type, "unknown");
});

test("an enqueue that is aborted while a part is written leaves no part", async () => {
  let begun = (): void => undefined;
  let go = (): void => undefined;
  const isBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  const own = await openAround(async (text) => {
    if (!/^INSERT INTO \S+_content"/.test(text)) return;
    begun();
    await gate;
  });
  const abort = new AbortController();
  const attachments = [{ filename: "a.bin", content: Buffer.alloc(3 * 1024 * 1024) }];
  const enqueued = own.enqueue({ ...MAIL, attachments }, { signal: abort.signal });
  await isBegun;
  abort.abort(new Error("enough"));
  const refused = assert.rejects(enqueued, { message: "enough" });
  // Long behind the abort, a slow database finishes what it has begun.
  for (let turns = 0; turns < 50; turns += 1) await setImmediate();
  go();
  for (let turns = 0; turns < 50; turns += 1) await setImmediate();
  await refused;
  const rows = await ground.functions.execute(`SELECT count(*) AS n FROM "${ground.schema}_content"`, []);
  assert.equal(Number(rows[0]?.["n"]), 0);
});

test("a clock that is set back by an hour does not hold a rate up for an hour", async () => {
  const transport = new ScriptedTransport();
  const own = await openAround(() => undefined, { transport });
  const rates = [{ messages: 2, per: 1000 }];
  await using _worker = own.work({ poll: 1, rates });
  for (let n = 0; n < 2; n += 1) await own.enqueue(MAIL);
  await until(() => transport.sent.length === 2);
  clock.advance(-3_600_000);
  for (let n = 0; n < 2; n += 1) await own.enqueue(MAIL);
  // The worker looks again, and takes what was used for used now.
  const name = `"${ground.schema}_rate_use"`;
  await until(async () => {
    const [row] = await ground.functions.execute(`SELECT max(at) AS at FROM ${name}`, []);
    return Number(row?.["at"]) <= clock.now;
  }, "the uses counted from now");
  assert.equal(transport.sent.length, 2, "and the limit holds");
  clock.advance(1001);
  await until(() => transport.sent.length === 4, "the next two");
});

test("a function that returns no rows is an error that names it, whatever it returns in their place", async () => {
  outbox = await openOn(ground, clock);
  for (const answer of [undefined, 5, { rows: [] }, { rowCount: 1 }]) {
    const execute = (async () => answer) as unknown as Execute;
    const database = { dialect: "postgres", execute, transaction: (run: (one: Execute) => unknown) => run(execute) };
    await assert.rejects(openOutbox({ database: database as never }), { name: "OptionError", option: "database" });
  }
  const nothing: Execute = async (text) => {
    // It has a transaction, as far as it tells.
    if (text === "BEGIN") throw new Error("cannot start a transaction within a transaction");
    return [];
  };
  for (const key of [undefined, "k"])
    await assert.rejects(outbox.enqueue(MAIL, { in: nothing, key }), { name: "OptionError", option: "in" });
});

test("a URL that is none, and a pool that was ended, have written nothing", async () => {
  for (const failure of [
    Object.assign(new TypeError("Invalid URL"), { code: "ERR_INVALID_URL" }),
    new Error("Cannot use a pool after calling end on the pool"),
  ]) {
    const execute: Execute = () => Promise.reject(failure);
    const database: CustomDatabase = { dialect: "postgres", execute, transaction: (run) => run(execute) };
    await assert.rejects(openOutbox({ database }), { name: "DatabaseError", written: "nothing" });
  }
});

/**
 * purge() beside much that stays: short transactions, each row looked at once, and what was interrupted is finished by the next one.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { createDialect } from "../src/database/dialect.js";
import type { CustomDatabase } from "../src/database/open-database.js";
import type { Outbox } from "../src/index.js";
import { Clock, type Ground, MAIL, openOn, sqliteGround } from "./support/ground.js";
import { ScriptedTransport } from "./support/transport.js";

const DAY = 86_400_000;

let ground: Ground;
let clock: Clock;
let outbox: Outbox;
/** Statements of each transaction of the outbox, and those outside of one. */
let transactions: string[][];
let single: string[];
/** Fails a statement. */
let breaks: (text: string) => boolean;

beforeEach(async () => {
  ground = await sqliteGround();
  clock = new Clock();
  transactions = [];
  single = [];
  breaks = () => false;
  const { functions } = ground;
  const watched: CustomDatabase = {
    ...functions,
    execute: (text, values) => {
      single.push(text);
      return functions.execute(text, values);
    },
    transaction: (run) =>
      functions.transaction((execute) => {
        const own: string[] = [];
        transactions.push(own);
        return run((text, values) => {
          own.push(text);
          if (breaks(text)) throw Object.assign(new Error("the disk is gone"), { code: "SQLITE_IOERR" });
          return execute(text, values);
        });
      }),
  };
  outbox = await openOn({ ...ground, functions: watched }, clock, { transport: new ScriptedTransport() });
});

afterEach(async () => {
  await outbox.close();
  await ground.close();
});

const table = (name: string): string => createDialect("sqlite", ground.schema).table(name);

async function count(from: string): Promise<number> {
  const [row] = await ground.functions.execute(`SELECT count(*) AS n FROM ${from}`, []);
  return Number(row?.["n"]);
}

/** Rows as enqueue and a settled attempt leave them. */
async function fill(state: string, length: number, prefix: string): Promise<void> {
  const ids = JSON.stringify(
    Array.from({ length }, (_, n) => `${prefix}${String(n).padStart(7, "0")}-0000-7000-8000-000000000000`),
  );
  const { execute } = ground.functions;
  const { now } = clock;
  await execute(
    `INSERT INTO ${table("message")} (id, message_id, state, sender, options, tags, expires_at, lifetime, created_at, size, parts)
SELECT value, value, '${state}', 'a@example.org', '{}', '{}', ${now + DAY}, ${DAY}, ${now}, 3, 1 FROM json_each(?)`,
    [ids],
  );
  await execute(
    `INSERT INTO ${table("recipient")} (message, n, address, lookup, domain, state) SELECT value, 0, 'b@c.de', 'b@c.de', 'c.de', 'accepted' FROM json_each(?)`,
    [ids],
  );
  await execute(
    `INSERT INTO ${table("content")} (message, part, written_at, bytes) SELECT value, 0, ${now}, x'414243' FROM json_each(?)`,
    [ids],
  );
  await execute(
    `INSERT INTO ${table("event")} (at, type, message) SELECT ${now}, 'enqueued', value FROM json_each(?)`,
    [ids],
  );
}

test("purge() looks at each row once, in transactions of a few hundred, whatever stays beside it", async () => {
  await fill("waiting", 2600, "1");
  await fill("delivered", 2600, "2");
  await fill("unknown", 100, "3");
  clock.advance(1000);
  const before = new Date(clock.now);
  assert.equal(await outbox.purge({ before, messages: true, events: true }), 2600);
  assert.equal(await count(table("content")), 2700);
  assert.equal(await count(table("message")), 2700);
  assert.equal(await count(table("recipient")), 2700);
  assert.equal(await count(table("event")), 1, "the last one keeps the place");
  const removing = transactions.filter((own) => own.some((text) => text.startsWith("DELETE")));
  // 5300 rows in pages of 500 that hold 2600 to be removed; events in pages of 2000.
  assert(removing.length >= 12 && removing.length <= 20, `${removing.length} transactions`);
  const pages = single.filter((text) => / LIMIT \d{3,}/.test(text));
  assert(pages.length <= 11 + 11 + 4, `${pages.length} pages`);
});

test("a long message loses its content a few parts at a time, and what was interrupted is finished by the next purge", async () => {
  const attachments = [{ filename: "a.bin", content: Buffer.alloc(8 * 1024 * 1024, 7) }];
  const { id } = await outbox.enqueue({ ...MAIL, attachments });
  await outbox.deliver(id);
  clock.advance(1000);
  const before = new Date(clock.now);
  const parts = await count(table("content"));
  assert(parts > 8, `${parts} parts`);
  const isRemoval = (text: string): boolean => text.startsWith(`DELETE FROM ${table("content")}`);
  let steps = 0;
  breaks = (text) => isRemoval(text) && ++steps === 2;
  await assert.rejects(outbox.purge({ before }), { name: "DatabaseError" });
  assert.equal(await count(table("content")), parts - 4);
  await assert.rejects(outbox.retry(id), /purged/, "half of it is not sent");
  breaks = () => false;
  await outbox.purge({ before });
  assert.equal(await count(table("content")), 0);
  assert.equal((await outbox.get(id))?.state, "delivered");
});

test("parts whose message was never written go after a day", async () => {
  const written = [0, 1, 2, 3, 4, 5].map(
    (part) => `('01890000-0000-7000-8000-000000000000', ${part}, ${clock.now}, x'41')`,
  );
  await ground.functions.execute(
    `INSERT INTO ${table("content")} (message, part, written_at, bytes) VALUES ${written.join(", ")}`,
    [],
  );
  clock.advance(DAY);
  await outbox.purge({ before: new Date(clock.now) });
  assert.equal(await count(table("content")), 6, "its message may come");
  clock.advance(1);
  assert.equal(await outbox.purge({ before: new Date(clock.now) }), 0);
  assert.equal(await count(table("content")), 0);
});

test("events older than the time go, also behind newer ones: the database's clock was set back", async () => {
  await outbox.enqueue(MAIL);
  clock.advance(DAY);
  await outbox.enqueue(MAIL);
  clock.advance(-DAY + 10);
  await outbox.enqueue(MAIL);
  const last = await outbox.enqueue(MAIL);
  await outbox.purge({ before: new Date(clock.now + 1), events: true });
  const left: (string | undefined)[] = [];
  for await (const { message, id } of outbox.events()) left.push(`${id} ${message === last.id}`);
  assert.deepEqual(left, ["2 false", "4 true"]);
});

/**
 * The plans of SQLite for what is looked at again and again: no statement reads a table from end to end.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CustomDatabase } from "../src/database/open-database.js";
import { Clock, MAIL, openOn, sqliteGround } from "./support/ground.js";
import { ScriptedTransport } from "./support/transport.js";

async function readAll(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

test("stats(), lists, events and purge() find their rows by an index", async () => {
  const ground = await sqliteGround();
  const { functions, schema } = ground;
  const seen = new Map<string, readonly unknown[]>();
  const watched: CustomDatabase = {
    ...functions,
    execute: (text, values) => {
      seen.set(text, values);
      return functions.execute(text, values);
    },
    transaction: (run) =>
      functions.transaction((execute) =>
        run((text, values) => {
          seen.set(text, values);
          return execute(text, values);
        }),
      ),
  };
  const clock = new Clock();
  const outbox = await openOn({ ...ground, functions: watched }, clock, { transport: new ScriptedTransport() });
  const { id } = await outbox.enqueue(MAIL, { tags: { order: "7" } });
  await outbox.deliver(id);
  seen.clear();
  await outbox.stats();
  await readAll(outbox.find({ order: "newest" }));
  await readAll(outbox.find({ state: "failed" }));
  await readAll(outbox.find({ recipient: "alice@example.com" }));
  await readAll(outbox.find({ domain: "example.com" }));
  await readAll(outbox.find({ after: new Date(clock.now - 1000) }));
  await readAll(outbox.find({ key: "k" }));
  await readAll(outbox.events({ types: ["bounced"] }));
  await outbox.history(id);
  clock.advance(1000);
  await outbox.purge({ before: new Date(clock.now), events: true, messages: true });
  assert(seen.size > 15, `${seen.size} statements`);
  for (const [text, values] of seen) {
    if (/^(?:BEGIN|COMMIT|SAVEPOINT|RELEASE)/.test(text)) continue;
    // The word tells the driver that it gives rows.
    const plan = await functions.execute(`EXPLAIN QUERY PLAN ${text} -- RETURNING`, values);
    assert(plan.length > 0, text);
    for (const { detail } of plan) {
      // The pause is one row; lists of ids and values in a statement are no tables.
      const isScan = /^SCAN (?!.*USING (?:COVERING )?INDEX)/.test(String(detail));
      const isTable = new RegExp(`^SCAN (?:[mrc]\\b|${schema}_(?!pause))`).test(String(detail));
      assert(!(isScan && isTable), `${detail}: ${text}`);
    }
  }
  await outbox.close();
  await ground.close();
});

/**
 * Rates, asked at random times.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createDatabase } from "../src/database/database.js";
import { createDialect } from "../src/database/dialect.js";
import { takeAllowance } from "../src/store/rates.js";
import { Clock, openOn, sqliteGround } from "./support/ground.js";

const RATES = [
  { messages: 5, per: 1000 },
  { domain: "slow.example", messages: 2, per: 700 },
];

test("in no window begin more messages than the rate allows, and none waits longer than it must", async () => {
  const ground = await sqliteGround();
  const clock = new Clock();
  const outbox = await openOn(ground, clock);
  const functions = clock.in(ground.functions, ground.schema);
  const database = createDatabase(createDialect("sqlite", ground.schema), {
    ...functions,
    close: async () => undefined,
  });
  const begun: { readonly at: number; readonly isSlow: boolean }[] = [];
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let step = 0; step < 300; step += 1) {
    clock.advance(random(250));
    const wanted = Array.from({ length: 1 + random(4) }, (_, n) => {
      const domains = random(2) === 0 ? ["slow.example"] : ["other.example", "third.example"];
      return { id: `${step}-${n}`, domains: new Set(domains) };
    });
    const { allowed, delays } = await database.transaction((session) => takeAllowance(session, RATES, wanted));
    for (const { id, domains } of wanted) {
      assert.notEqual(allowed.has(id), delays.has(id));
      if (allowed.has(id)) begun.push({ at: clock.now, isSlow: domains.has("slow.example") });
      else assert((delays.get(id) ?? 0) > 0 && (delays.get(id) ?? 0) <= 1001, `${delays.get(id)} ms`);
    }
  }
  for (const { at } of begun) {
    const inWindow = (per: number) => begun.filter((one) => one.at >= at && one.at < at + per);
    assert(inWindow(1000).length <= 5);
    assert(inWindow(700).filter(({ isSlow }) => isSlow).length <= 2);
  }
  const last = begun.at(-1)?.at ?? 0;
  const first = begun[0]?.at ?? 0;
  assert(begun.length > ((last - first) / 1000) * 3.5, `only ${begun.length} in ${last - first} ms`);
  await outbox.close();
  await ground.close();
});

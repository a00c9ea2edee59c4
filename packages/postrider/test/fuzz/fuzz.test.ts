/** Fuzzing, bounded and the same every time; `npm run fuzz` goes on for as long as it may. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fc, SEED } from "../support/property.js";
import { KEPT_SEEDS } from "./kept-seeds.js";
import { FUZZ_TARGETS } from "./targets.js";

const RUNS = 2000;

for (const { name, property } of FUZZ_TARGETS) {
  test(`${name}: ${RUNS} inputs, and those that once failed`, async () => {
    for (const { seed, path } of KEPT_SEEDS.filter((kept) => kept.target === name)) {
      await fc.assert(property, { seed, path, numRuns: 1_000_000, endOnFailure: true });
    }
    await fc.assert(property, { seed: SEED, numRuns: RUNS });
  });
}

test("every kept seed belongs to a target", () => {
  const names = new Set(FUZZ_TARGETS.map((target) => target.name));
  assert.equal(names.size, FUZZ_TARGETS.length, "names are unique");
  for (const { target } of KEPT_SEEDS) assert.ok(names.has(target), target);
});

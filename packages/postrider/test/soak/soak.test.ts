/** A short soak; `npm run soak` is the long one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SEED } from "../support/property.js";
import { soak } from "./soak.js";

const MESSAGES = 3000;
const HEAP_LIMIT_BYTES = 8 * 1024 * 1024;

test(`${MESSAGES} messages through a server that fails at random: none lost, none twice unless told unknown`, async (context) => {
  const report = await soak(MESSAGES, SEED);
  context.diagnostic(JSON.stringify(report));
  assert.deepEqual(report.problems, []);
  assert.ok(report.restarts > 0 && report.drops > 0 && report.unknown + report.sentAgain > 0, "it did fail");
  assert.ok(report.heapGrowth < HEAP_LIMIT_BYTES, `the heap grew by ${report.heapGrowth}`);
});

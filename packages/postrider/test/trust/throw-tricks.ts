/**
 * Tests that throw every trick at each of some fields.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tryProbe } from "./judge-probe.js";
import type { Slots } from "./probe.js";
import { POOR, RICH } from "./recorder.js";
import { HUGE, thrown, thrownAgain } from "./tricks.js";

/** More would only fill the page. */
const SHOWN_PROBLEMS = 25;
const FIELD_TIMEOUT_MS = 110_000;

/** One test for each field that takes a string. The figures of all go to the report. */
export function throwTricks(slots: Slots): void {
  const totals = { fields: 0, tried: 0, refused: 0, sent: 0 };
  for (const [field, slot] of Object.entries(slots)) {
    if (typeof slot === "string") continue;
    test(`${field}: no trick gets through`, { timeout: FIELD_TIMEOUT_MS }, async () => {
      const problems: string[] = [];
      totals.fields++;
      for (const [index, probe] of slot.entries()) {
        const isFirst = index === 0;
        for (const extensions of isFirst ? [RICH, POOR] : [RICH]) {
          const isFull = isFirst && extensions === RICH;
          const tricks = isFull ? thrown(probe.usual) : thrownAgain(probe.usual);
          const found = await tryProbe(field, probe, extensions, tricks, isFull ? HUGE : []);
          problems.push(...found.problems.map((problem) => `probe ${index}: ${problem}`));
          totals.tried += found.tried;
          totals.refused += found.refused;
          totals.sent += found.sent;
        }
      }
      assert.deepEqual(problems.slice(0, SHOWN_PROBLEMS), [], `${problems.length} problems`);
    });
  }
  test("the figures", (context) => {
    const { fields, tried, refused, sent } = totals;
    context.diagnostic(`${tried} strings in ${fields} fields: ${refused} refused, ${sent} sent as they are`);
  });
}

/**
 * A dialogue, cut in every place.
 */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { VirtualClock } from "../model/virtual-clock.js";
import { type Dialogue, play } from "./faults.js";
import type { Cut, FaultKind, Side } from "./link.js";

const SIDES: readonly Side[] = ["server", "client"];
const KINDS: readonly FaultKind[] = ["fin", "rst", "silence"];
/** More would only fill the page. */
const SHOWN_PROBLEMS = 20;

/** Plays it once whole, then once for each cut; the figures go to the report. */
export async function cutEverywhere(
  dialogue: Dialogue,
  context: TestContext,
  sides: readonly Side[] = SIDES,
  kinds: readonly FaultKind[] = KINDS,
): Promise<void> {
  const unhandled: unknown[] = [];
  const watch = (reason: unknown): number => unhandled.push(reason);
  process.on("unhandledRejection", watch);
  using clock = new VirtualClock();
  const whole = await play(dialogue, clock);
  assert.deepEqual(whole.problems, []);
  const counts = new Map<string, number>();
  const wrong: string[] = [];
  let cuts = 0;
  for (const { side, kind, after } of everyCut(whole.written, sides, kinds)) {
    clock.clear();
    const played = await play(dialogue, clock, { side, kind, after });
    cuts++;
    for (const outcome of played.outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    wrong.push(...played.problems.map((problem) => `${kind} after ${after} bytes of the ${side}: ${problem}`));
  }
  process.off("unhandledRejection", watch);
  context.diagnostic(`${cuts} cuts: ${[...counts].map(([what, count]) => `${count} ${what}`).join(", ")}`);
  assert.deepEqual(wrong.slice(0, SHOWN_PROBLEMS), [], `${wrong.length} problems in ${cuts} cuts`);
  assert.deepEqual(unhandled, [], "no rejection is unhandled");
}

function* everyCut(
  written: Readonly<Record<Side, number>>,
  sides: readonly Side[],
  kinds: readonly FaultKind[],
): Generator<Cut> {
  for (const side of sides) {
    for (const kind of kinds) for (let after = 0; after <= written[side]; after++) yield { side, kind, after };
  }
}

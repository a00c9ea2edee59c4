/**
 * Fuzzing without end: the targets in turn, each with a new seed, until the time is over or one fails.
 *
 * `node long-run.js MINUTES [WORDS]`: words select the targets whose name contains one of them.
 */
import { fc } from "../support/property.js";
import type { FuzzTarget } from "./fuzz-target.js";
import { FUZZ_TARGETS } from "./targets.js";

const RUNS_A_TURN = 5000;

/** Which of them, and for how long in ms; returns executions by target. */
export async function fuzz(targets: readonly FuzzTarget[], milliseconds: number): Promise<ReadonlyMap<string, number>> {
  const executions = new Map(targets.map(({ name }) => [name, 0]));
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    for (const { name, property } of targets) {
      const seed = crypto.getRandomValues(new Int32Array(1))[0] ?? 0;
      const details = await fc.check(property, { seed, numRuns: RUNS_A_TURN });
      executions.set(name, (executions.get(name) ?? 0) + details.numRuns);
      if (details.failed) {
        const kept = { target: name, seed: details.seed, path: details.counterexamplePath };
        throw new Error(
          `${fc.defaultReportMessage(details)}\n\nKeep it in test/fuzz/kept-seeds.ts: ${JSON.stringify(kept)}`,
        );
      }
      if (performance.now() >= end) break;
    }
  }
  return executions;
}

async function main([minutes = "1", ...words]: readonly string[]): Promise<void> {
  const targets = FUZZ_TARGETS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  if (!(Number(minutes) > 0)) throw new Error(`${minutes} is no number of minutes`);
  if (targets.length === 0)
    throw new Error(`no target is called so; there are: ${FUZZ_TARGETS.map(({ name }) => name).join(", ")}`);
  const executions = await fuzz(targets, Number(minutes) * 60_000);
  let sum = 0;
  for (const [name, count] of executions) {
    console.log(`${name.padEnd(32)} ${count.toLocaleString("en")}`);
    sum += count;
  }
  console.log(`${"executions, none failed".padEnd(32)} ${sum.toLocaleString("en")}`);
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

// @ts-check
/**
 * The small operations of which a message is made; and hostile input, whose cost must grow no faster than its size.
 *
 * Run: npm run bench -- micro
 */

import { hostileInputs } from "./lab/hostile.mjs";
import { postriderVersion } from "./lab/machine.mjs";
import { loadModules } from "./lab/modules.mjs";
import { operations } from "./lab/operations.mjs";
import { report } from "./lab/report.mjs";
import { runIfMain } from "./lab/settings.mjs";
import { median } from "./lab/statistics.mjs";

const MEGABYTE = 1_000_000;
/** Twice the input in twice the time; half as much again for caches and garbage. What is quadratic takes four times. */
const ALLOWED_GROWTH = 3;
/** Times of this length need no second look. */
const ENOUGH_MS = 100;
/** What is over this fast is bounded, and its ratios are noise. */
const NOTHING_MS = 3;

await runIfMain(import.meta.url, async (settings) => {
  const modules = await loadModules();
  const standings = measureOperations(operations(modules), settings);
  const growth = hostileInputs(modules).map(measureGrowth);
  const steep = growth.filter(
    ({ times: [, small = 0, large = 0] }) => large > NOTHING_MS && large / small > ALLOWED_GROWTH,
  );
  report(
    {
      name: "micro",
      title: "Small operations",
      unit: "MB/s",
      method: "MB of input a second, each operation alone.",
      versions: [`postrider ${postriderVersion()}`],
      heats: [{ name: "usual input", standings }],
      extra: ["## Hostile input, ms", growthTable(growth)],
      findings: [
        steep.length === 0
          ? `reached: twice the hostile input takes at most ${ALLOWED_GROWTH} times the time`
          : `missed: not linear: ${steep.map(({ name }) => name).join(", ")}`,
      ],
    },
    settings,
  );
});

/**
 * @param {readonly import("./lab/operations.mjs").Operation[]} all
 * @param {import("./lab/settings.mjs").Settings} settings
 * @returns {import("./lab/contest.mjs").Standing[]}
 */
function measureOperations(all, { rounds, quick }) {
  const duration = quick ? 50 : 200;
  /** @type {number[][]} */
  const values = all.map(() => []);
  for (let round = -1; round < rounds; round += 1) {
    all.forEach((operation, index) => {
      const value = throughput(operation, duration);
      // The first lap is for the compiler.
      if (round >= 0) values[index]?.push(value);
    });
  }
  return all.map(({ name }, index) => {
    const own = values[index] ?? [];
    const range = { lowest: Math.min(...own), highest: Math.max(...own) };
    return { name, value: median(own), ...range, cpu: Number.NaN, memory: Number.NaN };
  });
}

/**
 * @param {import("./lab/operations.mjs").Operation} operation
 * @param {number} duration
 * @returns {number} MB/s.
 */
function throughput({ bytes, run }, duration) {
  // As many at once as take a noticeable time, so that the clock is not what is measured.
  const batch = Math.max(1, Math.ceil(50_000 / bytes));
  const start = performance.now();
  let count = 0;
  let elapsed = 0;
  while (elapsed < duration) {
    for (let index = 0; index < batch; index += 1) run();
    count += batch;
    elapsed = performance.now() - start;
  }
  return (bytes * count) / MEGABYTE / (elapsed / 1000);
}

/** @typedef {{ name: string, times: number[] }} Growth Milliseconds for 1, 2 and 4 MB. */

/**
 * @param {import("./lab/hostile.mjs").Hostile} hostile
 * @returns {Growth}
 */
function measureGrowth({ name, make, feed }) {
  const times = [1, 2, 4].map((size) => {
    const text = make(size * MEGABYTE);
    // The best of some: what else runs on the machine only ever adds, and to short times the most.
    const first = timed(feed, text);
    const more = Math.min(8, Math.floor(ENOUGH_MS / Math.max(first, 1)));
    return Math.min(first, ...Array.from({ length: more }, () => timed(feed, text)));
  });
  return { name, times };
}

/**
 * @param {(text: string) => unknown} feed
 * @param {string} text
 */
function timed(feed, text) {
  const start = performance.now();
  try {
    feed(text);
  } catch {
    // Refusing is an answer.
  }
  return performance.now() - start;
}

/** @param {readonly Growth[]} growth */
function growthTable(growth) {
  const rows = growth.map(({ name, times }) => `| \`${name}\` | ${times.map((time) => time.toFixed(2)).join(" | ")} |`);
  return ["|  | 1 MB | 2 MB | 4 MB |", "| --- | ---: | ---: | ---: |", ...rows].join("\n");
}

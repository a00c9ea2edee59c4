// @ts-check
/**
 * Contenders in turn, each run in a process of its own, several rounds: a machine that is busy for a while is busy for all.
 *
 * Layer: bench.
 */

import { run } from "../../scripts/workspace/run.mjs";
import { formatNumber, median } from "./statistics.mjs";

/**
 * What a client program is told. Unknown properties are for the programs that know them.
 * @typedef {Record<string, unknown>} Job
 */

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {string} command A program that takes the job as its last parameter, as JSON, and prints a Sample as JSON.
 * @property {readonly string[]} parameters
 * @property {Job} [job] What it is told beside the heat's job.
 */

/**
 * One run of one contender.
 * @typedef {object} Sample
 * @property {number} value In the unit of the contest.
 * @property {number} [cpu] Microseconds of processor time for one message.
 * @property {number} [memory] Highest resident memory, in MiB.
 */

/**
 * Contenders that do the same thing.
 * @typedef {object} Heat
 * @property {string} name
 * @property {Job} job
 * @property {readonly Contender[]} contenders
 */

/**
 * @typedef {object} Standing
 * @property {string} name
 * @property {number} value Median.
 * @property {number} lowest
 * @property {number} highest
 * @property {number} cpu Median; NaN when not measured.
 * @property {number} memory Median; NaN when not measured.
 */

/**
 * @typedef {object} HeatResult
 * @property {string} name
 * @property {Standing[]} standings In the order of the contenders, without those that failed.
 */

/** Longer than any honest run. */
const LIMIT_MS = 120_000;

/**
 * @param {readonly Heat[]} heats
 * @param {{ rounds: number, unit: string }} options
 * @returns {Promise<{ heats: HeatResult[], skipped: string[] }>}
 */
export async function runContest(heats, { rounds, unit }) {
  /** @type {Map<string, Sample[]>} */
  const samples = new Map();
  /** @type {Map<string, string>} */
  const failures = new Map();
  for (let round = 0; round < rounds; round += 1) {
    for (const heat of heats) {
      for (const contender of turned(heat.contenders, round)) {
        const key = `${heat.name}: ${contender.name}`;
        if (failures.has(key)) continue;
        const outcome = await runOnce(contender, heat.job);
        if (typeof outcome === "string") failures.set(key, outcome);
        else samples.set(key, [...(samples.get(key) ?? []), outcome]);
        const told = typeof outcome === "string" ? outcome : `${formatNumber(outcome.value)} ${unit}`;
        console.error(`${round + 1}/${rounds}  ${key}  ${told}`);
      }
    }
  }
  return {
    heats: heats.map(({ name, contenders }) => ({
      name,
      standings: contenders.flatMap((contender) => standing(contender.name, samples.get(`${name}: ${contender.name}`))),
    })),
    skipped: [...failures].map(([key, problem]) => `${key}: ${problem}`),
  };
}

/**
 * @param {string} name
 * @param {readonly Sample[]} [samples]
 * @returns {Standing[]} Empty without samples.
 */
function standing(name, samples = []) {
  if (samples.length === 0) return [];
  const values = samples.map(({ value }) => value);
  return [
    {
      name,
      value: median(values),
      lowest: Math.min(...values),
      highest: Math.max(...values),
      cpu: median(samples.flatMap(({ cpu }) => cpu ?? [])),
      memory: median(samples.flatMap(({ memory }) => memory ?? [])),
    },
  ];
}

/**
 * Each round starts with another contender, so that nobody always runs behind the same one.
 * @template T
 * @param {readonly T[]} items
 * @param {number} by
 * @returns {T[]}
 */
function turned(items, by) {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

/**
 * @param {Contender} contender
 * @param {Job} job
 * @returns {Promise<Sample | string>} The sample, or why there is none.
 */
async function runOnce({ command, parameters, job: own }, job) {
  const { code, output } = await run(command, [...parameters, JSON.stringify({ ...job, ...own })], {
    timeout: LIMIT_MS,
  });
  const lines = output.trim().split("\n");
  if (code !== 0)
    return lines.find((line) => /error|unable/i.test(line)) ?? lines.at(-1) ?? `ended with status ${code}`;
  return JSON.parse(lines.at(-1) ?? "");
}

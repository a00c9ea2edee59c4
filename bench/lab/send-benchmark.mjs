// @ts-check
/**
 * The benchmarks that send mail to a server: prepares the peers, starts the server, runs the contest, reports.
 *
 * Layer: bench.
 */

import { preparePeers, sendJob, versions } from "./contenders.mjs";
import { runContest } from "./contest.mjs";
import { report } from "./report.mjs";

/**
 * @typedef {import("./contest.mjs").Contender} Contender
 * @typedef {import("./settings.mjs").Settings} Settings
 * @typedef {import("../servers/start.mjs").Server & Record<string, unknown>} Server
 */

/**
 * @typedef {object} HeatPlan
 * @property {string} name
 * @property {import("./contest.mjs").Job} job What is not as usual.
 * @property {readonly Contender[]} contenders
 */

/**
 * @typedef {object} SendBenchmark
 * @property {string} name
 * @property {string} title
 * @property {string} method
 * @property {string} [unit] Default: messages a second.
 * @property {() => Promise<Server>} start Starts the server; what it has beside the port goes into the jobs.
 * @property {(place: Record<string, unknown>) => readonly HeatPlan[]} heats Called when the peers are installed and the server runs,
 *   with what `start` gave.
 * @property {readonly import("./report.mjs").Goal[]} goals
 * @property {(heats: readonly import("./contest.mjs").HeatResult[]) => string[]} [findings] Judges what is no ratio of values.
 */

/**
 * @param {SendBenchmark} benchmark
 * @param {Settings} settings
 */
export async function runSendBenchmark(benchmark, settings) {
  const { unit = "messages/s", name, title, method, goals } = benchmark;
  const missing = await preparePeers();
  const { stop, ...place } = await benchmark.start();
  try {
    const heats = benchmark
      .heats(place)
      .map((heat) => ({ ...heat, job: sendJob(settings, { ...place, ...heat.job }) }));
    const { heats: results, skipped } = await runContest(heats, { rounds: settings.rounds, unit });
    const outcome = { name, title, unit, method, goals, versions: versions(), heats: results };
    const findings = benchmark.findings?.(results) ?? [];
    report({ ...outcome, findings, skipped: [...missing, ...skipped] }, settings);
  } finally {
    await stop();
  }
}

/**
 * Goals of the contender "postrider" in one heat.
 * @param {string} heat
 * @param {Readonly<Record<string, number>>} against Name of another contender -> how many times its value.
 * @returns {import("./report.mjs").Goal[]}
 */
export function goalsOf(heat, against) {
  return Object.entries(against).map(([other, atLeast]) => ({ heat, contender: "postrider", against: other, atLeast }));
}

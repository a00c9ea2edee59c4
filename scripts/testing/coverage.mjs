// @ts-check
/**
 * Line coverage of the layers that promise one, from what V8 counted while the tests ran.
 *
 * Layer: scripts.
 */

import { join } from "node:path";
import { BUILD, commandFile, readJson } from "../workspace/root.mjs";
import { runNode } from "../workspace/run.mjs";

/** V8 writes here, one file a process. */
export const COVERAGE = join(BUILD, "coverage", "v8");

const REPORT = join(BUILD, "coverage", "report");

/** The least share of lines, in percent, of each layer that has no sockets to blame. */
const THRESHOLDS = { wire: 95, protocol: 95, message: 95 };

const SOURCES = "packages/postrider/src";

/**
 * @typedef {object} LayerCoverage
 * @property {string} layer
 * @property {number} percent
 * @property {number} threshold
 * @property {{ file: string, percent: number }[]} low Files below the threshold, worst first.
 */

/**
 * Counts the lines that ran.
 * @returns {Promise<LayerCoverage[]>} One for each layer that exists.
 */
export async function measureCoverage() {
  const layers = Object.keys(THRESHOLDS).map((layer) => `${SOURCES}/${layer}/**`);
  const { code, output } = await runNode(commandFile("c8"), [
    "report",
    `--temp-directory=${COVERAGE}`,
    `--reports-dir=${REPORT}`,
    "--reporter=json-summary",
    "--exclude-after-remap",
    "--merge-async",
    ...layers.map((pattern) => `--include=${pattern}`),
    // Only ours: c8 would leave out folders called test, and our sources lie below "packages".
    "--exclude=",
    "--extension=.ts",
    "--extension=.js",
  ]);
  if (code !== 0) throw new Error(`c8 failed:\n${output}`);
  /** @type {Record<string, { lines: { total: number, covered: number, pct: number } }>} */
  const files = readJson(join(REPORT, "coverage-summary.json"));
  return Object.entries(THRESHOLDS).flatMap(([layer, threshold]) => {
    const mine = Object.entries(files).filter(([file]) => file.replaceAll("\\", "/").includes(`/${SOURCES}/${layer}/`));
    if (mine.length === 0) return [];
    const total = mine.reduce((sum, [, { lines }]) => sum + lines.total, 0);
    const covered = mine.reduce((sum, [, { lines }]) => sum + lines.covered, 0);
    const low = mine
      .map(([file, { lines }]) => ({ file: file.slice(file.indexOf(SOURCES)), percent: lines.pct }))
      .filter(({ percent }) => percent < threshold)
      .sort((left, right) => left.percent - right.percent);
    return [{ layer, percent: total === 0 ? 100 : (100 * covered) / total, threshold, low }];
  });
}

/**
 * What to tell when a layer is below its threshold; undefined when none is.
 * @param {readonly LayerCoverage[]} layers
 * @returns {string | undefined}
 */
export function coverageProblem(layers) {
  const short = layers.filter(({ percent, threshold }) => percent < threshold);
  if (short.length === 0) return undefined;
  return short
    .flatMap(({ layer, percent, threshold, low }) => [
      `Coverage of ${layer}: ${percent.toFixed(1)} % of lines, less than ${threshold} %`,
      ...low.map((file) => `  ${file.percent.toFixed(1).padStart(5)} %  ${file.file}`),
    ])
    .join("\n");
}

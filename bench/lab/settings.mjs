// @ts-check
/**
 * How a benchmark was asked to run: `--rounds N`, `--quick`.
 *
 * Layer: bench.
 */

import { isMain } from "../../scripts/workspace/root.mjs";

/** Fewer say too little about a machine that does other things too. */
const DEFAULT_ROUNDS = 5;

/**
 * @typedef {object} Settings
 * @property {number} rounds How often each contender runs; the median counts.
 * @property {boolean} quick Short runs, to see whether everything works: their numbers are rough and not kept under results/.
 */

/**
 * @param {readonly string[]} [parameters]
 * @returns {Settings}
 */
function readSettings(parameters = process.argv.slice(2)) {
  let quick = false;
  let rounds;
  for (let index = 0; index < parameters.length; index += 1) {
    const parameter = parameters[index];
    if (parameter === "--quick") quick = true;
    else if (parameter === "--rounds") {
      index += 1;
      rounds = Number(parameters[index]);
    } else throw new Error(`Unknown parameter ${parameter}; there are --rounds N and --quick`);
  }
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new Error("--rounds takes a whole number above 0");
  }
  return { quick, rounds: rounds ?? (quick ? 1 : DEFAULT_ROUNDS) };
}

/**
 * Runs a benchmark when its file was started by itself.
 * @param {string} moduleUrl The file's `import.meta.url`.
 * @param {(settings: Settings) => Promise<void>} benchmark
 */
export async function runIfMain(moduleUrl, benchmark) {
  if (!isMain(moduleUrl)) return;
  try {
    await benchmark(readSettings());
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

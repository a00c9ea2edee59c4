// @ts-check
/**
 * Runs one block of the guide on the stage, in a process of its own.
 *
 * Layer: scripts.
 */

import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../workspace/root.mjs";
import { run } from "../workspace/run.mjs";

/** A block that takes longer has something open that it should have closed; in ms. */
const TIMEOUT = 20_000;

const PRELUDE = String(pathToFileURL(join(ROOT, "scripts", "guide", "prelude.mjs")));
const WORKER_HOST = join(ROOT, "scripts", "guide", "worker-host.mjs");

/**
 * @typedef {object} Outcome
 * @property {string} problem Why it is not well, with all that it printed; empty when it is.
 * @property {ReturnType<import("./stage.mjs").Stage["arrivals"]>} arrived
 */

/**
 * @param {import("./prepare.mjs").Program} program
 * @param {import("./stage.mjs").Stage} stage
 * @returns {Promise<Outcome>}
 */
export async function runProgram(program, stage) {
  if (program.typeErrors !== "") return { problem: program.typeErrors, arrived: [] };
  const started = program.block.isWorker === true ? [WORKER_HOST, program.file] : [program.file];
  const { code, output } = await run(process.execPath, ["--enable-source-maps", "--import", PRELUDE, ...started], {
    cwd: dirname(program.file),
    env: stage.environment,
    timeout: TIMEOUT,
  });
  const problem = code === 0 ? "" : `${program.name} ended with status ${code}:\n${output}`;
  return { problem, arrived: stage.arrivals() };
}

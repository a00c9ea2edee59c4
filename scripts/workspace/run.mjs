// @ts-check
/**
 * Runs a program, with its output passed on or kept.
 *
 * Layer: scripts.
 */

import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { ROOT } from "./root.mjs";

/**
 * @typedef {object} Finished
 * @property {number} code Exit status; 128 and more when a signal ended it, as a shell says it.
 * @property {string} output Standard output and standard error as they came; empty when they were passed on.
 */

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] Default: the root of the workspace.
 * @property {NodeJS.ProcessEnv} [env] Default: this process's environment.
 * @property {boolean} [show] Passes output on instead of keeping it.
 * @property {number} [timeout] Milliseconds after which the program is killed.
 */

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
let areEnded = false;

/** Ends all programs for good: `run()` settles no more, and starts nothing. For a process that is about to end. */
export function endPrograms() {
  areEnded = true;
  for (const child of running) child.kill();
}

/**
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {RunOptions} [options]
 * @returns {Promise<Finished>}
 */
export function run(command, parameters, options = {}) {
  return new Promise((resolve, reject) => {
    if (areEnded) return;
    const child = spawn(command, [...parameters], {
      cwd: options.cwd ?? ROOT,
      env: options.env ?? process.env,
      stdio: options.show === true ? "inherit" : ["ignore", "pipe", "pipe"],
      timeout: options.timeout,
      killSignal: "SIGKILL",
    });
    running.add(child);
    let output = "";
    const keep = (/** @type {string} */ text) => {
      output += text;
    };
    child.stdout?.setEncoding("utf8").on("data", keep);
    child.stderr?.setEncoding("utf8").on("data", keep);
    child.on("error", (error) => {
      running.delete(child);
      reject(error);
    });
    child.on("close", (code, signal) => {
      running.delete(child);
      if (areEnded) return;
      if (signal !== null)
        output += `(ended by ${signal}${options.timeout === undefined ? "" : `, perhaps after ${options.timeout} ms`})\n`;
      resolve({ code: code ?? 128, output });
    });
  });
}

/**
 * Runs a script with this Node.
 * @param {string} script
 * @param {readonly string[]} [parameters]
 * @param {RunOptions} [options]
 */
export function runNode(script, parameters = [], options = {}) {
  return run(process.execPath, [script, ...parameters], options);
}

/**
 * Runs npm: the one that started us, when one did.
 * @param {readonly string[]} parameters
 * @param {RunOptions} [options]
 */
export function runNpm(parameters, options = {}) {
  const script = process.env.npm_execpath;
  if (script?.endsWith(".js")) return runNode(script, parameters, options);
  if (process.platform !== "win32") return run("npm", parameters, options);
  // QUIRK: Node starts no .cmd without a shell on Windows; npm's script lies beside Node there.
  const beside = join(dirname(process.execPath), "node_modules", "npm", "bin", "npm-cli.js");
  return runNode(beside, parameters, options);
}

// @ts-check
/**
 * Programs that share one core: what counts is the work that they do, and not how long the machine takes to wake the other.
 *
 * Layer: bench.
 */

import { readFileSync } from "node:fs";
import { findProgram } from "./peers.mjs";

/** @typedef {{ command: string, parameters: readonly string[] }} Program */

/**
 * @template {Program} P
 * @param {P} program
 * @returns {P} The same, kept on the first core that this process may use.
 */
export function onOneCore(program) {
  const taskset = findProgram("taskset");
  if (taskset === undefined) throw new Error("taskset is missing: install util-linux");
  const { command, parameters } = program;
  return { ...program, command: taskset, parameters: ["-c", firstCore(), command, ...parameters] };
}

/** @returns {string} */
function firstCore() {
  const [, list = ""] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return list.split(/[-,]/)[0] || "0";
}

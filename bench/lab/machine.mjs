// @ts-check
/**
 * Where and with what a benchmark ran. Numbers without this mean nothing.
 *
 * Layer: bench.
 */

import { readFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { ROOT, readJson } from "../../scripts/workspace/root.mjs";

/** @returns {string} One line. */
export function describeMachine() {
  const cpu = cpus()[0]?.model.trim() ?? "unknown processor";
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${availableParallelism()} cores of ${cpu}, ${memory} memory, ${systemName()}, Node ${process.versions.node}`;
}

/** @returns {string} */
export function postriderVersion() {
  return readJson(join(ROOT, "packages", "postrider", "package.json")).version;
}

/** @returns {string} Date, as in 2030-01-31. */
export function today() {
  return new Date().toISOString().slice(0, 10);
}

function systemName() {
  try {
    const name = /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
    return `${name ?? type()}, ${type()} ${release()}`;
  } catch {
    return `${type()} ${release()}`;
  }
}

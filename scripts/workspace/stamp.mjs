// @ts-check
/**
 * Stamps: what a step read when it last succeeded, as one hash. A step whose hash is the same need not run.
 *
 * PERF: contents are hashed, not times, because a fresh clone, a branch switch and an editor all change times; a few hundred
 * small files take some milliseconds.
 *
 * Layer: scripts.
 */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { BUILD, ROOT } from "./root.mjs";

/**
 * All files below the given paths, sorted; a path may also be a file, or not exist.
 * @param {readonly string[]} paths
 * @returns {string[]}
 */
export function filesUnder(paths) {
  /** @type {string[]} */
  const files = [];
  for (const path of paths) {
    if (!existsSync(path)) continue;
    if (statSync(path).isFile()) files.push(path);
    else files.push(...filesUnder(readdirSync(path).map((name) => join(path, name))));
  }
  return files.sort();
}

/**
 * One hash of the names and contents of files and of some words besides.
 * @param {readonly string[]} paths
 * @param {readonly string[]} [words]
 */
export function hashOf(paths, words = []) {
  const hash = createHash("sha256");
  for (const file of filesUnder(paths)) {
    hash.update(`${relative(ROOT, file)}\0`);
    hash.update(readFileSync(file));
    hash.update("\0");
  }
  for (const word of words) hash.update(`${word}\0`);
  return hash.digest("hex");
}

/** @param {string} name */
export function readStamp(name) {
  const file = stampFile(name);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/**
 * @param {string} name
 * @param {string} hash
 */
export function writeStamp(name, hash) {
  mkdirSync(dirname(stampFile(name)), { recursive: true });
  writeFileSync(stampFile(name), hash);
}

/** @param {string} name */
export function removeStamp(name) {
  rmSync(stampFile(name), { force: true });
}

/** @param {string} name */
function stampFile(name) {
  return join(BUILD, "stamps", name);
}

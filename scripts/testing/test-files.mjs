// @ts-check
/**
 * The test files there are: built ones of the packages, and those of the scripts, which need no building.
 *
 * Layer: scripts.
 */

import { join, relative } from "node:path";
import { packages, ROOT } from "../workspace/root.mjs";
import { filesUnder } from "../workspace/stamp.mjs";

/**
 * Built test files of the packages, found by their sources, as paths from the root.
 * @returns {string[]}
 */
export function packageTests() {
  return packages().flatMap(({ folder }) =>
    filesUnder([join(folder, "test")])
      .filter((file) => file.endsWith(".test.ts"))
      .map((file) => relative(ROOT, join(folder, "build", relative(folder, file).replace(/\.ts$/, ".js")))),
  );
}

/**
 * Tests of the scripts, among them the guide's, as paths from the root.
 * @returns {string[]}
 */
export function scriptTests() {
  return filesUnder([join(ROOT, "scripts", "test")])
    .filter((file) => file.endsWith(".test.mjs"))
    .map((file) => relative(ROOT, file));
}

/**
 * The files whose path contains one of the words; all of them without words.
 * @param {readonly string[]} files
 * @param {readonly string[]} words
 */
export function matching(files, words) {
  return words.length === 0 ? [...files] : files.filter((file) => words.some((word) => file.includes(word)));
}

// @ts-check
/**
 * A script as a command: runs when it was started, not when it is imported, and ends with status 1 when something is wrong.
 *
 * Layer: scripts.
 */

import { isMain } from "./root.mjs";

/**
 * @param {string} moduleUrl `import.meta.url` of the script.
 * @param {(words: readonly string[]) => Promise<boolean | void>} main Gets what stands behind the name of the script; false, and
 *   an error, which is printed, are status 1.
 */
export async function runMain(moduleUrl, main) {
  if (!isMain(moduleUrl)) return;
  try {
    if ((await main(process.argv.slice(2))) === false) process.exitCode = 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

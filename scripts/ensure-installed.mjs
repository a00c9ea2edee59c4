// @ts-check
/**
 * Installs dependencies when they are missing or not those of the lock file, and only then.
 *
 * Layer: scripts. Uses nothing that must be installed first.
 */

import { installState } from "./workspace/install-state.mjs";
import { isMain, ROOT } from "./workspace/root.mjs";
import { runNpm } from "./workspace/run.mjs";

/** package.json says the same under "engines"; npm only warns about it. */
const LOWEST_NODE = /** @type {const} */ ([20, 19]);

/** Parameters that keep npm to the one line that this script prints. */
const QUIET = ["--no-audit", "--no-fund", "--loglevel=error"];

/**
 * Makes sure that node_modules holds what the lock file says, and prints one line of what it did.
 * @param {{ root?: string }} [options]
 * @returns {Promise<void>}
 */
export async function ensureInstalled({ root = ROOT } = {}) {
  if (isTooOld(process.versions.node)) {
    throw new Error(`Node ${LOWEST_NODE.join(".")} or newer is needed; this is ${process.versions.node}`);
  }
  const before = installState(root);
  if (before.state === "present") {
    console.log("Dependencies: present");
    return;
  }
  const start = performance.now();
  let command = before.command;
  let { code } = await runNpm([command, ...QUIET], { cwd: root, show: true });
  if (code !== 0 && command === "ci") {
    // npm refuses `ci` for lock files that it would only have to complete; `install` does that.
    command = "install";
    ({ code } = await runNpm([command, ...QUIET], { cwd: root, show: true }));
  }
  if (code !== 0) throw new Error(`npm ${command} ended with status ${code}`);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`Dependencies: ${before.state} (${before.reason}), npm ${command} took ${seconds} s`);
}

/** @param {string} version */
function isTooOld(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < LOWEST_NODE[0] || (major === LOWEST_NODE[0] && minor < LOWEST_NODE[1]);
}

if (isMain(import.meta.url)) await ensureInstalled();

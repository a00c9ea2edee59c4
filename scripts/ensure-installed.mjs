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

/** Parameters that keep npm quiet: this script prints one line. */
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
  process.stdout.write(`Dependencies: ${before.state} (${before.reason}), npm ${before.command} `);
  let { code, output } = await runNpm([before.command, ...QUIET], { cwd: root });
  if (code !== 0 && before.command === "ci") {
    // npm refuses `ci` for lock files that it would only have to complete; `install` does that.
    process.stdout.write("refused, npm install ");
    ({ code, output } = await runNpm(["install", ...QUIET], { cwd: root }));
  }
  console.log(code === 0 ? `took ${((performance.now() - start) / 1000).toFixed(1)} s` : "failed");
  if (code !== 0) throw new Error(`Dependencies could not be installed:\n${output}`);
}

/** @param {string} version */
function isTooOld(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < LOWEST_NODE[0] || (major === LOWEST_NODE[0] && minor < LOWEST_NODE[1]);
}

if (isMain(import.meta.url)) await ensureInstalled();

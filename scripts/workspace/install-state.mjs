// @ts-check
/**
 * Is what is installed what the lock file asks for? Answered from three sorts of files: every package.json of the
 * workspace, package-lock.json, and the lock file that npm leaves inside node_modules.
 *
 * Layer: scripts. Reads only.
 */

import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { packages, readJson } from "./root.mjs";

/**
 * @typedef {object} LockEntry
 * @property {string} [version]
 * @property {string} [resolved]
 * @property {string} [integrity]
 * @property {boolean} [link]
 * @property {boolean} [optional]
 * @property {boolean} [devOptional]
 */

/**
 * @typedef {object} InstallState
 * @property {"present" | "missing" | "stale"} state
 * @property {string} reason Why it is not present; empty when it is.
 * @property {"ci" | "install"} command What npm should do about it.
 */

/** The kinds of dependency that the lock file repeats for every package of the workspace. */
const KINDS = /** @type {const} */ (["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"]);

/**
 * Compares what is wanted with what is there.
 * @param {string} root
 * @returns {InstallState}
 */
export function installState(root) {
  const lockFile = join(root, "package-lock.json");
  const installedFile = join(root, "node_modules", ".package-lock.json");
  const installed = existsSync(installedFile);
  if (!existsSync(lockFile))
    return { state: installed ? "stale" : "missing", reason: "no lock file", command: "install" };
  /** @type {Record<string, LockEntry>} */
  const wanted = readJson(lockFile).packages;

  const unlocked = unlockedManifest(root, wanted);
  if (unlocked !== undefined) {
    return {
      state: installed ? "stale" : "missing",
      reason: `${unlocked} is ahead of the lock file`,
      command: "install",
    };
  }
  if (!installed) return { state: "missing", reason: "nothing is installed", command: "ci" };
  const difference = firstDifference(root, wanted, readJson(installedFile).packages);
  return { state: difference === undefined ? "present" : "stale", reason: difference ?? "", command: "ci" };
}

/**
 * The first package.json that asks for something else than the lock file has written down for it.
 * @param {string} root
 * @param {Record<string, LockEntry>} wanted
 * @returns {string | undefined}
 */
function unlockedManifest(root, wanted) {
  const manifests = [
    { path: "", manifest: readJson(join(root, "package.json")) },
    ...packages(root).map(({ path, manifest }) => ({ path, manifest })),
  ];
  for (const { path, manifest } of manifests) {
    /** @type {Record<string, unknown>} */
    const locked = /** @type {any} */ (wanted[path] ?? {});
    for (const kind of KINDS) {
      if (!sameRecord(manifest[kind], locked[kind])) return path === "" ? "package.json" : `${path}/package.json`;
    }
    if (path !== "" && wanted[path] === undefined) return `${path}/package.json`;
  }
  return undefined;
}

/**
 * @param {string} root
 * @param {Record<string, LockEntry>} wanted
 * @param {Record<string, LockEntry>} installed
 * @returns {string | undefined}
 */
function firstDifference(root, wanted, installed) {
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "" || !path.startsWith("node_modules/")) continue;
    const there = installed[path];
    // Packages for other platforms are in the lock file and rightly not installed.
    if (there === undefined && (entry.optional === true || entry.devOptional === true)) continue;
    if (there === undefined) return `${path} is not installed`;
    if (there.version !== entry.version || there.integrity !== entry.integrity) return `${path} has another version`;
    if (entry.link === true) {
      if (!leadsTo(join(root, path), join(root, entry.resolved ?? "")))
        return `${path} does not lead to ${entry.resolved}`;
    } else if (!existsSync(join(root, path, "package.json"))) return `${path} is gone`;
  }
  const extra = Object.keys(installed).find((path) => path.startsWith("node_modules/") && wanted[path] === undefined);
  return extra === undefined ? undefined : `${extra} is no longer wanted`;
}

/**
 * @param {string} link
 * @param {string} folder
 */
function leadsTo(link, folder) {
  return existsSync(link) && existsSync(folder) && realpathSync(link) === realpathSync(folder);
}

/**
 * @param {Record<string, string> | undefined} left
 * @param {unknown} right
 */
function sameRecord(left, right) {
  const sorted = (/** @type {any} */ record) => JSON.stringify(Object.entries(record ?? {}).sort());
  return sorted(left) === sorted(right);
}

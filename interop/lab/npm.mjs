// @ts-check
/**
 * Servers that npm brings: installed into a folder of their own when they are first asked for, apart from what the workspace
 * depends on.
 *
 * Layer: interop.
 */

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUILD } from "../../scripts/workspace/root.mjs";
import { ask } from "./debian.mjs";
import { Skip } from "./report.mjs";

/** Some fifty packages; without a network npm tries for minutes. */
const INSTALL_LIMIT_MS = 180_000;

/**
 * Downloads are kept from run to run.
 * @param {string} name
 * @param {string} version Exactly one: what a server does on the wire changes with its patches.
 * @returns {string} Folder of the package.
 * @throws {Skip} when it cannot be had.
 */
export function needModule(name, version) {
  return join(needModules(`${name}-${version}`, [`${name}@${version}`]), "node_modules", name);
}

/**
 * Packages that are used together.
 * @param {string} name Of their folder; another one for another choice of packages.
 * @param {readonly string[]} packages Each with its version.
 * @returns {string} The folder with node_modules inside.
 * @throws {Skip} when they cannot be had.
 */
export function needModules(name, packages) {
  const folder = join(BUILD, "interop", name);
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  // A manifest of its own: npm would else install into the workspace around it.
  writeFileSync(join(fresh, "package.json"), JSON.stringify({ private: true }));
  console.error(`Asking npm for ${packages.join(", ")}`);
  // SECURITY: nothing that the packages bring runs while they are installed.
  const options = ["--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--prefer-offline"];
  const limits = { cwd: fresh, timeout: INSTALL_LIMIT_MS };
  if (ask("npm", ["install", ...options, ...packages], limits) === undefined) {
    rmSync(fresh, { recursive: true, force: true });
    throw new Skip(`${packages.join(", ")}: cannot be had from npm here`);
  }
  renameSync(fresh, folder);
  return folder;
}

/**
 * @param {string} folder Of a package.
 * @returns {string}
 */
export function moduleVersion(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
}

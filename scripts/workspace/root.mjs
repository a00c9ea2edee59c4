// @ts-check
/**
 * Where things are: the root of the workspace, its packages, the programs that npm installed.
 *
 * Layer: scripts. Uses nothing that must be installed first.
 */

import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that holds the root package.json. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Everything the scripts write goes here; git ignores it. */
export const BUILD = join(ROOT, "build");

/** Compiled modules and declarations of the packages that are bundled, a folder each, called like the package's own. */
export const MODULES = join(BUILD, "modules");

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} [version]
 * @property {{ node?: string }} [engines]
 * @property {string[]} [workspaces]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, { optional?: boolean }>} [peerDependenciesMeta]
 * @property {string | Record<string, string>} [bin]
 * @property {Record<string, string | { require?: { default: string } }>} [exports]
 */

/**
 * @typedef {object} Package
 * @property {string} name Name of the package on npm.
 * @property {string} folder Absolute path.
 * @property {string} path Path from the root, with forward slashes.
 * @property {Manifest} manifest
 */

/**
 * Whether a script was started by itself and not imported by another.
 * @param {string} moduleUrl The script's `import.meta.url`.
 */
export function isMain(moduleUrl) {
  const started = process.argv[1];
  return started !== undefined && existsSync(started) && realpathSync(started) === fileURLToPath(moduleUrl);
}

/**
 * Reads a JSON file.
 * @param {string} file
 * @returns {any}
 */
export function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

/**
 * The packages of the workspace, each after the ones it depends on.
 * @param {string} [root]
 * @returns {Package[]}
 */
export function packages(root = ROOT) {
  const folder = join(root, "packages");
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const found = names
    .filter((name) => existsSync(join(folder, name, "package.json")))
    .map((name) => {
      /** @type {Manifest} */
      const manifest = readJson(join(folder, name, "package.json"));
      return { name: manifest.name, folder: join(folder, name), path: `packages/${name}`, manifest };
    });
  return inOrderOfDependence(found);
}

/**
 * The names of the other workspace packages that one needs.
 * @param {Package} one
 * @param {readonly Package[]} all
 * @returns {string[]}
 */
export function workspaceDependencies(one, all) {
  const needed = { ...one.manifest.dependencies, ...one.manifest.devDependencies };
  return all.map((other) => other.name).filter((name) => Object.hasOwn(needed, name));
}

/**
 * The modules of a package that others import, by the names of their sources, such as `"index"`. A package that is only a command has
 * none.
 * @param {Manifest} manifest
 * @returns {string[]}
 */
export function entriesOf(manifest) {
  return Object.values(manifest.exports ?? {}).flatMap((one) => {
    const file = typeof one === "string" ? undefined : one.require?.default;
    return file === undefined ? [] : [file.replace(/^\.\/dist\//, "").replace(/\.cjs$/, "")];
  });
}

/**
 * The script that an installed package offers as a command, to be run by this Node.
 * @param {string} packageName
 * @param {string} [command] Needed when the package offers several.
 * @returns {string}
 */
export function commandFile(packageName, command) {
  const folder = join(ROOT, "node_modules", packageName);
  /** @type {Manifest} */
  const manifest = readJson(join(folder, "package.json"));
  const bin = manifest.bin;
  const file = typeof bin === "string" ? bin : bin?.[command ?? packageName];
  if (file === undefined) throw new Error(`${packageName} offers no command ${command ?? packageName}`);
  return join(folder, file);
}

/**
 * @param {Package[]} all
 * @returns {Package[]}
 */
function inOrderOfDependence(all) {
  /** @type {Package[]} */
  const ordered = [];
  const waiting = new Set(all);
  while (waiting.size > 0) {
    const ready = [...waiting].filter((one) =>
      workspaceDependencies(one, all).every((name) => ordered.some((done) => done.name === name)),
    );
    if (ready.length === 0) throw new Error("the packages of the workspace depend on each other in a circle");
    for (const one of ready) {
      ordered.push(one);
      waiting.delete(one);
    }
  }
  return ordered;
}

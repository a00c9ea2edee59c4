// @ts-check
/**
 * Checks of a package as people will install it: its tarball, its types, its size, its dependencies.
 *
 * Layer: scripts.
 */

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BUILD, commandFile } from "../workspace/root.mjs";
import { runNode, runNpm } from "../workspace/run.mjs";

/** @typedef {import("../workspace/root.mjs").Package} Package */

/** The library unpacked, in bytes: less than this. */
const MAX_UNPACKED = 400_000;

/** What is in the library's tarball, a line each; the names of chunks without their hashes. */
const PACKED_FILES = new URL("./packed-files.txt", import.meta.url);

/**
 * @typedef {object} Packed
 * @property {string} file The tarball.
 * @property {number} unpackedSize Bytes.
 * @property {string[]} files What is in it.
 */

/**
 * Packs what was built; npm does not build it again.
 * @param {Package} one
 * @returns {Promise<Packed>}
 */
export async function pack(one) {
  const folder = join(BUILD, "packed", one.path);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { code, output } = await runNpm(
    ["pack", "--json", "--ignore-scripts", "--loglevel=silent", "--pack-destination", folder],
    { cwd: one.folder },
  );
  const start = output.indexOf("[");
  if (code !== 0 || start < 0) throw new Error(`npm pack failed:\n${output}`);
  const [packed] = JSON.parse(output.slice(start));
  return {
    file: join(folder, packed.filename),
    unpackedSize: packed.unpackedSize,
    files: packed.files.map((/** @type {{ path: string }} */ file) => file.path),
  };
}

/**
 * publint: is package.json true of what is in the tarball?
 * @param {Packed} packed
 */
export function checkManifest({ file }) {
  return runNode(commandFile("publint"), ["run", file, "--strict"]);
}

/**
 * attw: do the types lead where the code leads?
 * @param {Packed} packed
 */
export function checkTypes({ file }) {
  return runNode(commandFile("@arethetypeswrong/cli", "attw"), [
    file,
    "--profile",
    "esm-only",
    "--no-emoji",
    "--no-color",
  ]);
}

/**
 * @param {Package} one
 * @returns {string} Why it is not free of dependencies; empty when it is.
 */
export function dependencyProblem({ path, manifest }) {
  const kinds = /** @type {const} */ (["dependencies", "optionalDependencies", "peerDependencies"]);
  // An optional peer is installed by those who want it, and by nobody else.
  const optional = (/** @type {string} */ name) => manifest.peerDependenciesMeta?.[name]?.optional === true;
  const names = kinds.flatMap((kind) => Object.keys(manifest[kind] ?? {}).filter((name) => !optional(name)));
  return names.length === 0 ? "" : `${path} depends on ${names.join(", ")}, and it has no dependencies`;
}

/**
 * @param {Packed} packed
 * @returns {string} Why its content is wrong; empty when it is right.
 */
export function contentProblem({ unpackedSize, files }) {
  const problems = files
    .filter((file) => !/^(?:dist\/.*\.(?:js|d\.ts)|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(file))
    .map((file) => `${file} should not be in the package`);
  problems.push(...listProblems(files));
  if (unpackedSize >= MAX_UNPACKED) problems.push(`${unpackedSize} bytes unpacked; ${MAX_UNPACKED} is the limit`);
  if (!files.includes("LICENSE")) problems.push("LICENSE is missing");
  if (!files.includes("README.md")) problems.push("README.md is missing");
  return problems.join("\n");
}

/**
 * SECURITY: nothing gets into the package, or out of it, that nobody has looked at.
 * @param {readonly string[]} files
 */
function listProblems(files) {
  const packed = files.map((file) => file.replace(/-[A-Z0-9]{8}\.js$/, "-HASH.js")).sort();
  const known = readFileSync(PACKED_FILES, "utf8").trimEnd().split("\n");
  return [
    ...packed.filter((file) => !known.includes(file)).map((file) => `${file} is new in the package`),
    ...known.filter((file) => !packed.includes(file)).map((file) => `${file} is in the package no more`),
  ].map((problem) => `${problem}; if that is meant, change scripts/checks/packed-files.txt`);
}

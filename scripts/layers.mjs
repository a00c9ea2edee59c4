// @ts-check
/**
 * Checks that the layers of packages/postrider/src import each other only as scripts/layers/table.mjs allows, without cycles,
 * that Node stays in its rooms, and that no file has outgrown its own.
 *
 * Layer: scripts. Uses nothing that must be installed first.
 */

import { readFileSync } from "node:fs";
import { join, posix, relative, sep } from "node:path";
import { readImports, withoutComments } from "./layers/imports.mjs";
import {
  LAYERS,
  LONG_LINES,
  MAX_LINES,
  NODE_EVERYWHERE,
  NODE_ROOMS,
  OPTIONAL_PEERS,
  PUBLIC_API_ONLY,
} from "./layers/table.mjs";
import { isMain, packages, ROOT } from "./workspace/root.mjs";
import { filesUnder } from "./workspace/stamp.mjs";

/** The sources whose layers are checked. */
export const SOURCES = join(ROOT, "packages", "postrider", "src");

/** @typedef {import("./layers/imports.mjs").Import} Import */
/** @typedef {import("./layers/table.mjs").LayerRule} LayerRule */

/**
 * @typedef {object} LayerReport
 * @property {number} files How many files were read.
 * @property {string[]} problems Each with file and line.
 * @property {string[]} remarks What is allowed and should still be looked at.
 */

/**
 * @param {string} [folder]
 * @returns {LayerReport}
 */
export function checkLayers(folder = SOURCES) {
  /** @type {Map<string, Import[]>} */
  const graph = new Map();
  /** @type {string[]} */
  const problems = [];
  /** @type {string[]} */
  const remarks = [];

  for (const path of filesUnder([folder])) {
    const file = relative(folder, path).split(sep).join("/");
    const text = readFileSync(path, "utf8");
    const imports = readImports(text);
    graph.set(file, imports);
    const layer = layerOf(file);
    if (layer === undefined) problems.push(`${file}: belongs to no layer; add it to scripts/layers/table.mjs`);
    else problems.push(...importProblems(file, layer, imports), ...globalProblems(file, layer, text));
    const lines = text.split("\n").length - 1;
    if (lines > MAX_LINES) problems.push(`${file}: has ${lines} lines, more than ${MAX_LINES}`);
    else if (lines > LONG_LINES) remarks.push(`${file}: has ${lines} lines; look for the seam`);
  }
  problems.push(...cycles(graph));
  return { files: graph.size, problems, remarks };
}

/**
 * Imports of a package that lead out of its own sources by a path, or past the door of another package.
 * @param {string} folder its sources
 * @returns {string[]}
 */
export function checkPublicApiOnly(folder) {
  const doors = new Set(
    packages().flatMap(({ name, manifest }) =>
      Object.keys(manifest.exports ?? {}).map((path) => posix.join(name, path)),
    ),
  );
  return filesUnder([folder]).flatMap((path) => {
    const file = relative(folder, path).split(sep).join("/");
    return readImports(readFileSync(path, "utf8")).flatMap(({ specifier, line }) => {
      const leaves = specifier.startsWith(".") && posix.join(posix.dirname(file), specifier).startsWith("..");
      const passesDoor = /^(?:postrider|@postrider\/[\w-]+)\/./.test(specifier) && !doors.has(specifier);
      return leaves || passesDoor ? [`${file}:${line}: ${specifier} must be imported by the name of its package`] : [];
    });
  });
}

/** @returns {string[]} The problems of all such packages, by their paths. */
export function publicApiProblems() {
  return PUBLIC_API_ONLY.flatMap((name) =>
    checkPublicApiOnly(join(ROOT, "packages", name, "src")).map((problem) => `packages/${name}/src/${problem}`),
  );
}

/**
 * @param {string} file
 * @param {LayerRule} layer
 * @param {readonly Import[]} imports
 * @returns {string[]}
 */
function importProblems(file, layer, imports) {
  return imports.flatMap((one) => {
    const at = `${file}:${one.line}`;
    if (!one.specifier.startsWith(".")) return outsideProblem(at, file, layer, one);
    const target = resolveImport(file, one.specifier);
    const other = layerOf(target);
    if (other === undefined) return [`${at}: ${one.specifier} belongs to no layer`];
    if (other === layer || layer.imports.includes(other.name)) return [];
    if (layer.types.includes(other.name)) {
      return one.typeOnly ? [] : [`${at}: ${layer.name} may import only types of ${other.name} (${one.specifier})`];
    }
    return [`${at}: ${layer.name} may not import ${other.name} (${one.specifier})`];
  });
}

/**
 * @param {string} at
 * @param {string} file
 * @param {LayerRule} layer
 * @param {Import} one
 * @returns {string[]}
 */
function outsideProblem(at, file, layer, one) {
  const peer = OPTIONAL_PEERS.find(({ name, room }) => name === one.specifier && isIn(file, [room]));
  if (peer !== undefined) {
    return one.typeOnly || one.onUse ? [] : [`${at}: ${one.specifier} is optional; load it on use, by import()`];
  }
  if (!one.specifier.startsWith("node:")) return [`${at}: ${one.specifier} is a dependency, and the library has none`];
  if (NODE_EVERYWHERE.includes(one.specifier) || isIn(file, NODE_ROOMS)) return [];
  if (one.typeOnly && isIn(file, layer.nodeTypes ?? [])) return [];
  return [`${at}: ${one.specifier} is allowed only in ${NODE_ROOMS.join(" and ")}`];
}

/**
 * @param {string} file
 * @param {LayerRule} layer
 * @param {string} text
 * @returns {string[]}
 */
function globalProblems(file, layer, text) {
  const lines = withoutComments(text).split("\n");
  return (layer.without ?? []).flatMap((pattern) =>
    lines.flatMap((line, index) => {
      const found = pattern.exec(line)?.[0];
      return found === undefined
        ? []
        : [`${file}:${index + 1}: ${layer.name} must be handed what \`${found}\` would take`];
    }),
  );
}

/**
 * Every cycle once, found by a walk that remembers the way it came.
 * @param {ReadonlyMap<string, readonly Import[]>} graph
 * @returns {string[]}
 */
function cycles(graph) {
  /** @type {string[]} */
  const found = [];
  /** @type {Set<string>} */
  const done = new Set();
  /** @type {(file: string, way: readonly string[]) => void} */
  const walk = (file, way) => {
    const start = way.indexOf(file);
    if (start >= 0) {
      found.push(`import cycle: ${[...way.slice(start), file].join(" -> ")}`);
      return;
    }
    if (done.has(file)) return;
    for (const { specifier } of graph.get(file) ?? []) {
      if (specifier.startsWith(".")) walk(resolveImport(file, specifier), [...way, file]);
    }
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return found;
}

/**
 * @param {string} file
 * @param {string} specifier
 */
function resolveImport(file, specifier) {
  return posix.join(posix.dirname(file), specifier).replace(/\.js$/, ".ts");
}

/** @param {string} file */
function layerOf(file) {
  return LAYERS.find((layer) => isIn(file, layer.rooms));
}

/**
 * @param {string} file
 * @param {readonly string[]} rooms
 */
function isIn(file, rooms) {
  return rooms.some((room) => (room.endsWith("/") ? file.startsWith(room) : file === room));
}

if (isMain(import.meta.url)) {
  const { files, problems: found, remarks } = checkLayers();
  const problems = [...found, ...publicApiProblems()];
  for (const problem of problems) console.error(problem);
  if (process.argv.includes("--verbose")) for (const remark of remarks) console.log(remark);
  console.log(`Layers: ${files} files, ${problems.length} problems`);
  if (problems.length > 0) process.exitCode = 1;
}

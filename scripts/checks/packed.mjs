// @ts-check
/**
 * Checks of a package as people will install it: its tarball, its types, its size, its dependencies.
 *
 * Layer: scripts.
 */

import { mkdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { BUILD, commandFile } from "../workspace/root.mjs";
import { runNode, runNpm } from "../workspace/run.mjs";
import { filesUnder } from "../workspace/stamp.mjs";

/** @typedef {import("../workspace/root.mjs").Package} Package */

/** The library's tarball, in bytes: less than this. */
const MAX_PACKED = 350_000;

/** The library's code as it is loaded: names that a running program may ask for after the package was replaced. */
const CODE = [
  ...["index.js", "engine.js", "providers.js", "replies.js", "shared.js", "wire.js"].flatMap((name) => [
    name,
    `${name}.map`,
  ]),
  ...["index.cjs", "engine.cjs", "providers.cjs", "replies.cjs", "shared.cjs", "wire.cjs"],
  ...["index.d.ts", "providers.d.ts", "wire.d.ts", "types/package.json"],
].map((name) => `dist/${name}`);

/** The bundler's own functions, when it gives them a file of their own: else they are in shared.cjs. */
const INTEROP = "dist/interop.cjs";

/**
 * @typedef {object} Packed
 * @property {string} file The tarball.
 * @property {number} size Bytes.
 * @property {number} unpackedSize Bytes.
 * @property {string[]} files What is in it.
 */

/**
 * Packs what was built; npm does not build it again.
 * @param {Package} one
 * @param {string} [folder] Where the tarball goes; what lies there is removed.
 * @returns {Promise<Packed>}
 */
export async function pack(one, folder = join(BUILD, "packed", one.path)) {
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
    size: packed.size,
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
 * attw: do the types lead where the code leads, for `import` and for `require`? TypeScript's old resolution, which knows no
 * `exports`, finds the main module alone.
 * @param {Packed} packed
 */
export function checkTypes({ file }) {
  return runNode(commandFile("@arethetypeswrong/cli", "attw"), [
    file,
    "--profile",
    "node16",
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
 * SECURITY: nothing gets into the package that nobody has looked at. Its code has fixed names; declarations are made of the sources
 * that git has.
 * @param {Package} one
 * @param {Packed} packed
 * @returns {string} Why its content is wrong; empty when it is right.
 */
export function contentProblem({ folder }, { size, files }) {
  const sources = filesUnder([join(folder, "src")]).map((file) => relative(folder, file).replaceAll("\\", "/"));
  const known = [...CODE, "package.json", "README.md", "LICENSE"];
  const isDeclaration = (/** @type {string} */ file) =>
    file.startsWith("dist/types/") && sources.includes(file.replace(/^dist\/types\/(.*)\.d\.ts$/, "src/$1.ts"));
  const problems = [
    ...files
      .filter((file) => !known.includes(file) && file !== INTEROP && !isDeclaration(file))
      .map((file) => `${file} should not be in the package`),
    ...known.filter((file) => !files.includes(file)).map((file) => `${file} is missing in the package`),
  ];
  if (size >= MAX_PACKED) problems.push(`${size} bytes packed; ${MAX_PACKED} is the limit`);
  return problems.join("\n");
}

// @ts-check
/**
 * Compiles one TypeScript project of a package, unless nothing that it reads has changed.
 *
 * Layer: scripts.
 */

import { existsSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { commandFile, ROOT, readJson } from "./root.mjs";
import { runNode } from "./run.mjs";
import { filesUnder, hashOf, readStamp, removeStamp, writeStamp } from "./stamp.mjs";

/**
 * @typedef {object} Project
 * @property {string} name For people and for the stamp.
 * @property {string} folder Absolute path of the package.
 * @property {string} config Name of the tsconfig file in that folder.
 * @property {readonly string[]} sources Folders of the package that are compiled.
 * @property {string} sourceRoot The folder whose layout the output repeats.
 * @property {string} output The folder that is written, whatever the tsconfig file says.
 * @property {readonly string[]} words What else the output depends on: stamps of other projects.
 */

/**
 * @typedef {object} Compiled
 * @property {boolean} fresh Whether the compiler ran.
 * @property {boolean} ok
 * @property {string} hash Of all that the project reads.
 * @property {string} output The compiler's messages.
 */

/**
 * @param {Project} project
 * @returns {Promise<Compiled>}
 */
export async function compile(project) {
  const { folder, output } = project;
  const hash = hashOf(
    [
      ...project.sources.map((source) => join(folder, source)),
      join(folder, project.config),
      join(folder, "package.json"),
      join(ROOT, "tsconfig.base.json"),
    ],
    [...project.words, readJson(join(ROOT, "node_modules", "typescript", "package.json")).version],
  );
  const stamp = project.name.replace(/\W+/g, "-");
  if (readStamp(stamp) === hash && existsSync(output)) return { fresh: false, ok: true, hash, output: "" };

  removeStamp(stamp);
  const { code, output: messages } = await runNode(commandFile("typescript", "tsc"), [
    "-p",
    relative(ROOT, join(folder, project.config)),
    "--outDir",
    output,
  ]);
  if (code === 0) {
    removeOrphans(project);
    writeStamp(stamp, hash);
  }
  return { fresh: true, ok: code === 0, hash, output: messages };
}

/**
 * Removes output whose source is gone: it would be tested, and packed, for ever.
 * @param {Project} project
 */
function removeOrphans({ sourceRoot, output }) {
  for (const file of filesUnder([output])) {
    const source = join(sourceRoot, relative(output, file)).replace(/(\.d)?\.[cm]?[jt]s(\.map)?$/, ".ts");
    if (!existsSync(source)) rmSync(file);
  }
}

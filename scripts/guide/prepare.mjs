// @ts-check
/**
 * Turns blocks into programs: writes each as a module, checks its types against the packages as they were built, compiles it,
 * and lays the files beside it that it may open.
 *
 * Layer: scripts.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { BUILD, commandFile, ROOT } from "../workspace/root.mjs";
import { runNode } from "../workspace/run.mjs";
import { moduleText } from "./blocks.mjs";
import { FILES } from "./places.mjs";

/** @typedef {import("./blocks.mjs").Block} Block */

/**
 * @typedef {object} Program
 * @property {Block} block
 * @property {string} name Page, heading and number.
 * @property {string} file The compiled module.
 * @property {string} typeErrors What the compiler says of it; empty when all is well.
 */

/**
 * @typedef {object} Prepared
 * @property {string} folder
 * @property {readonly Program[]} programs
 * @property {string} typeErrors All of them.
 * @property {(files: Readonly<Record<string, string>>) => void} addFiles Lays more files beside every program.
 * @property {() => void} remove
 */

/**
 * @param {readonly Block[]} blocks
 * @returns {Promise<Prepared>}
 */
export async function preparePrograms(blocks) {
  mkdirSync(BUILD, { recursive: true });
  // A folder for each run, below the root so that `import "postrider"` is resolved as it is for a user of the workspace.
  const folder = mkdtempSync(join(BUILD, "guide-"));
  const remove = () => {
    process.off("exit", remove);
    rmSync(folder, { recursive: true, force: true });
  };
  // Also when the process is told to end while the compiler runs.
  process.on("exit", remove);
  for (const block of blocks) write(join(folder, "src", `${moduleName(block)}.ts`), moduleText(block));
  if (blocks.some(({ isWorker }) => isWorker === true)) {
    write(join(folder, "src", "cloudflare.d.ts"), readFileSync(join(ROOT, "scripts", "workerd", "cloudflare.d.ts")));
  }
  write(join(folder, "tsconfig.json"), JSON.stringify(compilerOptions(folder), null, 2));
  const { code, output } =
    blocks.length === 0
      ? { code: 0, output: "" }
      : await runNode(commandFile("typescript", "tsc"), ["-p", folder, "--pretty", "false"]);
  const programs = blocks.map((block) => ({
    block,
    name: blockName(block),
    file: join(folder, "out", `${moduleName(block)}.js`),
    typeErrors: errorsOf(block, output),
  }));
  if (code !== 0 && programs.every(({ typeErrors }) => typeErrors === "")) throw new Error(`tsc failed:\n${output}`);

  const folders = new Set(programs.map(({ file }) => dirname(file)));
  /** @param {Readonly<Record<string, string | Uint8Array>>} files */
  const addFiles = (files) => {
    for (const place of folders) for (const [name, content] of Object.entries(files)) write(join(place, name), content);
  };
  addFiles(FILES);
  return {
    folder,
    programs,
    typeErrors: programs.map(({ typeErrors }) => typeErrors).join(""),
    addFiles,
    remove,
  };
}

/** @param {Block} block */
function blockName({ page, heading, number }) {
  return `${page}: ${heading} (block ${number})`;
}

/** @param {Block} block */
function moduleName({ page, number }) {
  return page.endsWith(".ts") ? page.slice(0, -3) : `${page}.${number}`;
}

/** @param {string} folder */
function compilerOptions(folder) {
  return {
    extends: relative(folder, join(ROOT, "tsconfig.base.json")).replaceAll("\\", "/"),
    compilerOptions: { rootDir: "src", outDir: "out", moduleDetection: "force", sourceMap: true, noEmitOnError: false },
    include: ["src"],
  };
}

/**
 * The lines of the compiler's output that are about a block, with the name of the page in place of our file's.
 * @param {Block} block
 * @param {string} output
 */
function errorsOf(block, output) {
  const mine = `src/${moduleName(block)}.ts(`;
  let about = false;
  let text = "";
  for (const line of output.replaceAll("\\", "/").split("\n")) {
    // Details of an error are indented below it.
    if (!/^\s/.test(line)) about = line.includes(mine);
    if (about && line !== "") text += `${line.replace(/^.*?src\/.*?\.ts\((\d+),(\d+)\)/, `${block.page}:$1:$2`)}\n`;
  }
  return text;
}

/**
 * @param {string} file
 * @param {string | Uint8Array} content
 */
function write(file, content) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

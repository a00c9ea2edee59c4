// @ts-check
/**
 * Makes dist/ of the library from its compiled modules: one file of code, and the declarations that its types need.
 *
 * PERF: Node takes about 0.4 ms to find, read and link one module; 170 of them cost 80 ms at every start, one file 14 ms.
 *
 * Layer: scripts. Needs esbuild installed.
 */

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { readImports } from "../layers/imports.mjs";
import { ROOT, readJson } from "./root.mjs";
import { hashOf, readStamp, removeStamp, writeStamp } from "./stamp.mjs";

/** Functions and classes keep their names and lines stay short, so that a stack trace can be read. */
const LINE_LIMIT = 120;

/**
 * @param {string} modules Folder of compiled modules, with index.js and index.d.ts.
 * @param {string} output The folder that is written; what else lies in it is removed.
 * @returns {Promise<boolean>} Whether there was something to do.
 */
export async function bundle(modules, output) {
  const version = readJson(join(ROOT, "node_modules", "esbuild", "package.json")).version;
  const before = hashOf([modules], [version]);
  // The result counts too: a compiler that was run by hand may have written there.
  if (readStamp("bundle") === before + hashOf([output])) return false;

  removeStamp("bundle");
  rmSync(output, { recursive: true, force: true });
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [join(modules, "index.js")],
    outfile: join(output, "index.js"),
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    // Optional peers stay imports.
    packages: "external",
    charset: "utf8",
    minify: true,
    keepNames: true,
    lineLimit: LINE_LIMIT,
    logLevel: "warning",
    write: false,
  });
  mkdirSync(output, { recursive: true });
  writeFileSync(join(output, "index.js"), outputFiles[0]?.text ?? "");
  for (const file of declarations(modules)) {
    mkdirSync(dirname(join(output, file)), { recursive: true });
    cpSync(join(modules, file), join(output, file));
  }
  writeStamp("bundle", before + hashOf([output]));
  return true;
}

/**
 * The declaration files that index.d.ts leads to.
 * @param {string} modules
 * @returns {readonly string[]}
 */
function declarations(modules) {
  const known = new Set(["index.d.ts"]);
  // A set that grows while it is walked: what is found is looked at too.
  for (const file of known) {
    for (const { specifier } of readImports(readFileSync(join(modules, file), "utf8"))) {
      if (!specifier.startsWith(".")) continue;
      known.add(posix.join(posix.dirname(file), specifier).replace(/\.js$/, ".d.ts"));
    }
  }
  return [...known];
}

// @ts-check
/**
 * Makes dist/ of the library from its compiled modules: the code in few files, and the declarations that its types need.
 *
 * PERF: Node takes about 0.4 ms to find, read and link one module, and 40 ms to parse a megabyte. 200 modules cost 80 ms at every
 * start. So there is index.js, the rest that an import needs, and what the sources load by `import()`.
 *
 * Layer: scripts. Needs esbuild installed.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { minifyModule } from "./minify-module.mjs";
import { pruneDeclarations } from "./prune-declarations.mjs";
import { ROOT, readJson } from "./root.mjs";
import { hashOf, readStamp, removeStamp, writeStamp } from "./stamp.mjs";

const TARGET = "node20.19";
const TOOLS = ["bundle.mjs", "minify-module.mjs", "prune-declarations.mjs"].map((name) =>
  join(ROOT, "scripts/workspace", name),
);

/**
 * @param {string} modules Folder of compiled modules, with index.js and index.d.ts.
 * @param {string} output The folder that is written; what else lies in it is removed.
 * @returns {Promise<boolean>} Whether there was something to do.
 */
export async function bundle(modules, output) {
  const version = readJson(join(ROOT, "node_modules", "esbuild", "package.json")).version;
  const before = hashOf([modules, ...TOOLS], [version]);
  // The result counts too: a compiler that was run by hand may have written there.
  if (readStamp("bundle") === before + hashOf([output])) return false;

  removeStamp("bundle");
  rmSync(output, { recursive: true, force: true });
  const { build, transform } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [join(modules, "index.js")],
    outdir: output,
    bundle: true,
    splitting: true,
    // A program that runs while another version is installed over it must not take a part of that one for its own.
    chunkNames: "[name]-[hash]",
    format: "esm",
    platform: "node",
    target: TARGET,
    // Optional peers stay imports.
    packages: "external",
    minifySyntax: true,
    logLevel: "warning",
    write: false,
  });
  mkdirSync(output, { recursive: true });
  for (const { path, text } of outputFiles) {
    writeFileSync(join(output, basename(path)), await minifyModule(text, transform, TARGET));
  }
  for (const [file, text] of pruneDeclarations((path) => readFileSync(join(modules, path), "utf8"))) {
    mkdirSync(dirname(join(output, file)), { recursive: true });
    writeFileSync(join(output, file), text);
  }
  writeStamp("bundle", before + hashOf([output]));
  return true;
}

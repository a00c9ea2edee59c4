// @ts-check
/**
 * Makes dist/ of a package that others import: readable ESM with source maps, the same as short CommonJS, and declarations for both.
 *
 * - index.js, and beside it shared.js and what the sources load by `import()` (engine.js), under names that do not change: a
 *   program that runs while npm replaces the package still finds what it loads later. Their source maps lead to lines of src/, which
 *   is not published: gzipped and without comments it takes 186 kB, more than the code.
 * - index.cjs for what cannot load ESM: Jest in its default configuration, above all.
 * - types/ as the compiler wrote it, and index.d.ts, which exports it again. The folder is CommonJS by its own package.json, which
 *   both kinds of module may import; so there is one declaration of each class, whichever way it was loaded.
 *
 * PERF: Node takes about 0.4 ms to find, read and link one module, and 40 ms to parse a megabyte. The library's 240 modules, one by
 * one, cost 104 ms of processor time at every start, one bundle of all 25 ms, and the bundle without engine.js 13 ms (11 ms minified).
 *
 * Layer: scripts. Needs rolldown installed.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { reachedDeclarations } from "./reached-declarations.mjs";
import { ROOT, readJson } from "./root.mjs";
import { shortCode } from "./short-code.mjs";
import { smallSourceMap } from "./source-map.mjs";
import { filesUnder, hashOf, readStamp, removeStamp, writeStamp } from "./stamp.mjs";

const TARGET = "node20.19";

/** PERF: what engine.js shares with postrider/wire alone has a file of its own: in shared.js each import of the library would read it. */
const LATE = /[\\/]postrider[\\/]src[\\/]wire[\\/]reply\.ts$/;
const GROUPS = [
  { name: "shared", minShareCount: 2, test: (/** @type {string} */ id) => !LATE.test(id), priority: 1 },
  { name: "replies", test: LATE },
];

/**
 * @typedef {object} Bundled
 * @property {string} name For the stamp.
 * @property {string} sources Folder of the sources.
 * @property {string} modules Folder of what the compiler made of them: the declarations are taken from there.
 * @property {string} output The folder that is written; what else lies in it is removed.
 * @property {readonly string[]} entries Modules that others import, such as `"index"`.
 * @property {readonly string[]} programs Modules that only the package's own commands import: ESM alone, without declarations.
 */

/**
 * @param {Bundled} one
 * @returns {Promise<boolean>} Whether there was something to do.
 */
export async function bundle({ name, sources, modules, output, entries, programs }) {
  const version = readJson(join(ROOT, "node_modules", "rolldown", "package.json")).version;
  const tools = ["bundle.mjs", "reached-declarations.mjs", "short-code.mjs", "source-map.mjs"].map((tool) =>
    join(ROOT, "scripts", "workspace", tool),
  );
  const before = hashOf([sources, modules, ...tools], [version, ...entries, ...programs]);
  const stamp = `bundle-${name.replace(/\W+/g, "-")}`;
  // The result counts too: a compiler that was run by hand may have written there.
  if (readStamp(stamp) === before + hashOf([output])) return false;

  removeStamp(stamp);
  rmSync(output, { recursive: true, force: true });
  await writeModules(sources, output, "esm", [...entries, ...programs]);
  await writeModules(sources, output, "cjs", entries);
  writeDeclarations(modules, output, entries);
  writeStamp(stamp, before + hashOf([output]));
  return true;
}

/**
 * @param {string} sources
 * @param {string} output
 * @param {"esm" | "cjs"} format
 * @param {readonly string[]} entries
 */
async function writeModules(sources, output, format, entries) {
  const { rolldown } = await import("rolldown");
  const bundler = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [entry, join(sources, `${entry}.ts`)])),
    platform: "node",
    // Node's modules and dependencies; the bundler's own helpers are bundled.
    external: (id) => !id.startsWith(".") && !id.startsWith("/") && !/^[A-Z]:|^\0|^@oxc-project\//i.test(id),
    transform: { target: TARGET },
    // A module with names and a default is read by names; what require() gets of it has both.
    onLog: (level, log, handle) => (log.code === "MIXED_EXPORTS" ? undefined : handle(level, log)),
  });
  const extension = format === "esm" ? "js" : "cjs";
  try {
    await bundler.write({
      dir: output,
      format,
      entryFileNames: `[name].${extension}`,
      chunkFileNames: ({ name, isDynamicEntry }) =>
        `${isDynamicEntry || name === "replies" ? name : name === "rolldown-runtime" ? "interop" : "shared"}.${extension}`,
      // Between the files everything keeps its name, so that files of two versions that are close to each other fit together.
      minifyInternalExports: false,
      minify: false,
      // Comments are in the declarations and in the repository. Node and Jest read no map of the CommonJS files.
      comments: { legal: false, annotation: true, jsdoc: false },
      sourcemap: format === "esm",
      // Many doors into one house: what they lead to is one file, not one for every set of doors.
      ...(entries.length > 3
        ? { codeSplitting: { groups: [{ name: "shared", test: /[\\/]src[\\/](?!lib[\\/]|index\.ts)/ }] } }
        : { codeSplitting: { groups: GROUPS } }),
      // Jest runs CommonJS where `import()` fails.
      dynamicImportInCjs: false,
    });
  } finally {
    await bundler.close();
  }
  for (const file of filesUnder([output])) {
    if (format === "cjs" && file.endsWith(".cjs")) writeFileSync(file, shortCode(readFileSync(file, "utf8")));
    if (format === "esm" && file.endsWith(".map")) writeFileSync(file, JSON.stringify(smallSourceMap(readJson(file))));
  }
}

/**
 * What the entries lead to, in a folder of its own, and beside the code of each entry a door to it.
 * @param {string} modules
 * @param {string} output
 * @param {readonly string[]} entries
 */
function writeDeclarations(modules, output, entries) {
  const types = join(output, "types");
  const declarations = reachedDeclarations(
    modules,
    entries.map((entry) => `${entry}.d.ts`),
  );
  for (const [file, text] of declarations) {
    mkdirSync(dirname(join(types, file)), { recursive: true });
    writeFileSync(join(types, file), text);
  }
  writeFileSync(join(types, "package.json"), '{ "type": "commonjs" }\n');
  for (const entry of new Set(entries)) {
    const target = posix.relative(posix.dirname(entry), posix.join("types", entry));
    const door = `${target.startsWith(".") ? "" : "./"}${target}.js`;
    mkdirSync(dirname(join(output, entry)), { recursive: true });
    writeFileSync(join(output, `${entry}.d.ts`), declarationsOf(join(types, `${entry}.d.ts`), door));
  }
}

/** `export { Mail as default } from "../mailer.js";` and nothing else: for require() the module is the value itself. */
const ONLY_DEFAULT = /^\s*(?:\/\*\*[\s\S]*?\*\/\s*)?export \{ (\w+) as default \} from ("[^"]+");\s*$/;
/** A default of its own beside names that all come from one module: for types it is that module. */
const DEFAULT_BESIDE = /^export \* from ("[^"]+");$[\s\S]*^export default /m;

/**
 * The types in a namespace of declarations: `import { Options } from` finds them too, as it does for require().
 * @param {string} text
 * @param {string} namespace
 */
function namesIn(text, namespace) {
  const [, body = ""] = new RegExp(`^export declare namespace ${namespace} \\{$([\\s\\S]*?)^\\}`, "m").exec(text) ?? [];
  return [...body.matchAll(/^ {4}(?:export )?(?:type|interface) (\w+)/gm)].flatMap(([, name]) => name ?? []);
}

/**
 * What `import` finds; a default export is also put into the form that CommonJS of TypeScript's knows.
 * @param {string} file the declaration for require(), which may be rewritten
 * @param {string} door the same as `import` names it
 */
function declarationsOf(file, door) {
  const text = readFileSync(file, "utf8");
  const [, name, source] = ONLY_DEFAULT.exec(text) ?? [];
  if (name !== undefined && source !== undefined) {
    writeFileSync(file, `import { ${name} } from ${source};\nexport = ${name};\n`);
    const home = readFileSync(join(dirname(file), JSON.parse(source).replace(/\.js$/, ".d.ts")), "utf8");
    const aliases = namesIn(home, name).map((one) => `export import ${one} = whole.${one};\n`);
    return `import whole from "${door}";\nexport default whole;\n${aliases.join("")}`;
  }
  const [, names] = DEFAULT_BESIDE.exec(text) ?? [];
  if (names === undefined) return `export * from "${door}";\n`;
  writeFileSync(file, `import * as whole from ${names};\nexport = whole;\n`);
  const inner = `"./${posix.join(posix.dirname(door), JSON.parse(names))}"`;
  return `import * as whole from ${inner};\nexport * from ${inner};\nexport default whole;\n`;
}

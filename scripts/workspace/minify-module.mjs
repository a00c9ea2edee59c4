// @ts-check
/**
 * Makes one bundled module small, and keeps the names that people read in a stack trace: those of top-level functions and of
 * classes.
 *
 * PERF: esbuild's own `keepNames` calls a function for each name at every start, 2 ms for all of them. It leaves the top-level
 * names of a script alone, though; so a module is minified as one, with its imports and exports taken off meanwhile.
 *
 * Layer: scripts.
 */

/** Lines stay short, so that the line of a stack trace says something. */
const LINE_LIMIT = 120;

/** As esbuild writes them. */
const IMPORT = /^import (?:\{([^}]*)\} from )?"([^"\n]+)";\n/gm;
const EXPORT = /^export \{([^}]*)\};\n/gm;
const LEFT_OVER = /^(?:import|export)\b(?! *\().*/m;
/** A script may be sloppy, a module is strict. */
const STRICT = '"use strict";';

/**
 * @param {string} code A module that esbuild wrote, whitespace and names not yet minified.
 * @param {typeof import("esbuild").transform} transform
 * @param {string} target
 * @returns {Promise<string>}
 */
export async function minifyModule(code, transform, target) {
  /** @type {Map<string, string[]>} */
  const imports = new Map();
  const exports = [...code.matchAll(EXPORT)].map(([, names = ""]) => `export{${tight(names)}};\n`);
  const body = withClassNames(code)
    .replace(IMPORT, (_, names = "", from) => {
      imports.set(from, [...(imports.get(from) ?? []), tight(names)]);
      return "";
    })
    .replace(EXPORT, "");
  const leftOver = LEFT_OVER.exec(body);
  if (leftOver !== null) throw new Error(`scripts/workspace/minify-module.mjs does not know: ${leftOver[0]}`);
  const script = await transform(STRICT + body, { minify: true, target, lineLimit: LINE_LIMIT, logLevel: "warning" });
  return [...imports].map(([from, names]) => importLine(from, names)).join("") + script.code + exports.join("");
}

/**
 * @param {string} from
 * @param {readonly string[]} names
 */
function importLine(from, names) {
  const list = names.filter((one) => one !== "").join(",");
  return list === "" ? `import"${from}";\n` : `import{${list}}from"${from}";\n`;
}

/** @param {string} names */
function tight(names) {
  return names
    .trim()
    .replace(/\s*,\s*/g, ",")
    .replace(/\s+/g, " ");
}

/**
 * QUIRK: esbuild turns a class that speaks of itself into `var A = class _A`, and `_A` would be minified. Without a name of its own
 * the class takes the variable's, and speaks of that, which is the same class.
 * @param {string} code
 */
function withClassNames(code) {
  const own = /\bvar (\w+) = class _\1\b/g;
  const renamed = new Set([...code.matchAll(own)].map(([, name = ""]) => name));
  return code.replace(own, "var $1 = class").replace(/\b_(\w+)\b/g, (word, name) => (renamed.has(name) ? name : word));
}

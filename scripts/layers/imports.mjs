// @ts-check
/**
 * What a TypeScript file imports, read from its text. The formatter starts every statement in the first column and quotes
 * every specifier with ", which makes three patterns enough.
 *
 * Layer: scripts.
 */

/**
 * @typedef {object} Import
 * @property {string} specifier
 * @property {boolean} typeOnly Whether nothing of it is left when the program runs.
 * @property {boolean} onUse Whether it is loaded when the program comes to it, by `import()` or `process.getBuiltinModule()`.
 * @property {number} line From 1.
 */

const FROM = /^(?:import|export)\s+(type\s+)?([\w$\s{},*]*?)\s*from\s*"([^"\n]+)"/gm;
const FOR_EFFECT = /^import\s+"([^"\n]+)"/gm;
/** `await import("x")`, `process.getBuiltinModule("x")`, and the type `import("x").Name`. */
const CALL = /\b(?:import|process\.getBuiltinModule)\(\s*"([^"\n]+)"\s*,?\s*\)/g;

/**
 * @param {string} text
 * @returns {Import[]}
 */
export function readImports(text) {
  const code = withoutComments(text);
  /** @type {Import[]} */
  const found = [];
  for (const match of code.matchAll(FROM)) {
    const [, keyword, names = "", specifier = ""] = match;
    found.push({
      specifier,
      typeOnly: keyword !== undefined || onlyTypes(names),
      onUse: false,
      line: lineAt(code, match.index),
    });
  }
  for (const match of code.matchAll(FOR_EFFECT)) {
    found.push({ specifier: match[1] ?? "", typeOnly: false, onUse: false, line: lineAt(code, match.index) });
  }
  for (const match of code.matchAll(CALL)) {
    found.push({
      specifier: match[1] ?? "",
      typeOnly: inTypePosition(code, match.index),
      onUse: true,
      line: lineAt(code, match.index),
    });
  }
  return found;
}

/**
 * The same text with comments blanked, line for line.
 * @param {string} text
 */
export function withoutComments(text) {
  let inside = false;
  return text
    .split("\n")
    .map((line) => {
      const trimmed = line.trimStart();
      if (inside || trimmed.startsWith("/*")) {
        inside = !line.includes("*/");
        return "";
      }
      return trimmed.startsWith("//") ? "" : line.replace(/\s\/\/ .*$/, "");
    })
    .join("\n");
}

/**
 * `{ type A, type B }`.
 * @param {string} names
 */
function onlyTypes(names) {
  const inner = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1];
  if (inner === undefined) return false;
  const each = inner.split(",").map((name) => name.trim());
  return each.filter((name) => name !== "").every((name) => name.startsWith("type "));
}

/**
 * A type query follows a colon, a bar, an angle bracket or `typeof`.
 * @param {string} code
 * @param {number} index
 */
function inTypePosition(code, index) {
  return /(?:[:|<&]|\btypeof|\bextends|\btype [\w$<>, ]+ =)\s*$/.test(code.slice(Math.max(0, index - 80), index));
}

/**
 * @param {string} text
 * @param {number} index
 */
function lineAt(text, index) {
  return text.slice(0, index).split("\n").length;
}

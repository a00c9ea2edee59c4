// @ts-check
/**
 * Makes code short that people meet in stack traces alone: no white space, short names of local variables.
 *
 * - Functions, methods (private ones too) and classes keep their names: frames of a stack trace can be read. Constants do not.
 * - Each statement, each member of a class and each row of a table has a line of its own: above an uncaught error Node prints the whole
 *   line.
 *
 * PERF: gzipped, the library's CommonJS files take 121 kB instead of 150.
 *
 * Layer: scripts. Needs rolldown installed.
 */

import { parseAst } from "rolldown/parseAst";
import { minifySync, Visitor } from "rolldown/utils";

/** @typedef {{ readonly start: number, readonly end: number }} Span */

/**
 * @param {string} code CommonJS, without comments.
 * @returns {string}
 * @throws {Error} when the minifier has changed more than names.
 */
export function shortCode(code) {
  const { code: short, errors } = minifySync("code.cjs", code, {
    compress: false,
    mangle: { toplevel: true, keepNames: { function: true, class: true } },
    codegen: { removeWhitespace: true },
  });
  if (errors[0] !== undefined) throw new Error(errors[0].message);
  return withLines(withPrivateNames(short, code));
}

/**
 * Private members under the names that they had; the minifier shortens them and cannot be told not to.
 * @param {string} short
 * @param {string} code The same before.
 */
function withPrivateNames(short, code) {
  const names = privateNames(code);
  const places = privateNames(short);
  if (names.length !== places.length) throw new Error("The minifier has added or removed private members");
  let text = "";
  let end = 0;
  for (const [index, place] of places.entries()) {
    text += short.slice(end, place.start) + code.slice(names[index]?.start, names[index]?.end);
    end = place.end;
  }
  return text + short.slice(end);
}

/** @param {string} code */
function privateNames(code) {
  /** @type {Span[]} */
  const found = [];
  new Visitor({ PrivateIdentifier: (node) => void found.push(node) }).visit(parseAst(code));
  return found.sort((one, other) => one.start - other.start);
}

/** @param {string} code */
function withLines(code) {
  /** @type {Set<number>} */
  const starts = new Set([0]);
  const note = (/** @type {{ readonly body: readonly Span[] }} */ { body }) => {
    for (const { start } of body) starts.add(start);
  };
  const rows = (/** @type {{ elements: readonly (null | (Span & { type: string }))[] }} */ { elements }) =>
    note({ body: elements.flatMap((one) => (one?.type === "CallExpression" ? [one] : [])) });
  new Visitor({ Program: note, ClassBody: note, BlockStatement: note, ArrayExpression: rows }).visit(parseAst(code));
  const sorted = [...starts].sort((one, other) => one - other);
  return sorted.map((start, index) => code.slice(start, sorted[index + 1])).join("\n");
}

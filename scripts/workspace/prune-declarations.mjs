// @ts-check
/**
 * The declarations that people who import the library need: what index.d.ts exports, and what that speaks of. What the compiler
 * declares besides is for the library's own modules.
 *
 * Reads only what the compiler writes for this library: statements that start in the first column and declare one name each.
 *
 * Layer: scripts.
 */

import { posix } from "node:path";

const LINK = /^(import|export)( type)? \{([^}]*)\} from "([^"]+)";/;
const DECLARATION = /^(?:export )?(?:declare )?(?:abstract )?(?:class|function|const|interface|type) ([\w$]+)/;
/** Ends with its body, others with a semicolon. */
const BODY = /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface) /;
/** Says that what is not marked as exported is not. */
const SEAL = "export {};";
const COMMENT = /\/\*[\s\S]*?\*\//g;
/** What heads a source file is about the file. */
const FILE_HEAD = /^ \* Layer: /m;
const INLINE_IMPORT = /\bimport\("\./;

/**
 * @typedef {object} Statement
 * @property {string} text With the comment before it.
 * @property {string} code Without comments.
 * @property {readonly Name[]} names What it makes known.
 * @property {string | undefined} from Where the names come from: a path from the root of the modules, or a module of Node.
 */

/**
 * @typedef {object} Name
 * @property {string} local
 * @property {string} there As the other file calls it.
 * @property {string} text As it is written.
 */

/**
 * @param {(file: string) => string} read The text of a file by its path from the root of the modules.
 * @param {string} [entry]
 * @returns {ReadonlyMap<string, string>} Path -> text.
 */
export function pruneDeclarations(read, entry = "index.d.ts") {
  /** @type {Map<string, readonly Statement[]>} */
  const files = new Map();
  const open = (/** @type {string} */ file) => {
    const statements = files.get(file) ?? statementsOf(read(file), file);
    files.set(file, statements);
    return statements;
  };
  /** @type {Map<string, Set<string>>} */
  const needed = new Map([[entry, new Set()]]);
  const need = (/** @type {string} */ file, /** @type {string} */ name) => {
    const known = needed.get(file) ?? new Set();
    if (known.has(name)) return;
    needed.set(file, known.add(name));
    for (const { names, from, code } of open(file)) {
      const found = names.find(({ local }) => local === name);
      if (found === undefined) continue;
      if (from?.endsWith(".d.ts")) need(from, found.there);
      // A word that the file does not know is no name, or one of the language.
      if (from === undefined) for (const [word] of code.matchAll(/[\w$]+/g)) need(file, word);
    }
  };
  for (const { names } of open(entry)) for (const { local } of names) need(entry, local);
  return new Map([...files].map(([file, statements]) => [file, textOf(statements, needed.get(file) ?? new Set())]));
}

/**
 * @param {readonly Statement[]} statements
 * @param {ReadonlySet<string>} needed
 */
function textOf(statements, needed) {
  return statements
    .map(({ text, names }) => {
      const kept = names.filter(({ local }) => needed.has(local));
      if (kept.length === names.length) return text;
      return kept.length === 0 ? "" : text.replace(/\{[^}]*\}/, `{ ${kept.map((one) => one.text).join(", ")} }`);
    })
    .join("");
}

/**
 * @param {string} text
 * @param {string} file
 * @returns {readonly Statement[]}
 */
function statementsOf(text, file) {
  /** @type {Statement[]} */
  const statements = [];
  let lines = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("//#")) continue;
    lines += `${line}\n`;
    const code = lines.replace(COMMENT, "").trim();
    // The head of the file goes: what follows it has a comment of its own.
    if (code === "" && FILE_HEAD.test(lines) && line.endsWith("*/")) lines = "";
    if (!(BODY.test(code) ? code.endsWith("}") : code.endsWith(";"))) continue;
    if (code.includes("/*") || count(code, "{") !== count(code, "}")) continue;
    if (code !== SEAL || statements.length > 0) statements.push(statementOf(lines, code, file));
    lines = "";
  }
  if (lines.trim() !== "") throw new Error(`${file}: no end of ${lines}`);
  return statements;
}

/**
 * @param {string} text
 * @param {string} code
 * @param {string} file
 * @returns {Statement}
 */
function statementOf(text, code, file) {
  if (code === SEAL) return { text, code, names: [], from: undefined };
  if (INLINE_IMPORT.test(code)) throw new Error(`${file}: name the type that is imported within ${code}`);
  const [, , , list, specifier] = LINK.exec(code) ?? [];
  if (list === undefined || specifier === undefined) {
    const name = DECLARATION.exec(code)?.[1];
    if (name === undefined) throw new Error(`${file}: declares no name: ${code}`);
    return { text, code, names: [{ local: name, there: name, text: name }], from: undefined };
  }
  const names = list.split(",").map((one) => {
    const [there = "", local = there] = one
      .trim()
      .replace(/^type /, "")
      .split(" as ");
    return { local, there, text: one.trim() };
  });
  const path = posix.join(posix.dirname(file), specifier).replace(/\.js$/, ".d.ts");
  return { text, code, names, from: specifier.startsWith(".") ? path : specifier };
}

/**
 * @param {string} text
 * @param {string} character
 */
function count(text, character) {
  return text.split(character).length - 1;
}

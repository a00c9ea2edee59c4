// @ts-check
/**
 * Tree shaking for declarations: of what the compiler wrote, the statements that the public names of a package lead to.
 *
 * The compiler writes a declaration for each export of each module. Editors read them all, and nobody can import most of them.
 * PERF: gzipped, the declarations of the library take 47 kB as the compiler writes them, and 25 kB here.
 *
 * Layer: scripts. Needs rolldown installed.
 */

import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { parseAst } from "rolldown/parseAst";

/** @typedef {{ type: string, start: number, end: number, [key: string]: any }} Node The syntax tree of ESTree and TypeScript. */

/** @typedef {{ file: string, name: string }} Target A name in another file of the package. */

/**
 * The declarations that entries lead to.
 * @param {string} folder Declarations of all modules.
 * @param {readonly string[]} entries Files such as `"index.d.ts"`.
 * @returns {Map<string, string>} The text of each file that has something left, by its path from the folder.
 */
export function reachedDeclarations(folder, entries) {
  /** @type {Map<string, Declarations>} */
  const files = new Map();
  const open = (/** @type {string} */ file) => {
    const known = files.get(file) ?? new Declarations(file, readFileSync(join(folder, file), "utf8"));
    files.set(file, known);
    return known;
  };
  /** @type {Target[]} */
  const waiting = entries.flatMap((file) =>
    open(file)
      .exported()
      .map((name) => ({ file, name })),
  );
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) waiting.push(...open(one.file).reach(one.name));
  return new Map([...files].map(([file, declarations]) => [file, declarations.text()]));
}

/** Every name of a module, where a statement takes all of them. */
const ALL = "*";

class Declarations {
  /** @type {Node[]} */
  #statements;
  /** @type {Set<Node>} Statements, and specifiers of imports and exports, that are kept. */
  #kept = new Set();

  /**
   * @param {string} file
   * @param {string} text
   */
  constructor(file, text) {
    this.file = file;
    this.source = text;
    this.#statements = /** @type {Node[]} */ (parseAst(text, { lang: "dts" }).body);
  }

  /** @returns {string[]} The names that others may import; `"*"` where they cannot be listed. */
  exported() {
    return this.#statements.flatMap((statement) => {
      if (statement.type === "ExportNamedDeclaration") {
        if (statement.declaration !== null) return namesOf(statement.declaration);
        return statement.specifiers.map((/** @type {Node} */ one) => nameOf(one.exported));
      }
      return statement.type.startsWith("Export") || statement.type.startsWith("TSExport") ? [ALL] : [];
    });
  }

  /**
   * Keeps what declares a name of this file.
   * @param {string} name
   * @returns {Target[]} What that refers to.
   */
  reach(name) {
    return this.#statements.flatMap((statement) => {
      if (statement.specifiers !== undefined && statement.specifiers.length > 0)
        return this.#reachSpecifiers(statement, name);
      const declared = namesOf(statement.declaration ?? statement);
      // An export of a default or of a whole module, and an augmentation, have no name to ask for.
      if (name !== ALL && declared.length > 0 && !declared.includes(name)) return [];
      if (this.#kept.has(statement)) return [];
      this.#kept.add(statement);
      const source = this.#target(statement.source);
      if (source !== undefined) return [{ file: source, name: ALL }];
      return [
        ...this.#identifiers(statement).map((used) => ({ file: this.file, name: used })),
        ...importedTypes(statement).flatMap((one) => {
          const file = this.#target(one);
          return file === undefined ? [] : [{ file, name: ALL }];
        }),
      ];
    });
  }

  /**
   * @param {Node} statement `import { a } from "b"`, `export { a } from "b"`, `export { a }`
   * @param {string} name
   * @returns {Target[]}
   */
  #reachSpecifiers(statement, name) {
    const isImport = statement.type === "ImportDeclaration";
    return statement.specifiers.flatMap((/** @type {Node} */ one) => {
      const here = nameOf(isImport ? one.local : one.exported);
      if ((name !== ALL && name !== here) || this.#kept.has(one)) return [];
      // What a file imports is only kept for what it is used by.
      if (name === ALL && isImport) return [];
      this.#kept.add(one);
      this.#kept.add(statement);
      const there = isImport ? one.imported : one.local;
      // `import * as all` and `import all` take the whole file.
      const wanted = there === undefined ? ALL : nameOf(there);
      if (!statement.source) return [{ file: this.file, name: wanted }];
      const file = this.#target(statement.source);
      return file === undefined ? [] : [{ file, name: wanted === "default" ? ALL : wanted }];
    });
  }

  /** @param {Node | null | undefined} source */
  #target(source) {
    const specifier = source?.value;
    if (typeof specifier !== "string" || !specifier.startsWith(".")) return undefined;
    return posix.join(posix.dirname(this.file), specifier).replace(/\.js$/, ".d.ts");
  }

  /**
   * Names that a statement uses and this file declares or imports.
   * @param {Node} statement
   */
  #identifiers(statement) {
    const used = new Set(nodesOf(statement).flatMap((one) => (one.type === "Identifier" ? [one.name] : [])));
    const own = this.#statements.flatMap((one) =>
      one.type === "ImportDeclaration"
        ? one.specifiers.map((/** @type {Node} */ specifier) => specifier.local.name)
        : namesOf(one.declaration ?? one),
    );
    return own.filter((name) => used.has(name));
  }

  /** @returns {string} What is kept, each statement with the docstring above it. */
  text() {
    let end = 0;
    const parts = this.#statements.flatMap((statement) => {
      const above = this.source.slice(end, statement.start);
      end = statement.end;
      if (!this.#kept.has(statement)) return [];
      // The head of the file stands above its first import.
      const words = statement.type === "ImportDeclaration" ? "" : docstring(above);
      return [words + this.#textOf(statement)];
    });
    return `${parts.join("\n")}\n`;
  }

  /** @param {Node} statement */
  #textOf({ start, end, specifiers }) {
    let text = "";
    let from = start;
    const list = /** @type {Node[]} */ (specifiers ?? []);
    for (const [index, one] of list.entries()) {
      if (this.#kept.has(one)) continue;
      const next = list[index + 1];
      text += this.source.slice(from, one.start);
      from = next?.start ?? one.end;
    }
    text += this.source.slice(from, end);
    return list.length === 0 ? text : text.replace(/,\s*\}/, " }");
  }
}

/** @param {string} above What stands between two statements. */
function docstring(above) {
  const start = above.lastIndexOf("/**");
  return start >= 0 && above.trimEnd().endsWith("*/") ? above.slice(start) : "";
}

/**
 * @param {Node} declaration
 * @returns {string[]}
 */
function namesOf(declaration) {
  if (typeof declaration.id?.name === "string") return [declaration.id.name];
  return (declaration.declarations ?? []).map((/** @type {Node} */ one) => one.id.name);
}

/** @param {Node} name An identifier, or a string. */
function nameOf(name) {
  return name.name ?? name.value;
}

/**
 * The modules of `import("./other.js").Name`.
 * @param {Node} statement
 * @returns {Node[]}
 */
function importedTypes(statement) {
  return nodesOf(statement).flatMap((one) =>
    one.type === "TSImportType" ? [one.source ?? one.argument?.literal] : [],
  );
}

/**
 * @param {Node} node
 * @returns {Node[]} The node and all below it.
 */
function nodesOf(node) {
  const below = Object.values(node).flatMap((value) => (Array.isArray(value) ? value : [value]));
  return [node, ...below.filter((one) => typeof one?.type === "string").flatMap(nodesOf)];
}

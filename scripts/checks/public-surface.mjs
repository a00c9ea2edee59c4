// @ts-check
/**
 * What the declarations of a package promise: every public member has a docstring, every type in a public signature has a name
 * that can be imported.
 *
 * Layer: scripts. Reads the declarations that the compiler wrote, from the entry on.
 */

import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseAst } from "rolldown/parseAst";

/** @typedef {{ type: string, start: number, end: number, [key: string]: any }} Node The syntax tree of ESTree and TypeScript. */

/**
 * @typedef {object} Surface
 * @property {string[]} undocumented Public members without a docstring: `SendOptions.signal`.
 * @property {string[]} unnamed Types that a public signature uses and the entry does not export, each with its first user.
 * @property {number} members How many public members there are.
 */

/**
 * @param {string} entry The `.d.ts` file of the entry.
 * @returns {Surface}
 */
export function readSurface(entry) {
  return new SurfaceReader(entry).read();
}

/** A file of declarations, and what its names stand for. */
class Declarations {
  /** @type {Map<string, Node>} */
  local = new Map();
  /** @type {Map<string, { file: string, name: string }>} Names of other files. */
  foreign = new Map();
  /** @type {Map<string, string>} What it exports by which local name. */
  exported = new Map();

  /** @param {string} file */
  constructor(file) {
    this.file = file;
    this.text = readFileSync(file, "utf8");
    for (const statement of /** @type {Node[]} */ (parseAst(this.text, { lang: "dts" }).body)) this.#add(statement);
  }

  /** @param {Node} statement */
  #add(statement) {
    if (statement.type === "ImportDeclaration") return this.#addForeign(statement, "local", "imported");
    if (statement.type !== "ExportNamedDeclaration") return this.#addLocal(statement, statement);
    if (statement.declaration !== null) return this.#addLocal(statement.declaration, statement);
    if (statement.source !== null) return this.#addForeign(statement, "exported", "local");
    for (const { exported, local } of statement.specifiers) this.exported.set(exported.name, local.name);
  }

  /**
   * @param {Node} statement
   * @param {"local" | "exported"} here
   * @param {"imported" | "local"} there
   */
  #addForeign(statement, here, there) {
    const source = statement.source.value;
    if (!source.startsWith(".")) return;
    const file = join(dirname(this.file), source.replace(/\.js$/, ".d.ts"));
    for (const specifier of statement.specifiers) {
      this.foreign.set(specifier[here].name, { file, name: specifier[there].name });
      if (here === "exported") this.exported.set(specifier.exported.name, specifier.exported.name);
    }
  }

  /**
   * @param {Node} declaration
   * @param {Node} outer The statement, before which the docstring stands.
   */
  #addLocal(declaration, outer) {
    const names = declaration.id
      ? [declaration.id.name]
      : (declaration.declarations ?? []).map((/** @type {Node} */ one) => one.id.name);
    for (const name of names) {
      this.local.set(name, { ...declaration, outer });
      if (outer !== declaration) this.exported.set(name, name);
    }
  }

  /** @param {Node} node */
  isDocumented(node) {
    const before = this.text.slice(0, node.start).trimEnd();
    return before.endsWith("*/") && before.lastIndexOf("/**") > before.lastIndexOf("*/", before.length - 3);
  }
}

/** A declaration: its name, and the file in which it stands. */
/** @typedef {{ name: string, from: Declarations, node: Node }} Found */

class SurfaceReader {
  /** @type {Map<string, Declarations>} */
  #files = new Map();
  /** @type {string[]} */
  #undocumented = [];
  /** @type {Map<string, string>} */
  #unnamed = new Map();
  #members = 0;
  /** @type {Set<Node>} The nodes of what the entry exports. */
  #exported = new Set();

  /** @param {string} entry */
  constructor(entry) {
    this.entry = entry;
  }

  /** @returns {Surface} */
  read() {
    const { exported } = this.#open(this.entry);
    const all = [...exported.keys()].map((name) => {
      const found = this.#find(this.entry, name);
      if (found === undefined) throw new Error(`${name} is exported by ${this.entry} and declared nowhere`);
      return { ...found, name };
    });
    for (const { node } of all) this.#exported.add(node);
    for (const found of all) this.#readDeclaration(found);
    const unnamed = [...this.#unnamed].map(([name, user]) => `${name}, which ${user} uses`);
    return { undocumented: this.#undocumented, unnamed, members: this.#members };
  }

  /** @param {string} file */
  #open(file) {
    const known = this.#files.get(file) ?? new Declarations(file);
    this.#files.set(file, known);
    return known;
  }

  /**
   * What a name means in a file; undefined for what is of the platform or of another package.
   * @param {string} file
   * @param {string} name
   * @returns {Found | undefined}
   */
  #find(file, name) {
    const from = this.#open(file);
    const local = from.exported.get(name) ?? name;
    const node = from.local.get(local);
    if (node !== undefined) return { name: local, from, node };
    const foreign = from.foreign.get(local);
    return foreign === undefined ? undefined : this.#find(foreign.file, foreign.name);
  }

  /** @param {Found} found */
  #readDeclaration({ name, from, node }) {
    this.#check(name, from, node.outer);
    const parameters = new Set((node.typeParameters?.params ?? []).map((/** @type {Node} */ one) => one.name.name));
    const bases = [...(node.extends ?? []), ...(node.superClass ? [{ expression: node.superClass }] : [])].flatMap(
      ({ expression }) => {
        const base = this.#find(from.file, expression.name);
        return base === undefined ? [] : [base];
      },
    );
    const scope = { owner: name, from, parameters, bases, isError: name.endsWith("Error") };
    for (const member of node.body?.body ?? []) this.#readMember(member, scope);
    if (node.body === undefined || node.body === null || node.type === "FunctionDeclaration")
      this.#readTypes(node, scope);
    // What an interface inherits is its own to a reader, whether or not the base can be imported.
    for (const base of bases) {
      if (this.#exported.has(base.node) || node.type !== "TSInterfaceDeclaration") continue;
      for (const member of base.node.body.body) this.#readMember(member, { ...scope, from: base.from, bases: [] });
    }
  }

  /**
   * @typedef {object} Scope
   * @property {string} owner
   * @property {Declarations} from
   * @property {Set<string>} parameters Type parameters.
   * @property {Found[]} bases
   * @property {boolean} isError
   */

  /**
   * @param {Node} member
   * @param {Scope} scope
   */
  #readMember(member, scope) {
    const { key, accessibility } = member;
    if (accessibility === "private" || key?.type === "PrivateIdentifier") return;
    const isConstructor = member.kind === "constructor";
    // Errors are made by the library: what their constructors take is nobody else's matter.
    if (isConstructor && (scope.isError || accessibility === "protected")) return;
    const name = isConstructor ? "constructor" : scope.from.text.slice(key?.start, key?.end);
    const isInherited = !isConstructor && scope.bases.some((base) => this.#inherits(base, name));
    if (!isInherited) this.#check(`${scope.owner}.${name}`, scope.from, member);
    this.#readTypes(member, { ...scope, owner: `${scope.owner}.${name}`, isError: false });
  }

  /**
   * Whether a base has a docstring for the member: editors show it for those below.
   * @param {Found} base
   * @param {string} name
   * @returns {boolean}
   */
  #inherits({ from, node }, name) {
    const own = (node.body?.body ?? []).some(
      (/** @type {Node} */ one) =>
        one.key !== undefined && from.text.slice(one.key.start, one.key.end) === name && from.isDocumented(one),
    );
    if (own || !node.superClass) return own;
    const above = this.#find(from.file, node.superClass.name);
    return above !== undefined && this.#inherits(above, name);
  }

  /**
   * @param {Node} node
   * @param {Scope} scope
   */
  #readTypes(node, scope) {
    for (const [name, value] of Object.entries(node)) {
      if (name === "outer" || name === "key" || name === "id") continue;
      for (const inner of Array.isArray(value) ? value : [value]) {
        if (typeof inner?.type !== "string") continue;
        if (inner.type === "TSTypeReference") this.#readReference(inner.typeName, scope);
        if (inner.type === "TSPropertySignature" || inner.type === "TSMethodSignature") this.#readMember(inner, scope);
        else this.#readTypes(inner, scope);
      }
    }
  }

  /**
   * @param {Node} typeName
   * @param {Scope} scope
   */
  #readReference(typeName, { owner, from, parameters }) {
    if (typeName.type !== "Identifier" || parameters.has(typeName.name)) return;
    const found = this.#find(from.file, typeName.name);
    if (found === undefined || this.#exported.has(found.node)) return;
    const shown = `${found.name} (${relative(dirname(this.entry), found.from.file)})`;
    if (!this.#unnamed.has(shown)) this.#unnamed.set(shown, owner);
  }

  /**
   * @param {string} name
   * @param {Declarations} from
   * @param {Node} node
   */
  #check(name, from, node) {
    this.#members += 1;
    if (!from.isDocumented(node)) this.#undocumented.push(name);
  }
}

/**
 * What the public API declares, read from the source: every exported name, every member of every type that a caller fills in,
 * every parameter of every function and method. A list of fields that a test holds is compared with this.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { packageFolder } from "../support/dialogue.js";

const SOURCE = join(packageFolder(), "src");

export interface Declaration {
  readonly kind: "interface" | "class" | "function" | "alias" | "const";
  readonly name: string;
  /** Interface: its members. Class: `method(parameter)`. Function: its parameters. */
  readonly members: readonly string[];
  /** Interface: what it extends. Alias: what it stands for, on one line. */
  readonly text: string;
}

/** Everything that index.ts exports, and the further declarations named by `file#name`. */
export function readDeclarations(further: readonly string[]): ReadonlyMap<string, Declaration> {
  const found = new Map<string, Declaration>();
  const index = readFileSync(join(SOURCE, "index.ts"), "utf8");
  for (const [, names = "", path = ""] of index.matchAll(/export (?:type )?\{([^}]+)\} from "([^"]+)";/g)) {
    for (const one of names.split(",")) {
      const name = one.replace(/^\s*(?:type )?/, "").trim();
      if (name !== "") found.set(name, declarationOf(name, join(SOURCE, path.replace(/\.js$/, ".ts"))));
    }
  }
  for (const one of further) {
    const [file = "", name = ""] = one.split("#");
    found.set(name, declarationOf(name, join(SOURCE, file)));
  }
  return found;
}

function declarationOf(name: string, file: string): Declaration {
  const source = readFileSync(file, "utf8");
  const moved = new RegExp(`export (?:type )?\\{[^}]*\\b${name}\\b[^}]*\\} from "([^"]+)"`).exec(source)?.[1];
  if (moved !== undefined) return declarationOf(name, join(dirname(file), moved.replace(/\.js$/, ".ts")));
  const body = (start: string): string | undefined =>
    new RegExp(`^export (?:abstract )?(?:async )?${start} ${name}\\b[\\s\\S]*?^\\}`, "m").exec(source)?.[0];
  const asInterface = body("interface");
  if (asInterface !== undefined) {
    const text = /^[^{]* extends ([^{]+) \{/.exec(asInterface)?.[1] ?? "";
    return { kind: "interface", name, members: memberNames(asInterface), text };
  }
  const asClass = body("class");
  if (asClass !== undefined) return { kind: "class", name, members: methodParameters(asClass), text: "" };
  const asFunction = body("function\\*?");
  if (asFunction !== undefined) return { kind: "function", name, members: parametersIn(asFunction), text: "" };
  const alias = new RegExp(`^export type ${name}(?:<[^>]*>)? =([\\s\\S]*?);\\n(?![ }])`, "m").exec(source)?.[1];
  if (alias !== undefined)
    return {
      kind: "alias",
      name,
      members: [],
      text: alias
        .replace(/\/\*\*.*?\*\//gs, "")
        .replace(/\s+/g, " ")
        .trim(),
    };
  throw new Error(`${name} is not declared in ${file} in a way that this test can read`);
}

/** Two spaces deep is a member; deeper is a member's own type. */
function memberNames(text: string): string[] {
  return [...text.matchAll(/^ {2}(?:readonly )?(\w+)(?:\?|\()?[:(]/gm)].map(([, name = ""]) => name);
}

function methodParameters(text: string): string[] {
  const methods = text.matchAll(/^ {2}(?:(?:static|override|async) )*\*?(\w+)(?:<[^(]*>)?\(/gm);
  return [...methods].flatMap((match) => {
    const before = text.slice(0, match.index).trimEnd();
    if (before.endsWith("*/") && before.slice(before.lastIndexOf("/**")).includes("@internal")) return [];
    const names = parametersIn(text.slice(match.index));
    return names.map((name) => `${match[1]}(${name})`);
  });
}

/** The names between the first parenthesis and the one that closes it; what is taken apart is called `options`. */
function parametersIn(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const char of text.slice(text.indexOf("("))) {
    if ("([{<".includes(char)) depth++;
    if (")]}>".includes(char) && !part.endsWith("=")) depth--;
    if (depth === 0) break;
    if (char === "," && depth === 1) {
      parts.push(part);
      part = "";
    } else part += char;
  }
  parts.push(part);
  return parts
    .map((one) => one.replace(/^\(/, "").trim())
    .filter((one) => one !== "")
    .map((one) => /^\w+/.exec(one)?.[0] ?? "options");
}

// @ts-check
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readSurface } from "../checks/public-surface.mjs";

/**
 * What is found in these declarations, the entry being index.d.ts.
 * @param {Record<string, string>} files
 */
function surfaceOf(files) {
  const folder = mkdtempSync(join(tmpdir(), "surface-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const { undocumented, unnamed } = readSurface(join(folder, "index.d.ts"));
    return { undocumented, unnamed };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {string} text */
const undocumented = (text) => surfaceOf({ "index.d.ts": text }).undocumented;

test("a member without a docstring is found, whatever it is a member of", () => {
  const rows = [
    ["export interface A { b: string; }", ["A", "A.b"]],
    ["/** A. */\nexport interface A { b: string; c(): void; }", ["A.b", "A.c"]],
    ["/** A. */\nexport interface A { /** B. */ b: { c: number }; }", ["A.b.c"]],
    ["/** A. */\nexport type A = { b: string } | { /** C. */ c: string };", ["A.b"]],
    [
      "/** A. */\nexport class A { b: string; get c(): string; static d(): void; constructor(); }",
      ["A.b", "A.c", "A.d", "A.constructor"],
    ],
    ["/** A. */\nexport class A { constructor(a: { b: string }); }", ["A.constructor", "A.constructor.b"]],
    ["export function f(): void;", ["f"]],
    ["export declare const c: number;", ["c"]],
    ["/** f. */\nexport function f(options: { a?: string }): void;", ["f.a"]],
  ];
  for (const [text, found] of rows) assert.deepEqual(undocumented(/** @type {string} */ (text)), found, String(text));
});

test("a comment that is no docstring, or that of the member before, does not count", () => {
  assert.deepEqual(undocumented("/** A. */\nexport interface A {\n  // b\n  b: string;\n}"), ["A.b"]);
  assert.deepEqual(undocumented("/** A. */\nexport interface A {\n  /* b */\n  b: string;\n}"), ["A.b"]);
  assert.deepEqual(undocumented("/** A. */\nexport interface A { /** B. */ b: string; c: string; }"), ["A.c"]);
});

test("what is private, inherited or an error's constructor needs none", () => {
  const base = "/** B. */\nexport abstract class B { /** The name. */ get name(): string; }\n";
  assert.deepEqual(undocumented(`${base}/** A. */\nexport class A extends B { get name(): "A"; }`), []);
  assert.deepEqual(undocumented(`${base}/** A. */\nexport class A extends B { get code(): "A"; }`), ["A.code"]);
  assert.deepEqual(undocumented("/** A. */\nexport class A { #b: string; private c: string; }"), []);
  assert.deepEqual(undocumented("/** A. */\nexport class AnError { constructor(facts: { b: string }); }"), []);
});

test("the members of an interface that is not exported belong to those that extend it", () => {
  const text = "interface B { b: string; }\n/** A. */\nexport interface A extends B {}";
  assert.deepEqual(undocumented(text), ["A.b"]);
});

test("a type that cannot be imported is found where a public signature uses it", () => {
  const other = "/** B. */\nexport interface B {}\n/** C. */\nexport interface C {}";
  const entry = (/** @type {string} */ text) => surfaceOf({ "index.d.ts": text, "other.d.ts": other }).unnamed;
  const uses = 'import type { B } from "./other.js";\n/** f. */\nexport function f(b: readonly B[]): void;';
  assert.deepEqual(entry(uses), ["B (other.d.ts), which f uses"]);
  assert.deepEqual(entry(`${uses}\nexport type { B } from "./other.js";`), []);
  assert.deepEqual(entry('/** f. */\nexport function f<B>(b: B): void;\nexport { C } from "./other.js";'), []);
  assert.deepEqual(entry('import type { B } from "elsewhere";\n/** f. */\nexport function f(b: B): void;'), []);
  assert.deepEqual(entry("interface D {}\n/** f. */\nexport function f(): Promise<D>;"), [
    "D (index.d.ts), which f uses",
  ]);
});

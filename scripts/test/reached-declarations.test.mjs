// @ts-check
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { reachedDeclarations } from "../workspace/reached-declarations.mjs";

/**
 * What is left of these declarations, the entry being index.d.ts.
 * @param {Record<string, string>} files
 */
function left(files) {
  const folder = mkdtempSync(join(tmpdir(), "declarations-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return Object.fromEntries(reachedDeclarations(folder, ["index.d.ts"]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("what no public name leads to is left out, and so is its file", () => {
  const found = left({
    "index.d.ts": 'export { A } from "./a.js";\n',
    "a.d.ts":
      '/** About the file. */\nimport { B, Unused } from "./b.js";\nimport { C } from "./c.js";\n/** A. */\nexport interface A {\n  /** b */\n  b: B;\n}\n/** D. */\nexport declare function d(c: C): void;\n',
    "b.d.ts": "/** B. */\nexport type B = Own;\ntype Own = string;\nexport type Unused = number;\n",
    "c.d.ts": "export type C = 1;\n",
  });
  assert.deepEqual(found, {
    "index.d.ts": 'export { A } from "./a.js";\n',
    "a.d.ts": 'import { B } from "./b.js";\n/** A. */\nexport interface A {\n  /** b */\n  b: B;\n}\n',
    "b.d.ts": "/** B. */\nexport type B = Own;\ntype Own = string;\n",
  });
});

test("every overload, and all that has one name, stays together", () => {
  const text =
    "export declare function f(a: string): void;\nexport declare function f(a: number): void;\nexport interface I {\n}\nexport declare namespace I {\n    type T = 1;\n}\n";
  assert.deepEqual(left({ "index.d.ts": text }), { "index.d.ts": text });
});

test("names that are changed on the way are followed", () => {
  const found = left({
    "index.d.ts": 'import { b as c } from "./b.js";\nexport { c as d };\nexport type { e as default } from "./b.js";\n',
    "b.d.ts": "export declare const b: 1, x: 2;\nexport type e = 3;\nexport type f = 4;\n",
  });
  assert.deepEqual(Object.keys(found), ["index.d.ts", "b.d.ts"]);
  assert.equal(found["b.d.ts"], "export declare const b: 1, x: 2;\nexport type e = 3;\n");
});

test("of a module that is taken whole everything stays", () => {
  const whole = "export type A = 1;\ntype B = 2;\nexport type C = B;\n";
  for (const text of [
    'export * from "./b.js";\n',
    'import * as b from "./b.js";\nexport default b;\n',
    'export type X = import("./b.js").A;\n',
  ]) {
    assert.deepEqual(left({ "index.d.ts": text, "b.d.ts": whole }), { "index.d.ts": text, "b.d.ts": whole }, text);
  }
});

test("other packages are imported where a name of theirs is used", () => {
  const text = 'import type { Duplex, Readable } from "node:stream";\nexport type A = Duplex;\ntype B = Readable;\n';
  assert.equal(
    left({ "index.d.ts": text })["index.d.ts"],
    'import type { Duplex } from "node:stream";\nexport type A = Duplex;\n',
  );
});

test("modules that lead to each other come to an end", () => {
  const files = {
    "index.d.ts": 'import type { B } from "./b.js";\nexport interface A {\n    b: B;\n}\n',
    "b.d.ts": 'import type { A } from "./index.js";\nexport interface B {\n    a: A;\n}\n',
  };
  assert.deepEqual(left(files), files);
});

// @ts-check
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { readImports } from "../layers/imports.mjs";
import { libraryModule } from "../workspace/built.mjs";
import { pruneDeclarations } from "../workspace/prune-declarations.mjs";
import { commandFile, MODULES, ROOT } from "../workspace/root.mjs";
import { runNode } from "../workspace/run.mjs";
import { filesUnder } from "../workspace/stamp.mjs";

const DIST = join(ROOT, "packages", "postrider", "dist");

const STATIC_IMPORT = /^(?:import|export)\b[^;(]*?"([^"]+)";/gm;

test("the bundle exports what the modules export, under the same names", async () => {
  const bundled = /** @type {Record<string, unknown>} */ (await libraryModule());
  const modules = await import(String(pathToFileURL(join(MODULES, "index.js"))));
  assert.deepEqual(Object.keys(bundled).sort(), Object.keys(modules).sort());
  for (const [name, value] of Object.entries(bundled)) {
    if (typeof value === "function") assert.equal(value.name, name);
  }
});

test("an import loads two files, and of Node only what is there anyway", () => {
  const loaded = new Set(["index.js"]);
  /** @type {Set<string>} */
  const builtins = new Set();
  // A set that grows while it is walked: what is found is looked at too.
  for (const file of loaded) {
    for (const [, from = ""] of readFileSync(join(DIST, file), "utf8").matchAll(STATIC_IMPORT)) {
      if (from.startsWith("./")) loaded.add(from.slice(2));
      else builtins.add(from);
    }
  }
  assert.equal(loaded.size, 2, [...loaded].join(", "));
  assert.deepEqual([...builtins].sort(), ["node:buffer", "node:path", "node:url"]);
});

test("there is no file that nothing leads to", () => {
  const files = filesUnder([DIST])
    .filter((file) => !file.endsWith(".d.ts"))
    .map((file) => relative(DIST, file));
  const code = files.map((file) => readFileSync(join(DIST, file), "utf8")).join("\n");
  for (const file of files) assert.ok(file === "index.js" || code.includes(`"./${file}"`), file);
});

test("a stack trace shows the names of the source", () => {
  const code = readFileSync(join(DIST, "index.js"), "utf8");
  assert.match(code, /function formatAddress\(/);
  assert.doesNotMatch(code, /[=\s]class _/);
});

test("every declaration leads to declarations that are there", () => {
  const files = filesUnder([DIST]);
  for (const file of files.filter((name) => name.endsWith(".d.ts"))) {
    for (const { specifier } of readImports(readFileSync(file, "utf8"))) {
      if (!specifier.startsWith(".")) continue;
      const target = join(dirname(file), specifier.replace(/\.js$/, ".d.ts"));
      assert.ok(existsSync(target), `${file} leads to ${specifier}, which is not there`);
    }
  }
});

test("the declarations say all that they speak of, and nothing of the library's own modules", async () => {
  const flags = "--noEmit --strict --skipLibCheck false --exactOptionalPropertyTypes --module nodenext --target es2023";
  const parameters = [...flags.split(" "), "--types", "node", join(DIST, "index.d.ts")];
  assert.equal((await runNode(commandFile("typescript", "tsc"), parameters)).output, "");
  assert.doesNotMatch(readFileSync(join(DIST, "submission", "prepare.d.ts"), "utf8"), /prepareSubmission/);
});

test("declarations are pruned by what the entry exports", () => {
  /** @type {Record<string, string>} */
  const files = {
    "index.d.ts": 'export { type A, f } from "./a.js";\n',
    "a.d.ts":
      '/**\n * About the file.\n *\n * Layer: a.\n */\nimport type { B, Unused } from "./b.js";\n/** A { } */\nexport interface A {\n    b: B;\n}\n' +
      "export type No = Unused;\nexport declare function f(value: {\n    a: C;\n}): A;\ntype C = {\n    c: 1;\n} | {\n    c: 2;\n};\nexport {};\n",
    "b.d.ts": "export type B = 1;\nexport declare const b: B;\n",
  };
  assert.deepEqual(Object.fromEntries(pruneDeclarations((file) => files[file] ?? "")), {
    "index.d.ts": files["index.d.ts"],
    "a.d.ts":
      'import type { B } from "./b.js";\n/** A { } */\nexport interface A {\n    b: B;\n}\n' +
      "export declare function f(value: {\n    a: C;\n}): A;\ntype C = {\n    c: 1;\n} | {\n    c: 2;\n};\nexport {};\n",
    "b.d.ts": "export type B = 1;\n",
  });
  assert.throws(() => pruneDeclarations(() => 'export type A = import("./a.js").B;\n'), /name the type/);
});

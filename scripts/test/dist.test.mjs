// @ts-check
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { readImports } from "../layers/imports.mjs";
import { entriesOf, MODULES, packages, ROOT, readJson } from "../workspace/root.mjs";
import { filesUnder } from "../workspace/stamp.mjs";

const LIBRARY = join(ROOT, "packages", "postrider", "dist");

const STATIC_IMPORT = /^(?:import|export)\b[^;(]*?"([^"]+)";/gm;

const published = packages().filter(({ manifest }) => entriesOf(manifest).length > 0);

for (const { name, folder } of published) {
  const dist = join(folder, "dist");

  test(`${name}: import and require give what the modules export, under the same names`, async () => {
    const modules = await import(String(pathToFileURL(join(MODULES, folder.split(/[\\/]/).at(-1) ?? "", "index.js"))));
    const imported = await import(String(pathToFileURL(join(dist, "index.js"))));
    const required = createRequire(import.meta.url)(join(dist, "index.cjs"));
    for (const door of [imported, required]) {
      assert.deepEqual(Object.keys(door).sort(), Object.keys(modules).sort());
      for (const [key, value] of Object.entries(door)) if (typeof value === "function") assert.equal(value.name, key);
    }
  });

  test(`${name}: every declaration leads to declarations that are there`, () => {
    const files = filesUnder([dist]).filter((file) => file.endsWith(".d.ts"));
    assert.ok(files.length > 2);
    for (const file of files) {
      for (const { specifier } of readImports(readFileSync(file, "utf8"))) {
        if (!specifier.startsWith(".")) continue;
        const target = join(dirname(file), specifier.replace(/\.js$/, ".d.ts"));
        assert.ok(existsSync(target), `${file} leads to ${specifier}, which is not there`);
      }
    }
  });

  test(`${name}: the code can be read, and source maps lead to sources that are published`, () => {
    const code = filesUnder([dist]).filter((file) => /\.c?js$/.test(file));
    for (const file of code) {
      const text = readFileSync(file, "utf8");
      // A statement a line; minified code has a hundred characters and more.
      assert.ok(text.length / text.split("\n").length < 60, file);
      assert.doesNotMatch(text, /[=\s]class _/, file);
      // Names would change with the content.
      assert.doesNotMatch(file, /-[\w-]{8}\.c?js$/);
    }
    for (const file of code.filter((one) => one.endsWith(".js"))) {
      // A file that only passes names on has no code to lead from.
      if (!/^(?!import|export|$)/m.test(readFileSync(file, "utf8"))) continue;
      const { sources } = readJson(`${file}.map`);
      for (const source of sources) {
        const path = join(dirname(file), source);
        assert.ok(existsSync(path) && path.startsWith(join(folder, "src")), `${file} leads to ${source}`);
      }
    }
  });
}

test("an import of the library loads two files, and of Node only what is there anyway", () => {
  const loaded = new Set(["index.js"]);
  /** @type {Set<string>} */
  const builtins = new Set();
  // A set that grows while it is walked: what is found is looked at too.
  for (const file of loaded) {
    for (const [, from = ""] of readFileSync(join(LIBRARY, file), "utf8").matchAll(STATIC_IMPORT)) {
      if (from.startsWith("./")) loaded.add(from.slice(2));
      else builtins.add(from);
    }
  }
  assert.deepEqual([...loaded], ["index.js", "shared.js"]);
  assert.deepEqual([...builtins].sort(), ["node:buffer", "node:path", "node:url"]);
});

test("the library has no file of code that nothing leads to", () => {
  const files = filesUnder([LIBRARY])
    .filter((file) => /\.c?js$/.test(file))
    .map((file) => relative(LIBRARY, file));
  const code = files.map((file) => readFileSync(join(LIBRARY, file), "utf8")).join("\n");
  for (const file of files) assert.ok(/^index\.c?js$/.test(file) || code.includes(`"./${file}"`), file);
});

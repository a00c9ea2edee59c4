// @ts-check
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { readImports } from "../layers/imports.mjs";
import { libraryModule } from "../workspace/built.mjs";
import { MODULES, ROOT } from "../workspace/root.mjs";
import { filesUnder } from "../workspace/stamp.mjs";

const DIST = join(ROOT, "packages", "postrider", "dist");

test("the bundle exports what the modules export, under the same names", async () => {
  const bundled = /** @type {Record<string, unknown>} */ (await libraryModule());
  const modules = await import(String(pathToFileURL(join(MODULES, "index.js"))));
  assert.deepEqual(Object.keys(bundled).sort(), Object.keys(modules).sort());
  for (const [name, value] of Object.entries(bundled)) {
    if (typeof value === "function") assert.equal(value.name, name);
  }
});

test("the code is one file, and every declaration leads to declarations that are there", () => {
  const files = filesUnder([DIST]);
  assert.deepEqual(
    files.filter((file) => !file.endsWith(".d.ts")),
    [join(DIST, "index.js")],
  );
  for (const file of files.filter((name) => name.endsWith(".d.ts"))) {
    for (const { specifier } of readImports(readFileSync(file, "utf8"))) {
      if (!specifier.startsWith(".")) continue;
      const target = join(dirname(file), specifier.replace(/\.js$/, ".d.ts"));
      assert.ok(existsSync(target), `${file} leads to ${specifier}, which is not there`);
    }
  }
});

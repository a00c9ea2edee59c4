// @ts-check
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire, SourceMap } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { readImports } from "../layers/imports.mjs";
import { entriesOf, MODULES, packages, ROOT, readJson } from "../workspace/root.mjs";
import { NOTICE } from "../workspace/source-map.mjs";
import { filesUnder } from "../workspace/stamp.mjs";

const LIBRARY = join(ROOT, "packages", "postrider", "dist");

/** Functions, classes and errors that are made, without the numbers by which the bundler tells names apart. */
const PLACE = /(^\s*(?:async )?function\*? |^(?:var|let|const) (?=\S+ = class)|\bnew (?=\w*Error\())(\w+)/g;

const STATIC_IMPORT = /^(?:import|export)\b[^;(]*?"([^"]+)";/gm;

const published = packages().filter(({ manifest }) => entriesOf(manifest).length > 0);

/**
 * A file that leads to the others: a line of names, and hardly a statement of its own.
 * @param {string} text
 */
const isDoor = (text) => text.split("\n").length < 15;

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

  const files = filesUnder([dist]).filter((file) => /\.c?js$/.test(file));

  test(`${name}: the code can be read`, () => {
    for (const file of files) {
      const text = readFileSync(file, "utf8");
      // A statement a line; minified code has a hundred characters and more. Words in a table of data are no code.
      const code = text.replace(/(["`])[^"`\n]*\1/g, '""');
      assert.ok(isDoor(text) || code.length / code.split("\n").length < 60, file);
      assert.doesNotMatch(text, /[=\s]class _/, file);
      // Names would change with the content.
      if (!file.includes(`${sep}lib${sep}`)) assert.doesNotMatch(file, /-[\w-]{8}\.c?js$/);
    }
  });

  const mapped = files.filter((file) => file.endsWith(".js") && existsSync(`${file}.map`));

  test(`${name}: source maps lead to sources that are there, and have their lines that make errors`, () => {
    assert.ok(mapped.length > 0);
    for (const file of mapped) {
      const { sources, sourcesContent } = readJson(`${file}.map`);
      for (const [index, source] of sources.entries()) {
        const path = join(dirname(file), source);
        assert.ok(existsSync(path) && path.startsWith(join(folder, "src")), `${file} leads to ${source}`);
        const lines = readFileSync(path, "utf8").split("\n");
        const [notice, ...kept] = sourcesContent[index].split("\n");
        assert.equal(notice, NOTICE);
        for (const [at, line] of kept.entries())
          assert.ok(lines[at + 1]?.trimStart().startsWith(line), `${source}:${at + 2}`);
        for (const [at, line] of lines.entries())
          if (/^\s*(?:throw|return) new \w*Error\(/.test(line))
            assert.equal(kept[at - 1]?.trimEnd(), line.trimStart().slice(0, 80).trimEnd(), `${source}:${at + 1}`);
      }
    }
  });

  test(`${name}: source maps lead from every function, class and new error to the line where it stands`, () => {
    for (const file of mapped) {
      const map = new SourceMap(readJson(`${file}.map`));
      let checked = 0;
      let isOwn = true;
      for (const [number, line] of readFileSync(file, "utf8").split("\n").entries()) {
        // The bundler names the module above its code; its own helpers lead nowhere.
        if (line.startsWith("// ")) isOwn = !line.startsWith("// \\0");
        if (!isOwn) continue;
        for (const { index, 2: name = "" } of line.matchAll(PLACE)) {
          const { originalSource, originalLine } = /** @type {import("node:module").SourceMapping} */ (
            map.findEntry(number, index)
          );
          const source = readFileSync(join(dirname(file), originalSource), "utf8").split("\n")[originalLine] ?? "";
          const place = `${originalSource}:${originalLine + 1}`;
          assert.ok(source.includes(name), `${file}:${number + 1} (${name}) leads to ${place}: ${source}`);
          checked += 1;
        }
      }
      assert.ok(checked > 5 || isDoor(readFileSync(file, "utf8")), file);
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

test("an import of the library reads nothing of sockets and of SASL exchanges, which the first connection needs", () => {
  const sources = ["index.js", "shared.js"].flatMap((file) => readJson(join(LIBRARY, `${file}.map`)).sources);
  const late =
    /\/src\/(?:transport\/node\/|sasl\/(?!mechanisms|credential-rules)|connection\/(?:engine|authenticate)\.ts)/;
  assert.deepEqual(
    sources.filter((source) => late.test(source)),
    [],
  );
  assert.ok(readJson(join(LIBRARY, "engine.js.map")).sources.some((/** @type {string} */ source) => late.test(source)));
});

test("the library has no file of code that nothing leads to", () => {
  const files = filesUnder([LIBRARY])
    .filter((file) => /\.c?js$/.test(file))
    .map((file) => relative(LIBRARY, file));
  const code = files.map((file) => readFileSync(join(LIBRARY, file), "utf8")).join("\n");
  for (const file of files)
    assert.ok(/^(?:index|providers|wire)\.c?js$/.test(file) || code.includes(`"./${file}"`), file);
});

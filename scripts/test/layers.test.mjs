// @ts-check
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { readImports } from "../layers/imports.mjs";
import { checkLayers, checkPublicApiOnly, publicApiProblems } from "../layers.mjs";

/**
 * The problems of a tree of sources.
 * @param {Record<string, string>} files
 */
function problemsOf(files) {
  const folder = mkdtempSync(join(tmpdir(), "layers-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return checkLayers(folder).problems;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("the library keeps its layers", () => {
  const { files, problems } = checkLayers();
  assert.deepEqual(problems, []);
  assert.ok(files > 20, `only ${files} files were read`);
});

test("an import that the table does not list is found, whatever its form", () => {
  const target = { "connection/connection.ts": "export const a = 1;\n" };
  const forms = [
    'import { a } from "../connection/connection.js";\n',
    'import {\n  a,\n} from "../connection/connection.js";\n',
    'import type { a } from "../connection/connection.js";\n',
    'export { a } from "../connection/connection.js";\n',
    'export * from "../connection/connection.js";\n',
    'import "../connection/connection.js";\n',
    'const a = await import("../connection/connection.js");\n',
    'let a: import("../connection/connection.js").A;\n',
  ];
  for (const form of forms) {
    const [problem] = problemsOf({ ...target, "wire/reply.ts": form });
    assert.match(problem ?? "", /^wire\/reply\.ts:\d+: wire may not import connection/, form);
  }
});

test("where the table says types, a value is a problem and a type is none", () => {
  const target = { "session/reply.ts": "export const a = 1;\n" };
  const importer = (/** @type {string} */ text) => problemsOf({ ...target, "submission/plan.ts": text });
  assert.deepEqual(importer('import type { a } from "../session/reply.js";\n'), []);
  assert.deepEqual(importer('import { type a } from "../session/reply.js";\n'), []);
  assert.match(importer('import { a } from "../session/reply.js";\n')[0] ?? "", /only types of session/);
  assert.match(importer('import { type b, a } from "../session/reply.js";\n')[0] ?? "", /only types of session/);
});

test("Node stays in its rooms, except for its buffers", () => {
  assert.deepEqual(problemsOf({ "wire/reply.ts": 'import { Buffer } from "node:buffer";\n' }), []);
  assert.deepEqual(problemsOf({ "transport/tcp.ts": 'import { connect } from "node:net";\n' }), []);
  assert.deepEqual(
    problemsOf({ "message/files/file-attachment.ts": 'import { open } from "node:fs/promises";\n' }),
    [],
  );
  assert.deepEqual(problemsOf({ "options/target.ts": 'import type { Duplex } from "node:stream";\n' }), []);
  assert.match(
    problemsOf({ "options/target.ts": 'import { Duplex } from "node:stream";\n' })[0] ?? "",
    /node:stream is allowed only/,
  );
  assert.match(
    problemsOf({ "message/part.ts": 'import { open } from "node:fs";\n' })[0] ?? "",
    /node:fs is allowed only/,
  );
});

test("a module of Node that is loaded on use is held to the same rule", () => {
  const text = 'const { statSync } = process.getBuiltinModule("node:fs");\n';
  assert.deepEqual(problemsOf({ "message/files/file-attachment.ts": text }), []);
  assert.match(problemsOf({ "message/part.ts": text })[0] ?? "", /node:fs is allowed only/);
  assert.match(problemsOf({ "message/part.ts": "process.env.HOME;\n" })[0] ?? "", /must be handed/);
});

test("the library has no dependencies, and no file without a layer", () => {
  assert.match(problemsOf({ "wire/a.ts": 'import { a } from "left-pad";\n' })[0] ?? "", /left-pad is a dependency/);
  assert.match(problemsOf({ "helpers.ts": "export const a = 1;\n" })[0] ?? "", /belongs to no layer/);
});

test("an optional peer is loaded on use, in its room", () => {
  const file = "transport/node/socks.ts";
  assert.deepEqual(problemsOf({ [file]: 'export type Socks = typeof import("socks");\nawait import("socks");\n' }), []);
  assert.match(
    problemsOf({ [file]: 'import { SocksClient } from "socks";\n' })[0] ?? "",
    /socks is optional; load it on use/,
  );
  assert.match(problemsOf({ "connection/a.ts": 'await import("socks");\n' })[0] ?? "", /socks is a dependency/);
});

test("a cycle is found once, with its way", () => {
  const problems = problemsOf({
    "wire/a.ts": 'import { b } from "./b.js";\n',
    "wire/b.ts": 'import { c } from "./c.js";\n',
    "wire/c.ts": 'import { a } from "./a.js";\n',
  });
  assert.deepEqual(problems, ["import cycle: wire/a.ts -> wire/b.ts -> wire/c.ts -> wire/a.ts"]);
});

test("time, timers and chance are handed to the session", () => {
  for (const [code, name] of [
    ["setTimeout(() => {}, 1);", "setTimeout"],
    ["const now = Date.now();", "Date.now"],
    ["const nonce = Math.random();", "Math.random"],
  ]) {
    const [problem] = problemsOf({ "session/session.ts": `${code}\n` });
    assert.match(problem ?? "", new RegExp(`session must be handed what \`${name}\``));
  }
  assert.deepEqual(problemsOf({ "session/session.ts": "// no setTimeout here\n/**\n * nor Date.now\n */\n" }), []);
});

test("a file that has outgrown its room is a problem, one that soon will is a remark", () => {
  assert.match(problemsOf({ "wire/a.ts": "\n".repeat(401) })[0] ?? "", /has 401 lines, more than 400/);
  assert.deepEqual(problemsOf({ "wire/a.ts": "\n".repeat(400) }), []);
});

test("what only looks like an import is none", () => {
  const text = '/**\n * import { a } from "./never.js";\n */\n// import "./never.js";\nexport const a = "from";\n';
  assert.deepEqual(readImports(text), []);
});

test("packages on the public API reach into no other package", () => {
  assert.deepEqual(publicApiProblems(), []);
  const folder = mkdtempSync(join(tmpdir(), "public-api-"));
  try {
    const lines = [
      'import { a } from "../../postrider/src/index.js";',
      'import { b } from "postrider/dist/engine.js";',
      'import { c } from "postrider";',
      'import { d } from "./other.js";',
      'import { e } from "postrider/providers";',
    ];
    writeFileSync(join(folder, "one.ts"), `${lines.join("\n")}\n`);
    const found = checkPublicApiOnly(folder).map((problem) => problem.split(":")[1]);
    assert.deepEqual(found, ["1", "2"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

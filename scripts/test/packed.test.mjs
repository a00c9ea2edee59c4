// @ts-check
import assert from "node:assert/strict";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { deliveryProblem, installPacked, removeProject } from "../testing/packed-project.mjs";
import { commandFile, ROOT } from "../workspace/root.mjs";
import { run, runNode } from "../workspace/run.mjs";

/** A project with the library from its tarball and nothing else: no html-to-text, no socks. */
let project = "";

before(async () => {
  project = mkdtempSync(join(tmpdir(), "postrider-packed-"));
  await installPacked(project, ["postrider"], ["--offline"]);
  copyFileSync(join(ROOT, "scripts", "testing", "delivery-program.mjs"), join(project, "program.mjs"));
});

after(() => removeProject(project));

/**
 * @param {string} name
 * @param {string} text
 */
function write(name, text) {
  const file = join(project, name);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/**
 * @param {string} file
 * @param {readonly string[]} [flags]
 */
async function output(file, flags = []) {
  const env = { ...process.env, NODE_OPTIONS: "", NODE_V8_COVERAGE: "" };
  const done = await run(process.execPath, [...flags, file], { cwd: project, env });
  return done.output;
}

/** A bundle runs where nothing is installed. */
function elsewhere() {
  return mkdtempSync(join(project, "..", "postrider-bundle-"));
}

/** @type {readonly [string, import("esbuild").BuildOptions][]} */
const ESBUILD = [
  ["to ESM", { format: "esm" }],
  ["to CommonJS", { format: "cjs" }],
  ["to small ESM", { format: "esm", minify: true }],
  ["to ESM in several files", { format: "esm", splitting: true }],
  [
    "for Workers, by wrangler's settings,",
    {
      ...{ format: "esm", platform: "browser", target: "es2022", conditions: ["workerd", "worker", "browser"] },
      ...{ loader: { ".js": "jsx", ".mjs": "jsx" }, external: ["__STATIC_CONTENT_MANIFEST", "cloudflare:*", "node:*"] },
      define: { "process.env.NODE_ENV": '"production"' },
    },
  ],
];

for (const [name, options] of ESBUILD) {
  test(`esbuild bundles a program ${name} without its optional packages, and it delivers`, async (t) => {
    const { build } = await import("esbuild");
    const folder = elsewhere();
    t.after(() => removeProject(folder));
    const extension = options.format === "cjs" ? ".cjs" : ".mjs";
    const { warnings, errors } = await build({
      entryPoints: [join(project, "program.mjs")],
      bundle: true,
      platform: "node",
      outdir: folder,
      outExtension: { ".js": extension },
      logLevel: "silent",
      ...options,
    });
    assert.deepEqual([...warnings, ...errors], []);
    assert.equal(await deliveryProblem(process.execPath, [join(folder, `program${extension}`)], folder), "");
  });
}

/** @type {readonly [string, import("vite").BuildEnvironmentOptions][]} */
const VITE = [
  ["for a server", { ssr: true }],
  [
    "as a library",
    { lib: { entry: "program.mjs", formats: ["es"], fileName: "program" }, rollupOptions: { external: /^node:/ } },
  ],
];

for (const [name, options] of VITE) {
  test(`Vite bundles a program ${name} without its optional packages, and it delivers`, async (t) => {
    const { build, createLogger } = await import("vite");
    const folder = elsewhere();
    t.after(() => removeProject(folder));
    /** @type {string[]} */
    const told = [];
    const note = (/** @type {string} */ text) => void told.push(text);
    await build({
      root: project,
      configFile: false,
      customLogger: { ...createLogger(), info: () => undefined, warn: note, warnOnce: note, error: note },
      ssr: { noExternal: true },
      build: {
        outDir: folder,
        emptyOutDir: false,
        ...options,
        rollupOptions: {
          ...options.rollupOptions,
          input: join(project, "program.mjs"),
          output: { entryFileNames: "program.mjs" },
        },
      },
    });
    assert.deepEqual(told, []);
    assert.equal(await deliveryProblem(process.execPath, [join(folder, "program.mjs")], folder), "");
  });
}

test("rolldown bundles a program without its optional packages, and it delivers", async (t) => {
  const { rolldown } = await import("rolldown");
  const folder = elsewhere();
  t.after(() => removeProject(folder));
  /** @type {string[]} */
  const told = [];
  const bundler = await rolldown({
    input: join(project, "program.mjs"),
    platform: "node",
    onLog: (_level, { message }) => void told.push(message),
  });
  await bundler.write({ dir: folder, entryFileNames: "program.mjs", chunkFileNames: "[name].mjs" });
  await bundler.close();
  assert.deepEqual(told, []);
  assert.equal(await deliveryProblem(process.execPath, [join(folder, "program.mjs")], folder), "");
});

test("an uncaught error shows files and functions of the library that can be read", async () => {
  const program = write(
    "uncaught.mjs",
    'import { send } from "postrider";\nawait send({ from: "ann@example.org", to: "bob@example.com", text: "" }, { hostname: "127.0.0.1", port: 1, timeout: -1 });\n',
  );
  const plain = await output(program);
  assert.match(plain, /OptionError: .*timeout/);
  assert.match(plain, /at (?:async )?send \(file:\/\/.*\/node_modules\/postrider\/dist\/index\.js:\d+:\d+\)/);
  for (const [, file] of plain.matchAll(/postrider\/dist\/([^:)]*)/g))
    assert.match(file ?? "", /^(?:index|engine|shared)\.js$/);
  // Each frame of the library names a function.
  assert.doesNotMatch(plain, /at (?:async )?(?:file:|new _|_)[^\n]*postrider\/dist/);
});

test("an uncaught error of the CommonJS copy shows one line of code, and names functions", async () => {
  const program = write("uncaught.cjs", 'require("postrider").parseAddressList("<");\n');
  const plain = await output(program, ["--no-experimental-require-module"]);
  const [place = "", line = ""] = plain.split("\n");
  assert.match(place, /\/postrider\/dist\/\w+\.cjs:\d+$/);
  assert.ok(line.includes("throw ") && line.length < 200, line);
  assert.match(plain, /AddressError: /);
  assert.match(plain, /at (?:\w+\.)?parseAddressList \(.*\/postrider\/dist\/\w+\.cjs:\d+:\d+\)/);
  assert.match(plain, /uncaught\.cjs:1:/);
  // Private methods too; short names have one letter.
  assert.match(plain, /at #\w{4}/);
  assert.doesNotMatch(plain, /at (?:new )?(?:[\w$]+\.)?#?\w \(/);
});

test("with --enable-source-maps an uncaught error shows lines of the sources", async () => {
  const program = write(
    "mapped.mjs",
    'import { send } from "postrider";\nawait send({ from: "ann@example.org", to: "bob@example.com", text: "" }, { hostname: "127.0.0.1", port: 1 });\n',
  );
  const mapped = await output(program, ["--enable-source-maps"]);
  assert.match(mapped, /SmtpConnectError: /);
  assert.match(mapped, /\/node_modules\/postrider\/src\/[\w/-]+\.ts:\d+:\d+\)/);
  assert.doesNotMatch(mapped, /postrider\/dist/);
  assert.match(mapped, /mapped\.mjs:2:/);
  // Node prints the line itself above an error of a call that is not asynchronous.
  const direct = write("direct.mjs", 'import { parseAddressList } from "postrider";\nparseAddressList("<");\n');
  const shown = await output(direct, ["--enable-source-maps"]);
  assert.match(shown, /^.*\/postrider\/src\/[\w/-]+\.ts:\d+\n.*new AddressError\(/);
  const [, file = "", number = "", line = ""] = /\/postrider\/(src\/[\w/-]+\.ts):(\d+)\n(.*)\n/.exec(shown) ?? [];
  const source = readFileSync(join(ROOT, "packages", "postrider", file), "utf8").split("\n");
  // Its beginning; the whole text is in the error below it.
  assert.equal(line, source[Number(number) - 1]?.trimStart().slice(0, 80));
});

test("a program goes on when another copy replaces the package before its first connection", async () => {
  const replaced = join(project, "replaced");
  mkdirSync(replaced);
  cpSync(join(project, "node_modules"), join(replaced, "node_modules"), { recursive: true });
  const library = join(replaced, "node_modules", "postrider");
  cpSync(library, `${library}-new`, { recursive: true });
  const program = write(
    "replaced/program.mjs",
    `import { renameSync } from "node:fs";
import { send } from "postrider";
renameSync("node_modules/postrider", "node_modules/postrider-old");
renameSync("node_modules/postrider-new", "node_modules/postrider");
const error = await send({ from: "ann@example.org", to: "bob@example.com", text: "" }, { hostname: "127.0.0.1", port: 1 }).catch((reason) => reason);
console.log(error.name);
`,
  );
  const { output: printed } = await run(process.execPath, [program], { cwd: replaced });
  assert.equal(printed, "SmtpConnectError\n");
});

const BOTH = `const required = require("postrider");
import("postrider").then((imported) => {
  const fails = (call) => { try { call(); } catch (error) { return error; } };
  const errors = [required, imported].map(({ parseAddressList }) => fails(() => parseAddressList("<")));
  console.log(require.resolve("postrider").replace(/.*[\\\\/]/, ""), required.send === imported.send);
  console.log(Object.keys(required).sort().join() === Object.keys(imported).filter((name) => !["default", "module.exports"].includes(name)).sort().join());
  console.log([required, imported].every(({ isSmtpError }) => errors.every(isSmtpError)), errors[0] instanceof Error);
});
`;

test("require and import in one program give one copy", async () => {
  const program = write("both.cjs", BOTH);
  assert.equal(await output(program, ["--no-warnings"]), "index.js true\ntrue\ntrue true\n");
});

test("where Node cannot require ESM there are two copies, and they know each other's errors", async () => {
  const program = write("both-copies.cjs", BOTH);
  assert.equal(await output(program, ["--no-experimental-require-module"]), "index.cjs false\ntrue\ntrue true\n");
});

test("the CommonJS copy delivers", async () => {
  const { transform } = await import("esbuild");
  const { code } = await transform(readFileSync(join(project, "program.mjs"), "utf8"), { format: "cjs" });
  const program = write("program.cjs", code);
  assert.equal(await deliveryProblem(process.execPath, ["--no-experimental-require-module", program], project), "");
});

const TYPED = `import { type AnySmtpError, DkimSigner, isSmtpError, send, SmtpPool, type SendOptions } from "postrider";
const options: SendOptions = { hostname: "127.0.0.1", dkim: new DkimSigner({ domain: "example.org", selector: "s", privateKey: "" }) };
export async function go(): Promise<AnySmtpError | undefined> {
  await using pool = new SmtpPool(options);
  const error: unknown = await pool.send({ from: "ann@example.org", to: "bob@example.com", text: "" }).catch((reason: unknown) => reason);
  // @ts-expect-error: no such field
  await send({ form: "ann@example.org" }, options);
  return isSmtpError(error) ? error : undefined;
}
`;

for (const [module, resolution] of [
  ["node16", "node16"],
  ["nodenext", "nodenext"],
  ["esnext", "bundler"],
]) {
  test(`the types hold in CommonJS and in ESM with module ${module}`, async () => {
    const types = join(ROOT, "node_modules", "@types");
    const config = {
      compilerOptions: {
        ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, target: "es2022" },
        ...{
          lib: ["es2023", "esnext.disposable"],
          types: ["node"],
          typeRoots: [types],
          module,
          moduleResolution: resolution,
        },
      },
      files: ["typed.cts", "typed.mts", "typed.ts"],
    };
    for (const name of config.files) write(`types-${module}/${name}`, TYPED);
    const file = write(`types-${module}/tsconfig.json`, JSON.stringify(config));
    assert.equal((await runNode(commandFile("typescript", "tsc"), ["-p", file, "--pretty", "false"])).output, "");
  });
}

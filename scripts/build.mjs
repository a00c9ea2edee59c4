// @ts-check
/**
 * Builds the packages: dist/ for people who install them, and with `--tests` also build/, where sources and tests lie side by
 * side. Packages that do not need each other are compiled at the same time; what has not changed is not compiled. Packages that
 * others import are bundled, for `import` and `require`; the inbox has a page for browsers besides.
 *
 * Layer: scripts.
 */

import { chmodSync, existsSync } from "node:fs";
import { basename, join } from "node:path";
import { ensureInstalled } from "./ensure-installed.mjs";
import { compile } from "./workspace/compile.mjs";
import { entriesOf, MODULES, packages, workspaceDependencies } from "./workspace/root.mjs";
import { runMain } from "./workspace/run-main.mjs";

/** Modules of packages that are bundled, which their own commands import. */
const PROGRAMS = /** @type {Readonly<Record<string, readonly string[]>>} */ ({
  "@postrider/inbox": ["command/run-command"],
});

/**
 * @typedef {import("./workspace/root.mjs").Package} Package
 * @typedef {import("./workspace/compile.mjs").Compiled} Compiled
 */

/**
 * Builds all packages and prints one line of what was done.
 * @param {{ tests?: boolean }} [options]
 * @returns {Promise<void>}
 * @throws {Error} with the compiler's messages, when something does not compile.
 */
export async function build({ tests = false } = {}) {
  const start = performance.now();
  const all = packages();
  /** @type {Map<string, Promise<Compiled>>} */
  const libraries = new Map();
  /** @type {Promise<[string, Compiled]>[]} */
  const results = [];

  for (const one of all) {
    const needed = workspaceDependencies(one, all).map((name) => libraries.get(name));
    const library = Promise.all(needed).then((done) => buildLibrary(one, done));
    libraries.set(one.name, library);
    results.push(library.then((done) => [one.name, done]));
    if (tests && existsSync(join(one.folder, "tsconfig.test.json"))) {
      // Tests compile the sources themselves, so they need not wait for their own package's dist/.
      const project = Promise.all(needed).then((done) => compile(testProject(one, done)));
      results.push(project.then((done) => [`${one.name} (tests)`, done]));
    }
  }
  results.push(buildInboxPage());
  report(await Promise.all(results), start);
}

/** @returns {Promise<[string, Compiled]>} */
async function buildInboxPage() {
  // Loaded late: it uses what may just have been installed.
  const { buildPage } = await import("./workspace/page.mjs");
  return ["the page of the inbox", { fresh: await buildPage(), ok: true, hash: "", output: "" }];
}

/**
 * @param {Package} one
 * @param {readonly (Compiled | undefined)[]} needed
 * @returns {Promise<Compiled>}
 */
async function buildLibrary(one, needed) {
  const project = libraryProject(one, needed);
  const compiled = await compile(project);
  if (compiled.ok) makeExecutable(one);
  const entries = entriesOf(one.manifest);
  if (entries.length === 0 || !compiled.ok) return compiled;
  // Loaded late: it uses what may just have been installed.
  const { bundle } = await import("./workspace/bundle.mjs");
  const fresh = await bundle({
    name: one.name,
    sources: project.sourceRoot,
    modules: project.output,
    output: join(one.folder, "dist"),
    entries,
    programs: PROGRAMS[one.name] ?? [],
  });
  return { ...compiled, fresh: compiled.fresh || fresh };
}

/**
 * npm does this for those who install a package; the links of the workspace were made before there was anything to run.
 * @param {Package} one
 */
function makeExecutable({ folder, manifest }) {
  const commands = typeof manifest.bin === "string" ? [manifest.bin] : Object.values(manifest.bin ?? {});
  for (const file of commands) if (existsSync(join(folder, file))) chmodSync(join(folder, file), 0o755);
}

/**
 * @param {Package} one
 * @param {readonly (Compiled | undefined)[]} needed
 */
function libraryProject(one, needed) {
  return {
    name: one.name,
    folder: one.folder,
    config: "tsconfig.json",
    sources: ["src"],
    sourceRoot: join(one.folder, "src"),
    output: entriesOf(one.manifest).length > 0 ? join(MODULES, basename(one.folder)) : join(one.folder, "dist"),
    words: needed.map((done) => done?.hash ?? ""),
  };
}

/**
 * @param {Package} one
 * @param {readonly (Compiled | undefined)[]} needed
 */
function testProject(one, needed) {
  return {
    name: `${one.name} tests`,
    folder: one.folder,
    config: "tsconfig.test.json",
    // Tests of the page of the inbox take its modules along.
    sources: ["src", "test", "page/src"],
    sourceRoot: one.folder,
    output: join(one.folder, "build"),
    words: needed.map((done) => done?.hash ?? ""),
  };
}

/**
 * @param {readonly [string, Compiled][]} results
 * @param {number} start
 */
function report(results, start) {
  const failed = results.filter(([, { ok }]) => !ok);
  if (failed.length > 0) {
    throw new Error(failureText(failed));
  }
  const fresh = results.filter(([, done]) => done.fresh).map(([name]) => name);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(fresh.length === 0 ? "Build: nothing changed" : `Build: ${fresh.join(", ")} in ${seconds} s`);
}

/**
 * Tests compile the sources again, so most messages come twice; once is enough.
 * @param {readonly [string, Compiled][]} failed
 */
function failureText(failed) {
  /** @type {Set<string>} */
  const told = new Set();
  const once = (/** @type {string} */ line) => line !== "" && !told.has(line) && told.add(line);
  return failed
    .map(([name, { output }]) => `${name} does not compile:\n${output.split("\n").filter(once).join("\n")}`)
    .join("\n");
}

await runMain(import.meta.url, async (words) => {
  await ensureInstalled();
  await build({ tests: words.includes("--tests") });
});

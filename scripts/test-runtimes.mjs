// @ts-check
/**
 * `npm run test:runtimes`: the built tests of the packages on every runtime that is supported. Words select runtimes by name:
 * `npm run test:runtimes -- node-22 deno`. Not part of `npm test`: it downloads some hundred megabytes.
 *
 * Layer: scripts.
 */

import { stripVTControlCharacters } from "node:util";
import { build } from "./build.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { installRuntime, RUNTIMES } from "./testing/runtimes.mjs";
import { matching, packageTests } from "./testing/test-files.mjs";
import { run } from "./workspace/run.mjs";

/** @typedef {import("./testing/runtimes.mjs").Runtime} Runtime */

/** A file that takes longer hangs; in ms. */
const TIMEOUT = 300_000;

/**
 * @param {Runtime} runtime
 * @param {readonly string[]} all
 * @returns {Promise<boolean>} Whether all that should pass does.
 */
async function testOn(runtime, all) {
  const files = all.filter((file) => !runtime.without.some((folder) => file.startsWith(folder)));
  const program = await installRuntime(runtime);
  const { output: version } = await run(program, ["--version"]);
  console.log(`\n${runtime.name}: ${version.split("\n")[0]}`);
  const { failure, exceptions } = runtime;
  if (failure === undefined) return (await run(program, runtime.parameters(files), { show: true })).code === 0;

  for (const folder of runtime.without) console.log(`  without ${folder}`);
  for (const { test, reason } of exceptions) console.log(`  may fail: ${test.source} (${reason})`);
  /** @type {string[]} */
  const failed = [];
  const stale = new Set(exceptions);
  for (const file of files) {
    const { code, output } = await run(program, runtime.parameters([file]), { timeout: TIMEOUT });
    if (code === 0) continue;
    const names = [...stripVTControlCharacters(output).matchAll(failure)].map(([, name = ""]) => name);
    const known = names.map((name) => exceptions.find(({ test }) => test.test(name)));
    for (const one of known) if (one !== undefined) stale.delete(one);
    // A file that was stopped has tests of which nobody knows.
    if (code < 128 && names.length > 0 && known.every((one) => one !== undefined)) continue;
    failed.push(file);
    console.log(output);
  }
  console.log(`${runtime.name}: ${files.length - failed.length} of ${files.length} files pass`);
  for (const file of failed) console.log(`  failed: ${file}`);
  for (const { test } of stale) console.log(`  passes again, take it off the list: ${test.source}`);
  return failed.length === 0 && stale.size === 0;
}

try {
  const names = matching(
    RUNTIMES.map(({ name }) => name),
    process.argv.slice(2),
  );
  await ensureInstalled();
  await build({ tests: true });
  for (const runtime of RUNTIMES.filter(({ name }) => names.includes(name))) {
    // The command is a program of Node's, and its tests start it by the runtime they run on.
    const isNode = runtime.failure === undefined;
    const files = packageTests().filter((file) => isNode || !file.startsWith("packages/cli/"));
    if (!(await testOn(runtime, files))) process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

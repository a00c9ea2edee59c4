// @ts-check
/**
 * `npm run test:runtimes`: the built tests of the packages on every runtime that is supported. Words select runtimes by name:
 * `npm run test:runtimes -- node-22 deno`. Not part of `npm test`: it downloads some hundred megabytes.
 *
 * Layer: scripts.
 */

import { availableParallelism } from "node:os";
import { build } from "./build.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { runPrograms } from "./testing/runtime-programs.mjs";
import { installRuntime, installWorkerd, RUNTIMES } from "./testing/runtimes.mjs";
import { matching, packageTests } from "./testing/test-files.mjs";
import { testWorkerd } from "./workerd/test-workerd.mjs";
import { run } from "./workspace/run.mjs";

/** @typedef {import("./testing/runtimes.mjs").Runtime} Runtime */

/** A file that takes longer hangs; in ms. */
const TIMEOUT = 900_000;

/**
 * @param {Runtime} runtime
 * @param {readonly string[]} all
 * @returns {Promise<boolean>} Whether all is well.
 */
async function testOn(runtime, all) {
  const files = all.filter((file) => !runtime.without.some((folder) => file.startsWith(folder)));
  const program = await installRuntime(runtime);
  const { output: version } = await run(program, ["--version"]);
  console.log(`\n${runtime.name}: ${version.split("\n")[0]}`);
  for (const folder of runtime.without) console.log(`  without ${folder}`);
  let isWell = true;
  for (const { name, problem } of await runPrograms(program, runtime.programs)) {
    console.log(`  ${problem === "" ? "ok  " : "FAIL"}  ${name}`);
    if (problem !== "") console.log(problem);
    isWell &&= problem === "";
  }
  if (!runtime.fileByFile) return (await run(program, runtime.tests(files), { show: true })).code === 0 && isWell;
  const failed = await failingFiles(program, runtime, files);
  console.log(`${runtime.name}: ${files.length - failed.length} of ${files.length} files pass`);
  for (const file of failed) console.log(`  failed: ${file}`);
  return failed.length === 0 && isWell;
}

/**
 * @param {string} program
 * @param {Runtime} runtime
 * @param {readonly string[]} files
 */
async function failingFiles(program, runtime, files) {
  /** @type {string[]} */
  const failed = [];
  const left = [...files];
  const worker = async () => {
    for (let file = left.shift(); file !== undefined; file = left.shift()) {
      const { code, output } = await run(program, runtime.tests([file]), { timeout: TIMEOUT });
      if (code === 0) continue;
      failed.push(file);
      console.log(output);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return failed.sort();
}

try {
  const names = matching([...RUNTIMES.map(({ name }) => name), "workerd"], process.argv.slice(2));
  await ensureInstalled();
  await build({ tests: true });
  for (const runtime of RUNTIMES.filter(({ name }) => names.includes(name))) {
    if (!(await testOn(runtime, packageTests()))) process.exitCode = 1;
  }
  if (names.includes("workerd") && !(await testWorkerd(await installWorkerd()))) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

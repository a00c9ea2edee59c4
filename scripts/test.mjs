// @ts-check
/**
 * `npm test`: installs, builds, and runs every test that needs no server from outside npm. Words select the files whose path
 * contains one of them: `npm test -- wire/reply guide`. A run of everything also measures coverage.
 *
 * Layer: scripts.
 */

import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { build } from "./build.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { LEAVE_NOTHING } from "./testing/leave-nothing.mjs";
import { OWN_COVERAGE } from "./testing/own-coverage.mjs";
import { matching, packageTests, scriptTests } from "./testing/test-files.mjs";
import { run } from "./workspace/run.mjs";
import { runMain } from "./workspace/run-main.mjs";

/** Most tests wait for a socket or a child process, so one for each processor would leave processors idle. */
const CONCURRENCY = availableParallelism() + 1;

/** A file that takes longer hangs; in ms. The longest takes one minute on a machine that does nothing else. */
const TEST_TIMEOUT = 300_000;

/**
 * @param {readonly string[]} words
 * @returns {Promise<boolean>} Whether all is well.
 */
async function test(words) {
  await ensureInstalled();
  await build({ tests: true });
  const files = matching([...packageTests(), ...scriptTests()], words);
  if (files.length === 0)
    throw new Error(`no test file has ${words.map((word) => `"${word}"`).join(" or ")} in its path`);

  // Loaded late: it uses what ensureInstalled() may just have installed.
  const { COVERAGE, coverageProblem, measureCoverage } = await import("./testing/coverage.mjs");
  rmSync(COVERAGE, { recursive: true, force: true });
  const measured = words.length === 0;
  const reporter = process.stdout.isTTY ? "spec" : "./scripts/testing/quiet-reporter.mjs";
  const { code } = await run(
    process.execPath,
    [
      "--enable-source-maps",
      "--import",
      LEAVE_NOTHING,
      ...(measured ? ["--import", OWN_COVERAGE] : []),
      "--test",
      `--test-reporter=${reporter}`,
      "--test-reporter-destination=stdout",
      `--test-concurrency=${CONCURRENCY}`,
      `--test-timeout=${TEST_TIMEOUT}`,
      ...files,
    ],
    { show: true, env: { ...process.env, ...(measured ? { NODE_V8_COVERAGE: COVERAGE } : {}) } },
  );
  if (code !== 0 || !measured) return code === 0;
  const problem = coverageProblem(await measureCoverage());
  if (problem !== undefined) console.error(problem);
  return problem === undefined;
}

await runMain(import.meta.url, test);

// @ts-check
/**
 * `npm run browser`: builds, then tests the pages of the inbox and of the outbox in Debian's Chromium (or the one that CHROMIUM names),
 * which it installs where it may. Words select test files; `--screenshots` writes the pictures of the guide, docs/images.
 *
 * Where there is no browser it says what was not tested; with CI=true that is a failure.
 *
 * Layer: scripts.
 */

import { rmSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "./build.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { CHROMIUM, missingBrowser } from "./testing/chromium.mjs";
import { LEAVE_NOTHING } from "./testing/leave-nothing.mjs";
import { matching } from "./testing/test-files.mjs";
import { commandFile, ROOT } from "./workspace/root.mjs";
import { run, runNode } from "./workspace/run.mjs";
import { runMain } from "./workspace/run-main.mjs";
import { filesUnder } from "./workspace/stamp.mjs";

/** Packages with a folder browser/, and a tsconfig.browser.json. */
const PACKAGES = ["inbox", "outbox"].map((name) => join(ROOT, "packages", name));

/** Drawing ten thousand messages on a busy machine takes its time; in ms. */
const TEST_TIMEOUT = 300_000;

/**
 * @param {readonly string[]} words
 * @param {boolean} screenshots
 * @returns {Promise<boolean>} Whether all is well.
 */
async function browser(words, screenshots) {
  await ensureInstalled();
  await build();
  const missing = missingBrowser();
  if (missing !== "") {
    console.error(`The pages of the inbox and the outbox were not tested in a browser: ${missing}`);
    return process.env["CI"] !== "true";
  }
  const folders = await Promise.all(PACKAGES.map(compileTests));
  const tests = filesUnder(folders).filter((file) => file.endsWith(".test.js"));
  const files = matching(
    tests.map((file) => relative(ROOT, file)),
    words,
  );
  if (files.length === 0) throw new Error(`no browser test is called like ${words.join(" or ")}`);
  const { code } = await run(
    process.execPath,
    [
      "--enable-source-maps",
      "--import",
      LEAVE_NOTHING,
      "--test",
      // One browser at a time: each is a program for every processor there is.
      "--test-concurrency=1",
      `--test-timeout=${TEST_TIMEOUT}`,
      `--test-reporter=${process.stdout.isTTY ? "spec" : "./scripts/testing/quiet-reporter.mjs"}`,
      "--test-reporter-destination=stdout",
      ...files,
    ],
    {
      show: true,
      env: { ...process.env, CHROMIUM, ...(screenshots ? { SCREENSHOTS: join(ROOT, "docs", "images") } : {}) },
    },
  );
  return code === 0;
}

/**
 * @param {string} folder Of a package.
 * @returns {Promise<string>} The folder of its compiled browser tests.
 */
async function compileTests(folder) {
  const output = join(folder, "build", "browser-tests");
  rmSync(output, { recursive: true, force: true });
  const config = relative(ROOT, join(folder, "tsconfig.browser.json"));
  const compiled = await runNode(commandFile("typescript", "tsc"), ["-p", config, "--outDir", output]);
  if (compiled.code !== 0) throw new Error(compiled.output);
  return join(output, "browser");
}

await runMain(import.meta.url, (parameters) => {
  const words = parameters.filter((one) => !one.startsWith("--"));
  return browser(words, parameters.includes("--screenshots"));
});

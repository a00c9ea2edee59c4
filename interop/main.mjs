// @ts-check
/**
 * Tests the built library against real servers: `npm run interop`. Words select servers by name; `--write` writes
 * docs/servers.md when all servers passed.
 *
 * Layer: interop.
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../scripts/workspace/root.mjs";
import { Report, Skip } from "./lab/report.mjs";
import { SUITES } from "./suites/suites.mjs";
import { serversPage } from "./table.mjs";

const PAGE = join(ROOT, "docs", "servers.md");

// What was started and written goes in "exit" handlers, which a signal alone would not run.
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.once(signal, () => process.exit(130));

const parameters = process.argv.slice(2);
const words = parameters.filter((word) => !word.startsWith("--"));
const usual = SUITES.filter(({ isOption }) => isOption !== true);
const chosen =
  words.length === 0
    ? usual
    : SUITES.filter(({ name }) => words.some((word) => name.toLowerCase().includes(word.toLowerCase())));
const report = new Report();
for (const suite of chosen) await runSuite(suite);
finish();

/** @param {import("./suites/suites.mjs").Suite} suite */
async function runSuite(suite) {
  try {
    const server = await suite.start();
    try {
      report.version(suite.name, server.version);
      await suite.run(server, (feature, attempt) => report.check(suite.name, feature, attempt));
    } finally {
      await server.stop();
    }
  } catch (error) {
    if (error instanceof Skip) report.skip(suite.name, error.message);
    else report.broken(suite.name, error);
  }
}

function finish() {
  const { outcomes, skipped } = report;
  const failed = outcomes.filter(({ passed }) => !passed).length;
  const isComplete = failed === 0 && skipped.length === 0 && chosen.length === usual.length && words.length === 0;
  if (isComplete && !parameters.includes("--write") && isStale()) {
    console.log("\ndocs/servers.md says otherwise; npm run interop -- --write writes it");
  }
  if (parameters.includes("--write")) {
    if (isComplete) writeFileSync(PAGE, serversPage(report));
    console.log(
      isComplete ? "\ndocs/servers.md is written" : "\ndocs/servers.md is left as it is: not everything passed",
    );
  }
  if (skipped.length > 0) console.log(`\nSkipped: ${skipped.join(", ")}`);
  // Where nobody reads the lines, what was not tried must not look like what passed.
  const missing = process.env["CI"] === "true" ? skipped.length : 0;
  console.log(`\n${outcomes.length - failed} passed, ${failed + missing} failed`);
  if (chosen.length === 0) console.error(`no server is called like ${words.join(" or ")}`);
  // What did not end in its time may never do.
  process.exit(failed + missing > 0 || chosen.length === 0 ? 1 : 0);
}

function isStale() {
  return !existsSync(PAGE) || readFileSync(PAGE, "utf8") !== serversPage(report);
}

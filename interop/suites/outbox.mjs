// @ts-check
/**
 * The outbox over PostgreSQL: its suite by pg and by postgres.js, in transactions of pg, postgres.js, Drizzle, Kysely and Knex, a look at
 * PGlite, and the guide's blocks for each driver.
 *
 * Layer: interop.
 */

import { join } from "node:path";
import { ROOT } from "../../scripts/workspace/root.mjs";
import { runNode } from "../../scripts/workspace/run.mjs";
import { needModules } from "../lab/npm.mjs";
import { startPostgres, startPostgresOf } from "../servers/postgres.mjs";
import { runGuideBlocks } from "./outbox-guide.mjs";

/** Another name for another choice. */
export const DRIVERS = "outbox-drivers-1";
export const PACKAGES = [
  "pg@8.23.1",
  "postgres@3.4.9",
  "drizzle-orm@0.45.4",
  "kysely@0.28.19",
  "knex@3.3.0",
  "@electric-sql/pglite@0.5.17",
];

/** Versions that Debian does not have; they run when they are asked for by name. */
const OTHERS = { 14: "14.23.0-beta.17", 16: "16.14.0-beta.17", 17: "17.10.0-beta.17" };

const FEATURES = [
  ["outbox by pg", "^pg$"],
  ["outbox by postgres.js", "^postgres.js$"],
  ["outbox in callers' transactions", "^transactions$"],
  ["outbox over connections that die, and claims beside 100 000 rows", "^(?:a connection|claims)$", "faults"],
];

/** @type {import("./suites.mjs").Suite} */
export const outbox = {
  name: "PostgreSQL (outbox)",
  start: startPostgres,
  run: async (server, check) => {
    for (const [feature = "", pattern = "", program] of [...FEATURES, ["outbox in PGlite", "^PGlite$"]])
      await check(feature, () => runSuite(server.url, pattern, program));
    await runGuideBlocks(server.url, check);
  },
};

/** @type {readonly import("./suites.mjs").Suite[]} */
export const otherVersions = Object.entries(OTHERS).map(([major, version]) => ({
  name: `PostgreSQL ${major} (outbox)`,
  isOption: true,
  start: () => startPostgresOf(version),
  run: async (server, check) => {
    for (const [feature = "", pattern = "", program] of FEATURES)
      await check(feature, () => runSuite(server.url, pattern, program));
  },
}));

/**
 * @param {string} url
 * @param {string} pattern Of the suites' names.
 * @param {string} [name] Of the file.
 */
async function runSuite(url, pattern, name = "suites") {
  const program = join(ROOT, "packages", "outbox", "build", "test", "postgres", `${name}.js`);
  const drivers = needModules(DRIVERS, PACKAGES);
  const env = { ...process.env, POSTRIDER_POSTGRES: url, POSTRIDER_DRIVERS: drivers };
  // Below the limit of a check, so that Node can say what it was about.
  const only = ["--test-name-pattern", pattern, "--test-timeout=280000", "--test-reporter=spec"];
  // A driver is also looked for where the program runs.
  const options = { env, cwd: drivers };
  const { code, output } = await runNode("--enable-source-maps", ["--test", ...only, program], options);
  if (code !== 0) throw new Error(output.slice(-4000));
  return `${/pass (\d+)/.exec(output)?.[1] ?? "?"} tests`;
}

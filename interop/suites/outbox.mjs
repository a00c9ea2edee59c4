// @ts-check
/**
 * The outbox over PostgreSQL: its suite by pg and by postgres.js, in transactions of pg, postgres.js, Drizzle, Kysely and Knex, and a
 * look at PGlite.
 *
 * Layer: interop.
 */

import { join } from "node:path";
import { ROOT } from "../../scripts/workspace/root.mjs";
import { runNode } from "../../scripts/workspace/run.mjs";
import { needModules } from "../lab/npm.mjs";
import { startPostgres } from "../servers/postgres.mjs";

export const name = "PostgreSQL (outbox)";
export const start = startPostgres;

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

/**
 * @param {Awaited<ReturnType<typeof startPostgres>>} server
 * @param {import("./suites.mjs").Check} check
 */
export async function run(server, check) {
  const program = join(ROOT, "packages", "outbox", "build", "test", "postgres", "suites.js");
  for (const [feature, pattern] of [
    ["outbox by pg", "^pg$"],
    ["outbox by postgres.js", "^postgres.js$"],
    ["outbox in callers' transactions", "^transactions$"],
    ["outbox in PGlite", "^PGlite$"],
  ]) {
    await check(feature ?? "", async () => {
      const drivers = needModules(DRIVERS, PACKAGES);
      const env = { ...process.env, POSTRIDER_POSTGRES: server.url, POSTRIDER_DRIVERS: drivers };
      const only = ["--test-name-pattern", pattern ?? "", "--test-timeout=120000", "--test-reporter=spec"];
      const { code, output } = await runNode("--enable-source-maps", ["--test", ...only, program], {
        env,
        // A driver is also looked for where the program runs.
        cwd: drivers,
      });
      if (code !== 0) throw new Error(output.slice(-4000));
      return `${/pass (\d+)/.exec(output)?.[1] ?? "?"} tests`;
    });
  }
}

// @ts-check
/**
 * `npm run soak -- --messages 100000 [--seed N]`: a pool against a server that drops, waits, refuses and starts again at random.
 * At the end every message is accounted for.
 *
 * `npm run soak -- --outbox sqlite|postgres [--seconds 60]`: the outbox, whose producers, workers, relay and database connections are
 * killed at random. PostgreSQL is the one of `npm run interop`.
 *
 * Layer: scripts.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { ROOT } from "./workspace/root.mjs";
import { run } from "./workspace/run.mjs";
import { runMain } from "./workspace/run-main.mjs";

/** @param {readonly string[]} words */
async function soak(words) {
  const { values } = parseArgs({
    args: [...words],
    options: {
      messages: { type: "string", default: "100000" },
      seed: { type: "string" },
      outbox: { type: "string" },
      seconds: { type: "string", default: "60" },
    },
  });
  await ensureInstalled();
  await build({ tests: true });
  if (values.outbox !== undefined) return soakOutbox(values.outbox, values.seconds);
  const program = join(ROOT, "packages", "postrider", "build", "test", "soak", "long-run.js");
  const seed = values.seed === undefined ? [] : [values.seed];
  const { code } = await run(process.execPath, ["--enable-source-maps", program, values.messages, ...seed], {
    show: true,
  });
  return code === 0;
}

/**
 * @param {string} dialect
 * @param {string} seconds
 */
async function soakOutbox(dialect, seconds) {
  if (dialect !== "sqlite" && dialect !== "postgres") throw new Error("--outbox is sqlite or postgres");
  const program = join(ROOT, "packages", "outbox", "build", "test", "soak", "long-run.js");
  const folder = mkdtempSync(join(tmpdir(), "postrider-soak-"));
  // Loaded late: only one of them needs a server.
  const server =
    dialect === "postgres" ? await (await import("../interop/servers/postgres.mjs")).startPostgres() : undefined;
  try {
    const { needModules } = await import("../interop/lab/npm.mjs");
    const { DRIVERS, PACKAGES } = await import("../interop/suites/outbox.mjs");
    const { code } = await run(
      process.execPath,
      ["--enable-source-maps", program, server?.url ?? `file:${join(folder, "mail.db")}`, seconds],
      // A driver is also looked for where the program runs.
      { show: true, cwd: server === undefined ? ROOT : needModules(DRIVERS, PACKAGES) },
    );
    return code === 0;
  } finally {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await runMain(import.meta.url, soak);

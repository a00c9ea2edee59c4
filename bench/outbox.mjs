// @ts-check
/**
 * The outbox: enqueue, and delivery to smtp-sink by one worker, over SQLite and PostgreSQL, beside an SmtpPool alone in the same run.
 * The databases wait for the disk.
 *
 * Run: npm run bench -- outbox [--messages N] [--rounds N]
 */

import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { needModules } from "../interop/lab/npm.mjs";
import { startPostgres } from "../interop/servers/postgres.mjs";
import { DRIVERS, PACKAGES } from "../interop/suites/outbox.mjs";
import { libraryModule, outboxModule } from "../scripts/workspace/built.mjs";
import { startSmtpSink } from "./servers/smtp-sink.mjs";

const { values } = parseArgs({
  options: { messages: { type: "string", default: "5000" }, rounds: { type: "string", default: "3" } },
});
const COUNT = Number(values.messages);
/** Callers of enqueue at once. */
const CALLERS = 20;
const CONNECTIONS = 5;

const { SmtpPool } = await libraryModule();
const { openOutbox } = await outboxModule();
const sink = await startSmtpSink();
const server = await startPostgres();
const folder = mkdtempSync(join(tmpdir(), "postrider-bench-"));
const drivers = needModules(DRIVERS, PACKAGES);
const pg = createRequire(join(drivers, "package.json"))("pg");
const database = new pg.Pool({ connectionString: server.url, max: 10 });

/** @type {Map<string, number[]>} */
const results = new Map();
try {
  for (let round = 0; round < Number(values.rounds); round += 1) {
    note("SmtpPool alone, delivered", await poolAlone());
    for (const [name, input] of /** @type {const} */ ([
      ["SQLite", `file:${join(folder, `${round}.db`)}`],
      ["PostgreSQL", database],
    ])) {
      const { enqueued, delivered } = await outboxOver(input, `round${round}`);
      note(`${name}, enqueued ${CALLERS} at a time`, enqueued);
      note(`${name}, delivered by one worker`, delivered);
    }
  }
  for (const [name, rates] of results) {
    const [median = 0] = rates.sort((a, b) => a - b).slice(Math.floor(rates.length / 2));
    console.log(`${name.padEnd(40)} ${median.toFixed(0).padStart(7)} messages/s`);
  }
} finally {
  await database.end();
  await server.stop();
  await sink.stop();
  rmSync(folder, { recursive: true, force: true });
}

function newPool() {
  return new SmtpPool({ hostname: "127.0.0.1", port: sink.port, startTls: false, maxConnections: CONNECTIONS });
}

/** @param {number} n */
function mail(n) {
  return { from: "shop@example.org", to: `u${n}@example.com`, subject: `Order ${n}`, text: "x".repeat(700) };
}

async function poolAlone() {
  const pool = newPool();
  const messages = Array.from({ length: COUNT }, (_, n) => mail(n));
  const start = performance.now();
  for await (const outcome of pool.sendAll(messages)) if ("error" in outcome) throw outcome.error;
  const rate = (COUNT * 1000) / (performance.now() - start);
  await pool.close();
  return rate;
}

/**
 * @param {string | object} input
 * @param {string} schema
 */
async function outboxOver(input, schema) {
  const pool = newPool();
  const outbox = await openOutbox({
    database: /** @type {any} */ (input),
    schema,
    transport: /** @type {any} */ (pool),
  });
  let next = 0;
  const enqueue = async () => {
    while (next < COUNT) await outbox.enqueue(mail(next++));
  };
  let start = performance.now();
  await Promise.all(Array.from({ length: CALLERS }, enqueue));
  const enqueued = (COUNT * 1000) / (performance.now() - start);
  start = performance.now();
  const worker = outbox.work();
  while ((await outbox.stats()).messages.delivered < COUNT) await new Promise((resolve) => setTimeout(resolve, 50));
  const delivered = (COUNT * 1000) / (performance.now() - start);
  await worker.stop();
  await outbox.close();
  await pool.close();
  return { enqueued, delivered };
}

/**
 * @param {string} name
 * @param {number} rate
 */
function note(name, rate) {
  results.set(name, [...(results.get(name) ?? []), rate]);
}

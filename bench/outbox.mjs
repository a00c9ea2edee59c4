// @ts-check
/**
 * The outbox beside an SmtpPool alone, beside BullMQ with nodemailer (Redis, AOF everysec) and beside pg-boss with the tables of the
 * mail in one transaction. The databases wait for the disk.
 *
 * Run: npm run bench -- outbox [deliver] [enqueue] [enqueue-20] [enqueue-20-each] [settle] [settle-each] [latency] [--messages N] [--rounds N]
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { needModules } from "../interop/lab/npm.mjs";
import { startPostgres } from "../interop/servers/postgres.mjs";
import { startRedis } from "../interop/servers/redis.mjs";
import { run } from "../scripts/workspace/run.mjs";
import { median } from "./lab/statistics.mjs";
import { startSmtpSink } from "./servers/smtp-sink.mjs";

/** Another name for another choice. */
const PEERS = "outbox-peers-1";
const PACKAGES = ["bullmq@5.81.5", "nodemailer@10.6.1", "pg-boss@12.38.0", "pg@8.23.1"];
const CLIENT = fileURLToPath(new URL("clients/outbox.mjs", import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { messages: { type: "string", default: "4000" }, rounds: { type: "string", default: "3" } },
});
const peers = needModules(PEERS, PACKAGES);
const folder = mkdtempSync(join(tmpdir(), "postrider-bench-"));
const sink = await startSmtpSink();
const postgres = await startPostgres();
const redis = await startRedis();
const common = { port: sink.port, redis: redis.port, database: postgres.url, peers, count: Number(values.messages) };
let files = 0;
const sqlite = () => ({ database: `file:${join(folder, `${files++}.db`)}` });

/** @type {readonly { work: string, name: string, contender: string, unit?: string, more?: () => object }[]} */
const HEATS = [
  { work: "deliver", name: "SmtpPool alone", contender: "pool" },
  { work: "deliver", name: "outbox, PostgreSQL", contender: "outbox" },
  { work: "deliver", name: "the same, batch: 640", contender: "outbox", more: () => ({ batch: 640 }) },
  { work: "deliver", name: "outbox, SQLite", contender: "outbox", more: sqlite },
  { work: "deliver", name: "BullMQ and nodemailer", contender: "bullmq" },
  { work: "enqueue", name: "outbox, PostgreSQL", contender: "outbox" },
  { work: "enqueue", name: "pg-boss and tables", contender: "pg-boss" },
  { work: "enqueue-20", name: "outbox, PostgreSQL", contender: "outbox" },
  { work: "enqueue-20", name: "pg-boss, all at once", contender: "pg-boss" },
  { work: "enqueue-20-each", name: "pg-boss, each mail alone", contender: "pg-boss" },
  { work: "settle", name: "outbox, PostgreSQL", contender: "outbox" },
  { work: "settle", name: "pg-boss, all at once", contender: "pg-boss" },
  { work: "settle-each", name: "pg-boss, each mail alone", contender: "pg-boss" },
  { work: "latency", name: "notify", contender: "outbox", unit: "ms", more: () => ({ wake: "notify", count: 22 }) },
  { work: "latency", name: "polling", contender: "outbox", unit: "ms", more: () => ({ wake: "poll", count: 22 }) },
];

try {
  const chosen = HEATS.filter(({ work }) => positionals.length === 0 || positionals.includes(work));
  const samples = chosen.map(() => /** @type {number[]} */ ([]));
  for (let round = 0; round < Number(values.rounds); round += 1) {
    // Each round begins with another one.
    for (let turn = 0; turn < chosen.length; turn += 1) {
      const index = (turn + round) % chosen.length;
      const { work, contender, more } = /** @type {(typeof HEATS)[number]} */ (chosen[index]);
      const job = { ...common, work, contender, ...more?.() };
      const { code, output } = await run(process.execPath, [CLIENT, JSON.stringify(job)], { cwd: peers });
      if (code !== 0) throw new Error(output);
      const { rate } = JSON.parse(output.trim().split("\n").at(-1) ?? "");
      samples[index]?.push(rate);
      console.error(`round ${round + 1}: ${work}, ${chosen[index]?.name}: ${rate.toFixed(0)}`);
    }
  }
  for (const [index, { work, name, unit = "/s" }] of chosen.entries()) {
    const all = samples[index] ?? [];
    const spread = `${Math.min(...all).toFixed(0)} to ${Math.max(...all).toFixed(0)}`;
    console.log(
      `${work.padEnd(15)} ${name.padEnd(24)} ${median(all).toFixed(0).padStart(7)} ${unit.padEnd(3)} (${spread})`,
    );
  }
} finally {
  await redis.stop();
  await postgres.stop();
  await sink.stop();
  rmSync(folder, { recursive: true, force: true });
}

// @ts-check
/**
 * A million messages of an outbox in PostgreSQL, drained by one worker: memory at the end beside memory near the start.
 *
 * Run: npm run bench -- outbox-memory [--messages N] [--transport smtp|none]
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { needModules } from "../interop/lab/npm.mjs";
import { startPostgres } from "../interop/servers/postgres.mjs";
import { run } from "../scripts/workspace/run.mjs";
import { startSmtpSink } from "./servers/smtp-sink.mjs";

const ALLOWED_MIB = 20;
const CLIENT = fileURLToPath(new URL("clients/outbox-drain.mjs", import.meta.url));

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "1000000" },
    transport: { type: "string", default: "smtp" },
  },
});
const count = Number(values.messages);
const peers = needModules("outbox-peers-1", ["bullmq@5.81.5", "nodemailer@10.6.1", "pg-boss@12.38.0", "pg@8.23.1"]);
const sink = values.transport === "smtp" ? await startSmtpSink() : undefined;
const postgres = await startPostgres();
try {
  const job = { count, first: Math.min(20_000, count / 10), port: sink?.port, database: postgres.url, peers };
  const { code, output } = await run(process.execPath, ["--expose-gc", CLIENT, JSON.stringify(job)], { cwd: peers });
  if (code !== 0) throw new Error(output);
  const { looks, rate } = JSON.parse(output.trim().split("\n").at(-1) ?? "");
  for (const { sent, heap, resident } of looks)
    console.log(`${String(sent).padStart(8)} sent: ${heap.toFixed(1)} MiB in use, ${resident.toFixed(0)} MiB resident`);
  console.log(`${rate.toFixed(0)} messages/s`);
  const grown = looks.at(-1).heap - looks[0].heap;
  console.log(`grown by ${grown.toFixed(1)} MiB; ${ALLOWED_MIB} are allowed`);
  if (grown > ALLOWED_MIB) process.exitCode = 1;
} finally {
  await postgres.stop();
  await sink?.stop();
}

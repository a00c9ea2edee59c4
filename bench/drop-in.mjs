// @ts-check
/**
 * One program written for nodemailer, with nodemailer and with @postrider/nodemailer, against smtp-sink: text and html, in a pool.
 *
 * Run: npm run bench -- drop-in
 */

import { randomFillSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeContender } from "./lab/contenders.mjs";
import { runSendBenchmark } from "./lab/send-benchmark.mjs";
import { runIfMain } from "./lab/settings.mjs";
import { startSmtpSink } from "./servers/smtp-sink.mjs";

/** Given to the library for each connection and not answered yet. */
const MESSAGES_EACH = 16;
const OURS = "@postrider/nodemailer";

const FILE_BYTES = 100_000_000;

const contenders = ["nodemailer", OURS].map((library) =>
  nodeContender(library, { program: "drop-in", job: { library } }),
);

/** @param {number} connections */
const heat = (connections) => ({
  name: connections === 1 ? "one connection" : "five connections",
  job: { connections, concurrency: connections * MESSAGES_EACH, kind: /** @type {const} */ ("composed") },
  contenders,
});

/** @param {"path" | "stream"} form */
const fileHeat = (form) => ({
  name: form === "path" ? "a file of 100 MB, by its path" : "a file of 100 MB, as a stream",
  job: { connections: 1, concurrency: 1, kind: /** @type {const} */ ("composed"), form },
  contenders,
});

/** The sink, and the file that is attached. */
async function startWithFile() {
  const folder = mkdtempSync(join(tmpdir(), "postrider-bench-drop-in-"));
  const file = join(folder, "large.bin");
  writeFileSync(file, randomFillSync(Buffer.alloc(FILE_BYTES)));
  const { port, stop } = await startSmtpSink();
  return { port, largeFile: file, stop: () => stop().finally(() => rmSync(folder, { recursive: true })) };
}

/** @param {import("./lab/contest.mjs").HeatResult} heat */
function memoryFinding({ name, standings }) {
  const peak = (/** @type {string} */ library) => standings.find((one) => one.name === library)?.memory ?? Number.NaN;
  const [own, other] = [peak(OURS), peak("nodemailer")];
  const verdict = own < other ? "reached" : "missed";
  return `${verdict}: ${name}: peak memory below nodemailer's; it is ${own.toFixed(0)} MiB, nodemailer's ${other.toFixed(0)}`;
}

/** @type {import("./lab/send-benchmark.mjs").SendBenchmark} */
const BENCHMARK = {
  name: "drop-in",
  title: "A program written for nodemailer, unchanged",
  method:
    "Messages a second of one program, which is the same but for the package that it imports: `createTransport({ pool: true })`, text and html of 1 kB, to Postfix's smtp-sink on this machine, sixteen messages for each connection in its hands at a time. Then the same message with a file of 100 MB attached, one at a time.",
  start: startWithFile,
  heats: ({ largeFile: file }) => [
    heat(1),
    heat(5),
    ...[fileHeat("path"), fileHeat("stream")].map((one) => ({ ...one, job: { ...one.job, file } })),
  ],
  goals: [
    { heat: "one connection", contender: OURS, against: "nodemailer", atLeast: 4 },
    { heat: "five connections", contender: OURS, against: "nodemailer", atLeast: 6 },
  ],
  findings: (heats) => heats.map(memoryFinding),
};

await runIfMain(import.meta.url, (settings) => runSendBenchmark(BENCHMARK, settings));

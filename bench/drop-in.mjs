// @ts-check
/**
 * One program written for nodemailer, with nodemailer and with @postrider/nodemailer, against smtp-sink: text and html, in a pool.
 *
 * Run: npm run bench -- drop-in
 */

import { nodeContender } from "./lab/contenders.mjs";
import { runSendBenchmark } from "./lab/send-benchmark.mjs";
import { runIfMain } from "./lab/settings.mjs";
import { startSmtpSink } from "./servers/smtp-sink.mjs";

/** Given to the library for each connection and not answered yet. */
const MESSAGES_EACH = 16;
const OURS = "@postrider/nodemailer";

/** @param {number} connections */
const heat = (connections) => ({
  name: connections === 1 ? "one connection" : "five connections",
  job: { connections, concurrency: connections * MESSAGES_EACH, kind: /** @type {const} */ ("composed") },
  contenders: ["nodemailer", OURS].map((library) => nodeContender(library, { program: "drop-in", job: { library } })),
});

/** @type {import("./lab/send-benchmark.mjs").SendBenchmark} */
const BENCHMARK = {
  name: "drop-in",
  title: "A program written for nodemailer, unchanged",
  method:
    "Messages a second of one program, which is the same but for the package that it imports: `createTransport({ pool: true })`, text and html of 1 kB, to Postfix's smtp-sink on this machine, sixteen messages for each connection in its hands at a time.",
  start: startSmtpSink,
  heats: () => [heat(1), heat(5)],
  goals: [
    { heat: "one connection", contender: OURS, against: "nodemailer", atLeast: 4 },
    { heat: "five connections", contender: OURS, against: "nodemailer", atLeast: 6 },
  ],
};

await runIfMain(import.meta.url, (settings) => runSendBenchmark(BENCHMARK, settings));

// @ts-check
/**
 * Five connections, messages of 1 kB, against smtp-sink.
 *
 * Run: npm run bench -- pool
 */

import { nodeContender } from "./lab/contenders.mjs";
import { goalsOf, runSendBenchmark } from "./lab/send-benchmark.mjs";
import { runIfMain } from "./lab/settings.mjs";
import { startSmtpSink } from "./servers/smtp-sink.mjs";

const CONNECTIONS = 5;
/** Given to the library for each connection and not answered yet. More only wait. */
const MESSAGES_EACH = 16;

/** @type {import("./lab/send-benchmark.mjs").SendBenchmark} */
const BENCHMARK = {
  name: "pool",
  title: "Five connections, 1 kB messages",
  method:
    "Messages a second over five connections to Postfix's smtp-sink on this machine, by one process each, 80 messages in its hands at a time. Raw: one buffer, prepared beforehand. Composed: each message made from its fields. The floor writes prepared bytes with the same overlap and only counts replies.",
  start: startSmtpSink,
  heats: () => {
    const job = { connections: CONNECTIONS, concurrency: CONNECTIONS * MESSAGES_EACH };
    const both = [nodeContender("postrider"), nodeContender("nodemailer")];
    const marks = [nodeContender("smtp-source"), nodeContender("floor")];
    return [
      { name: "raw", job: { ...job, kind: "raw" }, contenders: [...both, ...marks] },
      {
        name: "composed",
        job: { ...job, kind: "composed" },
        contenders: [...both, nodeContender("upyo"), nodeContender("floor")],
      },
    ];
  },
  goals: [...goalsOf("raw", { nodemailer: 8, floor: 0.5 }), ...goalsOf("composed", { nodemailer: 10, floor: 0.4 })],
};

await runIfMain(import.meta.url, (settings) => runSendBenchmark(BENCHMARK, settings));

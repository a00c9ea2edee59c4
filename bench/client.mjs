// @ts-check
/**
 * One connection, messages of 1 kB, against smtp-sink: what a library costs when the server is near and fast.
 *
 * Run: npm run bench -- client
 */

import { nodeContender, pythonContenders } from "./lab/contenders.mjs";
import { goalsOf, runSendBenchmark } from "./lab/send-benchmark.mjs";
import { runIfMain } from "./lab/settings.mjs";
import { startSmtpSink } from "./servers/smtp-sink.mjs";

/** @type {import("./lab/send-benchmark.mjs").SendBenchmark} */
const BENCHMARK = {
  name: "client",
  title: "One connection, 1 kB messages",
  method:
    "Messages a second over one connection to Postfix's smtp-sink on this machine. Raw: one buffer, prepared beforehand, sent again and again. Composed: each message made from its fields. The floor writes prepared bytes with the same overlap and only counts replies; smtp-source is Postfix's own client in C.",
  start: startSmtpSink,
  heats: () => {
    const both = [nodeContender("postrider"), nodeContender("nodemailer"), ...pythonContenders()];
    const composers = [nodeContender("emailjs"), nodeContender("upyo")];
    return [
      {
        name: "raw",
        job: { kind: "raw" },
        contenders: [...both, nodeContender("smtp-source"), nodeContender("floor")],
      },
      { name: "composed", job: { kind: "composed" }, contenders: [...both, ...composers, nodeContender("floor")] },
    ];
  },
  goals: [...goalsOf("raw", { nodemailer: 4, floor: 0.7 }), ...goalsOf("composed", { nodemailer: 5, floor: 0.6 })],
};

await runIfMain(import.meta.url, (settings) => runSendBenchmark(BENCHMARK, settings));

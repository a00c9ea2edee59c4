// @ts-check
/**
 * One connection, messages of 1 kB, against smtp-sink, client and server on one core: what a library costs.
 *
 * Over one connection the two take turns, so that on two cores each finds its own asleep, and how long the machine takes to wake
 * it is most of what is measured (`npm run bench -- client`).
 *
 * Run: npm run bench -- core
 */

import { nodeContender, pythonContenders } from "./lab/contenders.mjs";
import { onOneCore } from "./lab/one-core.mjs";
import { goalsOf, runSendBenchmark } from "./lab/send-benchmark.mjs";
import { runIfMain } from "./lab/settings.mjs";
import { startSmtpSinkOnOneCore } from "./servers/smtp-sink.mjs";

/** @type {import("./lab/send-benchmark.mjs").SendBenchmark} */
const BENCHMARK = {
  name: "core",
  title: "One connection, 1 kB messages, one core",
  method:
    "Messages a second over one connection to Postfix's smtp-sink, which shares one core with the client: what counts is the work of both, and not how long the machine takes to wake a core that sleeps. Raw: one buffer, prepared beforehand, sent again and again. Composed: each message made from its fields. The floor writes prepared bytes with the same overlap and only counts replies; smtp-source is Postfix's own client in C.",
  start: startSmtpSinkOnOneCore,
  heats: () => {
    const both = [nodeContender("postrider"), nodeContender("nodemailer"), ...pythonContenders()];
    const floor = nodeContender("floor");
    return [
      { name: "raw", job: { kind: "raw" }, contenders: [...both, floor].map(onOneCore) },
      {
        name: "composed",
        job: { kind: "composed" },
        contenders: [...both, nodeContender("upyo"), floor].map(onOneCore),
      },
    ];
  },
  goals: [...goalsOf("raw", { nodemailer: 4, floor: 0.7 }), ...goalsOf("composed", { nodemailer: 5, floor: 0.6 })],
};

await runIfMain(import.meta.url, (settings) => runSendBenchmark(BENCHMARK, settings));

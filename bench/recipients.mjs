// @ts-check
/**
 * A hundred recipients a message, against smtp-sink.
 *
 * Run: npm run bench -- recipients
 */

import { nodeContender, pythonContenders } from "./lab/contenders.mjs";
import { goalsOf, runSendBenchmark } from "./lab/send-benchmark.mjs";
import { runIfMain } from "./lab/settings.mjs";
import { startSmtpSink } from "./servers/smtp-sink.mjs";

/** @type {import("./lab/send-benchmark.mjs").SendBenchmark} */
const BENCHMARK = {
  name: "recipients",
  title: "One connection, 100 recipients a message, 1 kB",
  method: "Messages a second over one connection to Postfix's smtp-sink on this machine, each to 100 recipients.",
  start: startSmtpSink,
  heats: () => [
    {
      name: "100 recipients",
      job: { kind: "raw", recipients: 100 },
      contenders: [
        nodeContender("postrider"),
        nodeContender("nodemailer"),
        ...pythonContenders(),
        nodeContender("smtp-source"),
        nodeContender("floor"),
      ],
    },
  ],
  goals: goalsOf("100 recipients", { nodemailer: 1 }),
};

await runIfMain(import.meta.url, (settings) => runSendBenchmark(BENCHMARK, settings));

// @ts-check
/**
 * Messages of 10 kB and 1 MB over one connection, against smtp-sink.
 *
 * Run: npm run bench -- sizes
 */

import { nodeContender, pythonContenders } from "./lab/contenders.mjs";
import { goalsOf, runSendBenchmark } from "./lab/send-benchmark.mjs";
import { runIfMain } from "./lab/settings.mjs";
import { startSmtpSink } from "./servers/smtp-sink.mjs";

/** @type {import("./lab/send-benchmark.mjs").SendBenchmark} */
const BENCHMARK = {
  name: "sizes",
  title: "One connection, messages of 10 kB and 1 MB",
  method: "Messages a second over one connection to Postfix's smtp-sink on this machine; raw messages in memory.",
  start: startSmtpSink,
  heats: () => {
    const contenders = [
      nodeContender("postrider"),
      nodeContender("nodemailer"),
      ...pythonContenders(),
      nodeContender("smtp-source"),
      nodeContender("floor"),
    ];
    return [
      { name: "10 kB", job: { kind: "raw", size: 10_000 }, contenders },
      { name: "1 MB", job: { kind: "raw", size: 1_000_000, concurrency: 8 }, contenders },
    ];
  },
  goals: [...goalsOf("10 kB", { nodemailer: 1 }), ...goalsOf("1 MB", { nodemailer: 1 })],
};

await runIfMain(import.meta.url, (settings) => runSendBenchmark(BENCHMARK, settings));

// @ts-check
/**
 * One connection inside TLS, messages of 1 kB.
 *
 * Run: npm run bench -- tls
 */

import { nodeContender } from "./lab/contenders.mjs";
import { goalsOf, runSendBenchmark } from "./lab/send-benchmark.mjs";
import { runIfMain } from "./lab/settings.mjs";
import { startTlsSink } from "./servers/tls.mjs";

/** @type {import("./lab/send-benchmark.mjs").SendBenchmark} */
const BENCHMARK = {
  name: "tls",
  title: "One connection inside TLS, 1 kB messages",
  method:
    "Messages a second over one connection with TLS from the first byte, to a sink written for this (a Node process of its own; it offers PIPELINING).",
  start: startTlsSink,
  heats: () => {
    const contenders = [nodeContender("postrider"), nodeContender("nodemailer"), nodeContender("floor")];
    return [
      { name: "raw", job: { kind: "raw" }, contenders },
      { name: "composed", job: { kind: "composed" }, contenders },
    ];
  },
  goals: [...goalsOf("raw", { nodemailer: 1 }), ...goalsOf("composed", { nodemailer: 1 })],
};

await runIfMain(import.meta.url, (settings) => runSendBenchmark(BENCHMARK, settings));

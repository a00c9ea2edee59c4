// @ts-check
/**
 * A million messages through SmtpPool.sendAll: memory at the end beside memory near the start.
 *
 * Run: npm run bench -- memory
 */

import { run } from "../scripts/workspace/run.mjs";
import { nodeContender, versions } from "./lab/contenders.mjs";
import { report } from "./lab/report.mjs";
import { runIfMain } from "./lab/settings.mjs";
import { formatNumber } from "./lab/statistics.mjs";
import { startSmtpSink } from "./servers/smtp-sink.mjs";

const FIRST = 10_000;
const ALLOWED_MIB = 20;

await runIfMain(import.meta.url, async (settings) => {
  const count = settings.quick ? 100_000 : 1_000_000;
  const sink = await startSmtpSink();
  try {
    const { looks, rate } = await measure({ port: sink.port, count, first: FIRST });
    report(
      {
        name: "memory",
        title: `Memory over ${count.toLocaleString("en-US")} messages`,
        unit: "MiB",
        method: `${count.toLocaleString("en-US")} messages of 1 kB, each with its own recipient and subject, through one SmtpPool.sendAll over five connections to Postfix's smtp-sink (${formatNumber(rate)} messages/s). Heap: what is in use after a garbage collection, with buffers outside the heap.`,
        versions: versions(),
        heats: [heat("heap", looks, "heap"), heat("resident memory", looks, "resident")],
        findings: ["heap", "resident"].map((kind) => finding(looks, /** @type {"heap" | "resident"} */ (kind))),
      },
      { ...settings, rounds: 1 },
    );
  } finally {
    await sink.stop();
  }
});

/**
 * @typedef {import("./clients/million.mjs").Memory} Memory
 */

/**
 * @param {import("./clients/million.mjs").MillionJob} job
 * @returns {Promise<{ looks: Memory[], rate: number }>}
 */
async function measure(job) {
  const { command, parameters } = nodeContender("postrider", { program: "million", flags: ["--expose-gc"] });
  const { code, output } = await run(command, [...parameters, JSON.stringify(job)]);
  if (code !== 0) throw new Error(output);
  return JSON.parse(output.trim().split("\n").at(-1) ?? "");
}

/**
 * @param {string} name
 * @param {readonly Memory[]} looks
 * @param {"heap" | "resident"} kind
 * @returns {import("./lab/contest.mjs").HeatResult}
 */
function heat(name, looks, kind) {
  return {
    name,
    standings: looks.map((look) => ({
      name: `after ${look.sent.toLocaleString("en-US")}`,
      value: look[kind],
      lowest: look[kind],
      highest: look[kind],
      cpu: Number.NaN,
      memory: Number.NaN,
    })),
  };
}

/**
 * @param {readonly Memory[]} looks
 * @param {"heap" | "resident"} kind
 */
function finding(looks, kind) {
  const growth = (looks.at(-1)?.[kind] ?? Number.NaN) - (looks[0]?.[kind] ?? Number.NaN);
  const wanted = `${kind} at the end at most ${ALLOWED_MIB} MiB above ${kind} after ${FIRST.toLocaleString("en-US")}`;
  return `${growth <= ALLOWED_MIB ? "reached" : "missed"}: ${wanted}; it is ${growth.toFixed(1)} MiB`;
}

// @ts-check
/**
 * Sends very many messages through SmtpPool.sendAll, and looks at its memory on the way.
 *
 * Layer: bench. Started with --expose-gc: what is garbage is no memory that anybody holds.
 */

import { libraryModule } from "../../scripts/workspace/built.mjs";
import { plainText, readJob, SENDER } from "./job.mjs";

/**
 * @typedef {object} MillionJob
 * @property {number} port
 * @property {number} count
 * @property {number} first How many messages are sent before memory is looked at for the first time.
 */

/**
 * @typedef {object} Memory
 * @property {number} sent
 * @property {number} resident MiB.
 * @property {number} heap MiB in use after a garbage collection, buffers outside the heap included.
 */

/** @type {MillionJob} */
const job = readJob();
const text = plainText(700);
const { SmtpPool } = await libraryModule();
const pool = new SmtpPool({ hostname: "127.0.0.1", port: job.port, startTls: false, maxConnections: 5 });

const start = performance.now();
/** @type {Memory[]} */
const looks = [];
let sent = 0;
for await (const outcome of pool.sendAll(messages())) {
  if ("error" in outcome) throw outcome.error;
  sent += 1;
  if (sent === job.first || sent === job.count / 2 || sent === job.count) looks.push(look());
}
await pool.close();
console.log(JSON.stringify({ looks, rate: job.count / ((performance.now() - start) / 1000) }));

function* messages() {
  for (let index = 0; index < job.count; index += 1) {
    yield { from: `Ann <${SENDER}>`, to: `bob${index}@example.com`, subject: `Message ${index}`, text };
  }
}

/** @returns {Memory} */
function look() {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { sent, resident: rss / 2 ** 20, heap: (heapUsed + external) / 2 ** 20 };
}

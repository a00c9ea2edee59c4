// @ts-check
/**
 * What the client programs in JavaScript share: reading the job, making messages, keeping the pace, telling the sample.
 *
 * Layer: bench.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * @typedef {object} SendJob
 * @property {number} port Of the server, on 127.0.0.1.
 * @property {"raw" | "composed"} kind Raw: one buffer, prepared beforehand. Composed: made from fields for each message.
 * @property {number} size Bytes of the message, about.
 * @property {number} recipients
 * @property {number} connections
 * @property {number} concurrency Messages that are given to the library and not answered yet, at most.
 * @property {number} warmup Milliseconds before the time counts.
 * @property {number} duration Milliseconds that count.
 * @property {string} [ca] File with the certificate to trust; TLS from the first byte then.
 * @property {"auto" | "never"} [chunking]
 * @property {number} [maxInFlight]
 * @property {string} [peers] Folder with the packages to compare with.
 */

export const SENDER = "ann@example.org";

/** @returns {any} The last parameter, which is JSON. */
export function readJob() {
  return JSON.parse(process.argv.at(-1) ?? "{}");
}

/**
 * Loads a package from the folder of the peers.
 * @param {{ peers?: string }} job
 * @param {string} name
 * @returns {Promise<any>}
 */
export function loadPeer({ peers = "" }, name) {
  const file = createRequire(join(peers, "package.json")).resolve(name);
  return import(String(pathToFileURL(file)));
}

/** @param {number} count */
export function recipients(count) {
  return Array.from({ length: count }, (_, index) => `bob${index}@example.com`);
}

/**
 * Plain text in lines of 70 characters.
 * @param {number} size
 */
export function plainText(size) {
  const line = `${"The quick brown fox jumps over the lazy dog and does so again, daily. ".slice(0, 68)}\r\n`;
  return line
    .repeat(Math.ceil(size / line.length))
    .slice(0, Math.max(0, size - 2))
    .concat("\r\n");
}

/**
 * A whole message of about this size.
 * @param {number} size
 */
export function rawMessage(size) {
  const head = [
    "Date: Wed, 21 May 2025 12:00:00 +0000",
    "Message-ID: <0123456789abcdef@example.org>",
    `From: Ann <${SENDER}>`,
    "To: Bob <bob0@example.com>",
    "Subject: A message of the benchmark",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "",
    "",
  ].join("\r\n");
  return Buffer.from(head + plainText(size - head.length));
}

/** @param {{ ca?: string }} job */
export function trusted({ ca }) {
  return ca === undefined ? undefined : readFileSync(ca);
}

/**
 * Sends again and again, `concurrency` at a time: first unmeasured, so that every engine has compiled what is hot, then measured.
 * @param {{ concurrency: number, warmup: number, duration: number }} job
 * @param {(index: number) => Promise<unknown>} send
 * @returns {Promise<import("../lab/contest.mjs").Sample>} Messages a second.
 */
export async function pace({ concurrency, warmup, duration }, send) {
  await lap(concurrency, warmup, send);
  const before = process.cpuUsage();
  const { count, elapsed } = await lap(concurrency, duration, send);
  const { user, system } = process.cpuUsage(before);
  return { value: count / (elapsed / 1000), cpu: (user + system) / count, memory: peakMemory() };
}

/**
 * @param {number} concurrency
 * @param {number} duration
 * @param {(index: number) => Promise<unknown>} send
 */
async function lap(concurrency, duration, send) {
  const start = performance.now();
  let count = 0;
  const worker = async () => {
    do {
      await send(count);
      count += 1;
    } while (performance.now() - start < duration);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { count, elapsed: performance.now() - start };
}

/** @returns {number} MiB. */
export function peakMemory() {
  return process.resourceUsage().maxRSS / 1024;
}

/** @param {import("../lab/contest.mjs").Sample} sample */
export function tell(sample) {
  console.log(JSON.stringify(sample));
}

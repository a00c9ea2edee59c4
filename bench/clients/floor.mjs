// @ts-check
/**
 * The floor: the same bytes prepared beforehand and written by a bare socket, with the overlap that PIPELINING allows: content,
 * dot, and the next envelope in one write. It only counts replies. Nothing that speaks SMTP in this runtime can be faster.
 *
 * Layer: bench.
 */

import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { pace, rawMessage, readJob, recipients, SENDER, tell, trusted } from "./job.mjs";

/** @type {import("./job.mjs").SendJob} */
const job = readJob();
const LF = 0x0a;
const to = recipients(job.recipients);
const envelope = Buffer.from(`MAIL FROM:<${SENDER}>\r\n${to.map((one) => `RCPT TO:<${one}>\r\n`).join("")}DATA\r\n`);
const content = Buffer.concat([rawMessage(job.size), Buffer.from(".\r\n")]);
const contentAndEnvelope = Buffer.concat([content, envelope]);

const lines = await Promise.all(Array.from({ length: job.connections }, open));
// One message after the other on each connection; the loops are the floor's own, so that a promise a message is not its cost.
const sample = await pace({ ...job, concurrency: 1 }, batch);
for (const line of lines) line.socket.destroy();
tell({ ...sample, value: sample.value * batchSize(), cpu: (sample.cpu ?? 0) / batchSize() });

/** @typedef {{ socket: import("node:net").Socket, hear: (handler: (count: number) => void) => void }} Line */

function batchSize() {
  return job.connections * perConnection();
}

/** Enough for the promise of a batch to cost nothing; few enough for the time to be kept. */
function perConnection() {
  return Math.max(1, Math.min(500, Math.floor(4_000_000 / (content.length + 40 * job.recipients))));
}

function batch() {
  return Promise.all(lines.map((line) => sendMany(line, perConnection())));
}

/**
 * @param {Line} line
 * @param {number} count
 * @returns {Promise<void>}
 */
function sendMany({ socket, hear }, count) {
  return new Promise((resolve) => {
    const replies = to.length + 2;
    let owed = replies;
    let left = count;
    socket.write(envelope);
    hear((heard) => {
      owed -= heard;
      if (owed > 0) return;
      if (left === 0) return resolve();
      left -= 1;
      // Behind the last content there is no further envelope: one reply, and the batch is done.
      owed = left === 0 ? 1 : replies + 1;
      socket.write(left === 0 ? content : contentAndEnvelope);
    });
  });
}

/** @returns {Promise<Line>} A connection whose greeting and EHLO are done. */
function open() {
  return new Promise((resolve, reject) => {
    const ca = trusted(job);
    const target = { port: job.port, host: "127.0.0.1", noDelay: true };
    const socket = ca === undefined ? connect(target) : connectTls({ ...target, ca, servername: "localhost" });
    /** @type {(count: number) => void} */
    let handler = () => undefined;
    let text = "";
    const greet = (/** @type {Buffer} */ bytes) => {
      text += bytes.toString("latin1");
      if (/^220 [^\n]*\n$/.test(text)) socket.write("EHLO localhost\r\n");
      if (!/^250 [^\n]*\n$/m.test(text)) return;
      socket.off("data", greet).on("data", (chunk) => handler(countLines(chunk)));
      resolve({
        socket,
        hear: (next) => {
          handler = next;
        },
      });
    };
    socket.on("data", greet).on("error", reject);
  });
}

/** @param {Buffer} bytes */
function countLines(bytes) {
  let count = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) count += 1;
  return count;
}

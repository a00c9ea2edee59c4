// @ts-check
/**
 * Sends one message with one large file attached. `library` of the job says with what; "floor" writes a file that was encoded
 * beforehand to the socket.
 *
 * Layer: bench.
 */

import { once } from "node:events";
import { createReadStream } from "node:fs";
import { connect } from "node:net";
import { pipeline } from "node:stream/promises";
import { libraryModule } from "../../scripts/workspace/built.mjs";
import { loadPeer, peakMemory, readJob, SENDER, tell } from "./job.mjs";

/**
 * @typedef {object} BigJob
 * @property {"postrider" | "nodemailer" | "floor"} library
 * @property {number} port
 * @property {string} file
 * @property {string} encoded The whole message with the file in base64, dots doubled, the lone dot at its end.
 * @property {number} bytes Size of the file.
 * @property {string} folder Where files may be made.
 * @property {string} [key] Signs with DKIM.
 * @property {string} peers
 */

/** @type {BigJob} */
const job = readJob();
const to = "bob@example.com";
const DOMAIN = "example.org";
const SELECTOR = "mail";
const fields = { from: SENDER, to, subject: "A large file", text: "Here it is." };

const send = await { postrider: withPostrider, nodemailer: withNodemailer, floor: withFloor }[job.library]();
const before = process.cpuUsage();
const start = performance.now();
await send();
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(before);
tell({ value: job.bytes / 2 ** 20 / seconds, cpu: user + system, memory: peakMemory() });
process.exit();

async function withPostrider() {
  const { SmtpClient, DkimSigner, fileAttachment } = await libraryModule();
  const dkim =
    job.key === undefined ? undefined : new DkimSigner({ domain: DOMAIN, selector: SELECTOR, privateKey: job.key });
  const client = await SmtpClient.connect({ hostname: "127.0.0.1", port: job.port, startTls: false, dkim });
  return () => client.send({ ...fields, attachments: [fileAttachment(job.file)] });
}

async function withNodemailer() {
  const { default: nodemailer } = await loadPeer(job, "nodemailer");
  const dkim = { domainName: DOMAIN, keySelector: SELECTOR, privateKey: job.key, cacheDir: job.folder };
  const signing = job.key === undefined ? {} : { dkim };
  const transporter = nodemailer.createTransport({ host: "127.0.0.1", port: job.port, ignoreTLS: true, ...signing });
  return () => transporter.sendMail({ ...fields, attachments: [{ path: job.file }] });
}

async function withFloor() {
  const socket = connect({ port: job.port, host: "127.0.0.1", noDelay: true });
  await once(socket, "data");
  for (const line of ["EHLO localhost", `MAIL FROM:<${SENDER}>`, `RCPT TO:<${to}>`, "DATA"]) {
    socket.write(`${line}\r\n`);
    await once(socket, "data");
  }
  return async () => {
    const reply = once(socket, "data");
    await pipeline(createReadStream(job.encoded, { highWaterMark: 256 * 1024 }), socket, { end: false });
    await reply;
  };
}

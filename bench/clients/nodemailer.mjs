// @ts-check
/**
 * Sends with nodemailer's pool. Its default of 100 messages a connection would make it reconnect; that is switched off.
 *
 * Layer: bench.
 */

import { loadPeer, pace, plainText, rawMessage, readJob, recipients, SENDER, tell, trusted } from "./job.mjs";

/** @type {import("./job.mjs").SendJob} */
const job = readJob();
const { default: nodemailer } = await loadPeer(job, "nodemailer");
const ca = trusted(job);
const transporter = nodemailer.createTransport({
  pool: true,
  host: "127.0.0.1",
  port: job.port,
  secure: ca !== undefined,
  ignoreTLS: ca === undefined,
  tls: { ca },
  maxConnections: job.connections,
  maxMessages: Number.POSITIVE_INFINITY,
});
const to = recipients(job.recipients);
const raw = rawMessage(job.size);
const text = plainText(job.size - 300);

const sendRaw = () => transporter.sendMail({ envelope: { from: SENDER, to }, raw });
/** @param {number} index */
const sendComposed = (index) =>
  transporter.sendMail({ from: `Ann <${SENDER}>`, to, subject: `A message of the benchmark, ${index}`, text });

const sample = await pace(job, job.kind === "raw" ? sendRaw : sendComposed);
transporter.close();
tell(sample);

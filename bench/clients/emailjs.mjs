// @ts-check
/**
 * Sends with emailjs, which has one connection and queues.
 *
 * Layer: bench.
 */

import { loadPeer, pace, plainText, readJob, recipients, SENDER, tell } from "./job.mjs";

/** @type {import("./job.mjs").SendJob} */
const job = readJob();
const { Message, SMTPClient } = await loadPeer(job, "emailjs");
const client = new SMTPClient({ host: "127.0.0.1", port: job.port, ssl: false, tls: false });
const to = recipients(job.recipients).join(", ");
const text = plainText(job.size - 300);

const sample = await pace(job, (index) =>
  client.sendAsync(new Message({ from: `Ann <${SENDER}>`, to, subject: `A message of the benchmark, ${index}`, text })),
);
client.smtp.close();
tell(sample);

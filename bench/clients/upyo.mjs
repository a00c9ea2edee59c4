// @ts-check
/**
 * Sends with @upyo/smtp's pool. Its receipts say whether a message went out; one that did not is an error here.
 *
 * Layer: bench.
 */

import { loadPeer, pace, plainText, readJob, recipients, SENDER, tell } from "./job.mjs";

/** @type {import("./job.mjs").SendJob} */
const job = readJob();
const { createMessage } = await loadPeer(job, "@upyo/core");
const { SmtpTransport } = await loadPeer(job, "@upyo/smtp");
const transport = new SmtpTransport({
  host: "127.0.0.1",
  port: job.port,
  secure: false,
  pool: true,
  poolSize: job.connections,
});
const to = recipients(job.recipients);
const text = plainText(job.size - 300);

// More calls at once than connections make it open further connections and throw them away.
const sample = await pace({ ...job, concurrency: job.connections }, async (index) => {
  const subject = `A message of the benchmark, ${index}`;
  const receipt = await transport.send(createMessage({ from: `Ann <${SENDER}>`, to, subject, content: { text } }));
  if (!receipt.successful) throw new Error(`Error: ${receipt.errorMessages.join(", ")}`);
});
await transport.closeAllConnections();
tell(sample);

// @ts-check
/**
 * Sends with Postrider: SmtpClient over one connection, SmtpPool when more are asked for or options of the pool are.
 *
 * Layer: bench.
 */

import { libraryModule } from "../../scripts/workspace/built.mjs";
import { pace, plainText, rawMessage, readJob, recipients, SENDER, tell, trusted } from "./job.mjs";

/** @typedef {Pick<import("../../packages/postrider/src/index.js").SmtpPool, "send" | typeof Symbol.asyncDispose>} Sender */

/** @type {import("./job.mjs").SendJob} */
const job = readJob();
const to = recipients(job.recipients);
const raw = rawMessage(job.size);
const text = plainText(job.size - 300);
const client = await open();

const sendRaw = () => client.send(raw, { sender: SENDER, recipients: to });
/** @param {number} index */
const sendComposed = (index) =>
  client.send({ from: `Ann <${SENDER}>`, to, subject: `A message of the benchmark, ${index}`, text });

const sample = await pace(job, job.kind === "raw" ? sendRaw : sendComposed);
await client[Symbol.asyncDispose]();
tell(sample);

/** @returns {Promise<Sender>} */
async function open() {
  const { SmtpClient, SmtpPool } = await libraryModule();
  const ca = trusted(job);
  const security = ca === undefined ? { startTls: false } : { useTls: true, tls: { ca } };
  const connection = { hostname: "127.0.0.1", port: job.port, ...security };
  const { chunking, maxInFlight, connections } = job;
  if (connections === 1 && chunking === undefined) return SmtpClient.connect(connection);
  return new SmtpPool({ ...connection, maxConnections: connections, chunking, maxInFlight });
}

// @ts-check
/**
 * A program written for nodemailer: which package it imports is part of its job.
 *
 * Layer: bench.
 */

import { createReadStream } from "node:fs";
import { createRequire } from "node:module";
import { loadPeer, pace, plainText, readJob, recipients, SENDER, tell } from "./job.mjs";

/** `file`: attached to each message, by its path or as a stream. */
/** @type {import("./job.mjs").SendJob & { library: string, file?: string, form?: "path" | "stream" }} */
const job = readJob();
const { default: nodemailer } =
  job.library === "nodemailer"
    ? await loadPeer(job, "nodemailer")
    : await import(
        createRequire(import.meta.url)
          .resolve(job.library)
          .replace(/\.cjs$/, ".js")
      );
const transporter = nodemailer.createTransport({
  pool: true,
  host: "127.0.0.1",
  port: job.port,
  ignoreTLS: true,
  maxConnections: job.connections,
  maxMessages: Number.POSITIVE_INFINITY,
});
const to = recipients(job.recipients);
const text = plainText(job.size / 2 - 200);
const html = `<p>${text}</p>`;

/** @param {number} index */
const send = (index) =>
  transporter.sendMail({
    from: `Ann <${SENDER}>`,
    to,
    subject: `A message of the benchmark, ${index}`,
    text,
    html,
    ...attached(),
  });

function attached() {
  if (job.file === undefined) return {};
  return { attachments: [job.form === "path" ? { path: job.file } : { content: createReadStream(job.file) }] };
}

const sample = await pace(job, send);
transporter.close();
tell(sample);

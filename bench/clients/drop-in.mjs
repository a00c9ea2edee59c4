// @ts-check
/**
 * A program written for nodemailer: which package it imports is part of its job.
 *
 * Layer: bench.
 */

import { createRequire } from "node:module";
import { loadPeer, pace, plainText, readJob, recipients, SENDER, tell } from "./job.mjs";

/** @type {import("./job.mjs").SendJob & { library: string }} */
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
  transporter.sendMail({ from: `Ann <${SENDER}>`, to, subject: `A message of the benchmark, ${index}`, text, html });

const sample = await pace(job, send);
transporter.close();
tell(sample);

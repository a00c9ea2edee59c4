// @ts-check
/**
 * Makes the bytes of a message from its fields, again and again; sends nothing. `library` of the job says with what.
 *
 * Layer: bench.
 */

import { randomBytes } from "node:crypto";
import { libraryModule } from "../../scripts/workspace/built.mjs";
import { loadPeer, pace, readJob, tell } from "./job.mjs";

/**
 * @typedef {object} ComposeJob
 * @property {"postrider" | "nodemailer"} library
 * @property {boolean} hasAttachment 1 MiB.
 * @property {string} peers
 * @property {number} warmup
 * @property {number} duration
 */

/** @type {ComposeJob} */
const job = readJob();
const SENTENCE = "Grüße aus Zürich: die Übergabe erfolgt am Dienstag, wie besprochen, mit allen Unterlagen. ";
const text = `Guten Tag\n\n${SENTENCE.repeat(8)}\n\nMit freundlichen Grüßen\nJürgen Müller\n`;
const html = `<!doctype html><html lang="de"><body><h1>Guten Tag</h1><p>${SENTENCE.repeat(8)}</p><p>Mit freundlichen Grüßen<br>Jürgen Müller</p></body></html>\n`;
const content = job.hasAttachment ? randomBytes(1024 * 1024) : undefined;

/** A function, so that no library can keep anything of the message before. */
const fields = () => ({
  from: { name: "Jürgen Müller", address: "juergen@example.org" },
  to: [
    { name: "Zoë Øster", address: "zoe@example.com" },
    { name: "Bob", address: "bob@example.com" },
  ],
  subject: "Übergabe der Unterlagen – Terminbestätigung für Dienstag",
  text,
  html,
  ...(content === undefined ? {} : { attachments: [{ filename: "unterlagen.bin", content }] }),
});

const compose = await composer();
tell(await pace({ ...job, concurrency: 1 }, compose));

/** @returns {Promise<() => Promise<Uint8Array>>} */
async function composer() {
  if (job.library === "postrider") {
    const { EmailMessage } = await libraryModule();
    return () => new EmailMessage(fields()).toBytes();
  }
  const { default: MailComposer } = await loadPeer(job, "nodemailer/lib/mail-composer");
  return () => new MailComposer(fields()).compile().build();
}

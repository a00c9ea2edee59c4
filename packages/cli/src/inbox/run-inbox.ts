/**
 * What `postrider inbox` does.
 */
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type Inbox, InboxClosedError, type InboxMessage, startInbox } from "@postrider/inbox";
import { cannotWrite, usageError } from "../cli-error.js";
import { EXIT, type ExitCode } from "../exit-code.js";
import { note, print } from "../terminal/output.js";
import { printable, printableJson } from "../terminal/printable.js";

export interface InboxCommandOptions {
  readonly smtpPort: number;
  readonly webPort: number;
  readonly web: boolean;
  readonly host: string;
  readonly socket?: string | undefined;
  readonly store?: string | undefined;
  readonly auth: boolean;
  readonly tls?: "starttls" | "implicit" | undefined;
  readonly certificate?: string | undefined;
  readonly lmtp: boolean;
  readonly maxMessages?: number | undefined;
  readonly json: boolean;
}

/** The longest that a timer takes: as good as for ever. */
const FOR_EVER_MS = 2 ** 31 - 1;

export async function runInbox(options: InboxCommandOptions): Promise<ExitCode> {
  if (options.certificate !== undefined && options.tls === undefined) throw usageError("--certificate needs --tls");
  const ended = signals();
  const inbox = await startInbox({
    smtpPort: options.smtpPort,
    webPort: options.web ? options.webPort : false,
    host: options.host,
    socketPath: options.socket,
    store: options.store,
    auth: options.auth ? "any" : undefined,
    tls: options.tls,
    protocol: options.lmtp ? "lmtp" : "smtp",
    maxMessages: options.maxMessages,
  });
  try {
    if (options.certificate !== undefined) await writeCertificate(options.certificate, inbox.certificate ?? "");
    tellWhere(inbox, options);
    const arrivals = tellArrivals(inbox, options.json);
    await ended;
    await inbox.close();
    await arrivals;
    return EXIT.ok;
  } finally {
    await inbox.close();
  }
}

function tellWhere(inbox: Inbox, { host, json, lmtp, tls }: InboxCommandOptions): void {
  const { smtpPort, url, socketPath } = inbox;
  if (json) {
    print(printableJson({ host, smtpPort, url, socketPath }));
    return;
  }
  const scheme = lmtp ? "lmtp" : tls === "implicit" ? "smtps" : "smtp";
  note(`SMTP  ${scheme}://${host.includes(":") ? `[${host}]` : host}:${smtpPort}`);
  if (socketPath !== undefined) note(`      ${socketPath}`);
  if (url !== undefined) note(`Page  ${url}`);
  note("Ctrl-C ends it.");
}

/** A line for each message that comes from now on. */
async function tellArrivals(inbox: Inbox, json: boolean): Promise<void> {
  const known = new WeakSet<InboxMessage>(inbox.messages);
  try {
    for (;;) {
      const message = await inbox.waitFor((one) => !known.has(one), { timeout: FOR_EVER_MS });
      known.add(message);
      print(json ? jsonLine(message) : textLine(message));
    }
  } catch (error) {
    if (!(error instanceof InboxClosedError)) throw error;
  }
}

function textLine({ receivedAt, envelope, subject, size }: InboxMessage): string {
  const time = receivedAt.toTimeString().slice(0, 8);
  return printable(
    `${time}  <${envelope.sender}>  to ${envelope.recipients.join(", ")}  ${subject ?? "(no subject)"}  ${size} bytes`,
  );
}

function jsonLine({ id, receivedAt, envelope, subject, size }: InboxMessage): string {
  return printableJson({ id, receivedAt, envelope, subject, size });
}

async function writeCertificate(file: string, pem: string): Promise<void> {
  await writeFile(file, pem).catch((error: unknown) => {
    throw cannotWrite("the certificate", file, error);
  });
}

/** Settles when the person, or the system, asks for the end. */
async function signals(): Promise<void> {
  const over = new AbortController();
  await Promise.race(["SIGINT", "SIGTERM", "SIGHUP"].map((name) => once(process, name, { signal: over.signal })));
}

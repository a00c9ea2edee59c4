/**
 * `--dry-run`: the first rows, as mails in an inbox of this machine. Nothing leaves it.
 */
import { type Inbox, InboxListenError, startInbox } from "@postrider/inbox";
import { SmtpClient } from "postrider";
import { EXIT, type ExitCode } from "../exit-code.js";
import { interruption } from "../stop.js";
import { many, note, print, printJson } from "../terminal/output.js";
import type { Row, Rows } from "./data/rows.js";
import { planRun } from "./plan.js";
import type { MailTemplate } from "./template/mail-template.js";

export interface DryRunOptions {
  readonly file: string;
  readonly skipBad: boolean;
  readonly require: readonly string[];
  readonly rows: number;
  readonly json: boolean;
  /** Where an inbox may be open already; 0: nowhere. */
  readonly inboxPort: number;
}

export async function runDry(rows: Rows, template: MailTemplate, options: DryRunOptions): Promise<ExitCode> {
  const first: Row[] = [];
  // The whole file is checked, as it would be; the first rows are kept.
  const onGood = (row: Row): void => {
    if (first.length < options.rows) first.push(row);
  };
  const plan = await planRun(rows, template, { ...options, onGood });
  const running = await findInbox(options.inboxPort);
  const own = running === undefined ? await openInbox(options.inboxPort) : undefined;
  try {
    const port = own?.smtpPort ?? options.inboxPort;
    const sent = await sendRows(first, template, port);
    const isShown = running !== undefined || process.stdout.isTTY === true;
    report(sent, plan.good, { json: options.json, page: running?.page, isShown });
    if (own !== undefined && isShown) {
      // Listening before it is said: whoever is quick would end the command as a whole.
      const ended = interruption();
      note(`Look at ${own.url ?? "the inbox"}; Ctrl-C ends it.`);
      await ended;
    }
    return EXIT.ok;
  } finally {
    await own?.close();
  }
}

interface Sent {
  readonly line: number;
  readonly to: string;
  readonly subject: string;
}

async function sendRows(rows: readonly Row[], template: MailTemplate, port: number): Promise<Sent[]> {
  await using client = await SmtpClient.connect({ hostname: "127.0.0.1", port, startTls: false });
  const sent: Sent[] = [];
  for (const { line, values } of rows) {
    const message = template.compose(values);
    await client.send(message);
    sent.push({ line, to: message.headers.get("to") ?? "", subject: message.headers.get("subject") ?? "" });
  }
  return sent;
}

interface Shown {
  readonly json: boolean;
  /** The page of an inbox that goes on when this command has ended. */
  readonly page: string | undefined;
  /** False when the inbox ends with this command: nobody is there to look at it. */
  readonly isShown: boolean;
}

function report(sent: readonly Sent[], total: number, { json, page, isShown }: Shown): void {
  if (json) return printJson({ rows: total, sentToInbox: sent, page });
  for (const { line, to, subject } of sent) print(`line ${line}  ${to}  ${subject}`);
  if (!isShown) {
    note(`${sent.length} of ${many(total, "row")} tried in an inbox that has ended, and sent to nobody.`);
    return note('To look at them, start "postrider inbox" before, or run this on a terminal.');
  }
  note(`${sent.length} of ${many(total, "row")} sent to the inbox of this machine, and to nobody else.`);
  if (page !== undefined) note(`Look at ${page}`);
}

/** The inbox that listens there already; its reply to HELP says where its page is. */
async function findInbox(port: number): Promise<{ readonly page: string | undefined } | undefined> {
  if (port === 0) return undefined;
  const client = new SmtpClient({ hostname: "127.0.0.1", port, startTls: false, timeout: 2000 });
  try {
    const greeting = await client.connect();
    // SECURITY: what else may listen on that port could send the mail on; only an inbox of ours is one.
    if (!/\bPostrider inbox\b/i.test(greeting.message)) return undefined;
    const { message } = await client.help();
    return { page: /its page is (https?:\/\/\S+)$/.exec(message)?.[1] };
  } catch {
    return undefined;
  } finally {
    client.close();
  }
}

/** On the usual ports when they are free, else on any. */
async function openInbox(port: number): Promise<Inbox> {
  try {
    return await startInbox(port === 0 ? { smtpPort: 0, webPort: 0 } : { smtpPort: port });
  } catch (error) {
    if (!(error instanceof InboxListenError) || !error.inUse) throw error;
    return startInbox({ smtpPort: 0, webPort: 0 });
  }
}

/**
 * The command `npx @postrider/inbox`, and `postrider inbox`: starts an inbox, tells what arrives, and keeps it until it is told to
 * end.
 */
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { InboxClosedError, InboxError, InboxListenError, InboxOptionError } from "../errors.js";
import { type Inbox, startInbox } from "../inbox.js";
import type { InboxMessage } from "../message.js";
import type { InboxOutbox } from "../outbox/outbox-view.js";
import { type CommandFlags, HELP, inFlags, readFlags } from "./flags.js";
import { printable, printableJson } from "./printable.js";

/** Exit codes of sysexits.h. */
const EXIT = { ok: 0, usage: 64, unavailable: 69, cannotCreate: 73 } as const;

/** The longest that a timer takes: as good as for ever. */
const FOR_EVER_MS = 2 ** 31 - 1;

/** What the command needs of the process around it; every line that it is given is printable. */
export interface CommandSurroundings {
  /** Data, one line. */
  readonly print: (line: string) => void;
  /** Where the inbox is, and how it is ended: one line for people. */
  readonly tell: (line: string) => void;
  /** What is wrong, one line for people. */
  readonly complain: (line: string) => void;
  /** An outbox for the page to show. */
  readonly outbox?: InboxOutbox | undefined;
  /** Resolves when the command is to end. */
  readonly ended: Promise<unknown>;
}

/** Resolves with the exit code. */
export async function runInboxCommand(
  parameters: readonly string[],
  { print, tell, complain, outbox: shown, ended }: CommandSurroundings,
): Promise<0 | 64 | 69 | 73> {
  const say = (line: string): void => complain(printable(line));
  try {
    const { show, options, certificateFile, json } = readFlags(parameters);
    if (show === "help") for (const line of HELP.split("\n")) print(line);
    if (show === "version") print(createRequire(import.meta.url)("@postrider/inbox/package.json").version);
    if (show !== undefined) return EXIT.ok;
    await using inbox = await startInbox({ ...options, outbox: shown });
    if (certificateFile !== undefined && !(await writeCertificate(inbox, certificateFile, say)))
      return EXIT.cannotCreate;
    tellWhere(inbox, options, json, { print, tell });
    const arrivals = tellArrivals(inbox, (message) => print(json ? jsonLine(message) : textLine(message)));
    await ended;
    await inbox.close();
    await arrivals;
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof InboxError)) throw error;
    say(inFlags(error.message));
    if (error instanceof InboxOptionError) say("Run with --help to see the flags.");
    return error instanceof InboxListenError ? EXIT.unavailable : EXIT.usage;
  }
}

function tellWhere(
  { smtpPort, pop3Port, socketPath, url }: Inbox,
  { host = "127.0.0.1" }: CommandFlags["options"],
  json: boolean,
  { print, tell }: Pick<CommandSurroundings, "print" | "tell">,
): void {
  if (json) return print(printableJson({ host, smtpPort, pop3Port, url, socketPath }));
  const address = host.includes(":") ? `[${host}]` : host;
  tell(`SMTP  ${address}:${smtpPort}`);
  if (socketPath !== undefined) tell(printable(`      ${socketPath}`));
  if (pop3Port !== undefined) tell(`POP3  ${address}:${pop3Port}`);
  if (url !== undefined) tell(`Page  ${url}`);
  tell("Ctrl-C ends it.");
}

/** Each message that comes from now on. */
async function tellArrivals(inbox: Inbox, tell: (message: InboxMessage) => void): Promise<void> {
  const known = new WeakSet<InboxMessage>(inbox.messages);
  try {
    for (;;) {
      const message = await inbox.waitFor((one) => !known.has(one), { timeout: FOR_EVER_MS });
      known.add(message);
      tell(message);
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

async function writeCertificate(inbox: Inbox, file: string, say: (line: string) => void): Promise<boolean> {
  try {
    await writeFile(file, inbox.certificate ?? "");
    return true;
  } catch (error) {
    say(`--write-cert: ${error instanceof Error ? error.message : error}`);
    return false;
  }
}

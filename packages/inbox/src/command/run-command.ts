/**
 * The command `npx @postrider/inbox`: starts an inbox and keeps it until it is told to end.
 */
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { InboxError, InboxListenError, InboxOptionError } from "../errors.js";
import { type Inbox, startInbox } from "../inbox.js";
import { HELP, readFlags } from "./flags.js";

/** Exit codes of sysexits.h. */
const EXIT = { ok: 0, usage: 64, unavailable: 69, cannotCreate: 73 } as const;

/** What the command needs of the process around it. */
export interface CommandSurroundings {
  /** Data, one line. */
  readonly print: (line: string) => void;
  /** Messages for people, one line. */
  readonly complain: (line: string) => void;
  /** Resolves when the command is to end. */
  readonly ended: Promise<unknown>;
}

/** Resolves with the exit code. */
export async function runInboxCommand(
  parameters: readonly string[],
  { print, complain, ended }: CommandSurroundings,
): Promise<number> {
  try {
    const { show, options, certificateFile } = readFlags(parameters);
    if (show === "help") print(HELP);
    if (show === "version") print(createRequire(import.meta.url)("@postrider/inbox/package.json").version);
    if (show !== undefined) return EXIT.ok;
    await using inbox = await startInbox(options);
    if (certificateFile !== undefined && !(await writeCertificate(inbox, certificateFile, complain)))
      return EXIT.cannotCreate;
    for (const line of whereabouts(inbox, options.host ?? "127.0.0.1")) print(line);
    await ended;
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof InboxError)) throw error;
    complain(error.message);
    if (error instanceof InboxOptionError) complain("--help shows the flags.");
    return error instanceof InboxListenError ? EXIT.unavailable : EXIT.usage;
  }
}

function whereabouts({ smtpPort, socketPath, url }: Inbox, host: string): readonly string[] {
  return [
    `SMTP  ${host.includes(":") ? `[${host}]` : host}:${smtpPort}`,
    ...(socketPath === undefined ? [] : [`      ${socketPath}`]),
    ...(url === undefined ? [] : [`Page  ${url}`]),
    "Ctrl-C ends it.",
  ];
}

async function writeCertificate(inbox: Inbox, file: string, complain: (line: string) => void): Promise<boolean> {
  try {
    await writeFile(file, inbox.certificate ?? "");
    return true;
  } catch (error) {
    complain(`--write-cert: ${error instanceof Error ? error.message : error}`);
    return false;
  }
}

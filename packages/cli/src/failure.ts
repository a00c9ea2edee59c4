/**
 * From an error to what the person reads, and to the number with which the command ends.
 */
import { type AnySmtpError, isSmtpError, type SmtpRetry } from "postrider";
import { CliError, systemCode } from "./cli-error.js";
import { wordsOf } from "./error-words.js";
import { EXIT, type ExitCode } from "./exit-code.js";

export interface Failure {
  readonly exitCode: ExitCode;
  /** Lines for stderr. */
  readonly lines: readonly string[];
}

export function describeFailure(error: unknown): Failure {
  if (error instanceof CliError) return { exitCode: error.exitCode, lines: linesOf(error.message) };
  if (isSmtpError(error)) return { exitCode: exitCodeOf(error), lines: smtpLines(error) };
  if (isInboxError(error)) {
    return {
      exitCode: error.code === "listen" ? EXIT.unavailable : EXIT.usage,
      lines: linesOf(inboxWords(error.message)),
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  const code = systemCode(error);
  const ofOutbox = code === undefined ? undefined : OUTBOX_EXIT[code];
  if (ofOutbox !== undefined) return { exitCode: ofOutbox, lines: linesOf(message) };
  if (code === "EACCES" || code === "EPERM") return { exitCode: EXIT.permission, lines: linesOf(message) };
  return {
    exitCode: EXIT.software,
    lines: [...linesOf(message), "This is a bug in postrider; run it with --debug for details."],
  };
}

/** Errors of the outbox, by their codes. */
const OUTBOX_EXIT: Readonly<Record<string, ExitCode>> = {
  "driver-missing": EXIT.unavailable,
  "schema-newer": EXIT.unavailable,
  "schema-missing": EXIT.unavailable,
  database: EXIT.tryAgain,
  "disk-full": EXIT.tryAgain,
  "not-found": EXIT.noInput,
  "wrong-state": EXIT.data,
  "key-conflict": EXIT.data,
};

/** The number for a failure that the library reports. */
function exitCodeOf(error: AnySmtpError): ExitCode {
  if (error.outcome === "unknown") return EXIT.unknownOutcome;
  switch (error.code) {
    case "option":
      return EXIT.usage;
    case "address":
    case "message":
      return EXIT.data;
    case "authentication":
    case "oauth":
      return error.retry === "later" ? EXIT.tryAgain : EXIT.permission;
    default:
      return exitCodeAfter(error.retry);
  }
}

/** 69 for what will fail again, 75 for what may be tried again. */
export function exitCodeAfter(retry: SmtpRetry): ExitCode {
  return retry === "never" ? EXIT.unavailable : EXIT.tryAgain;
}

function smtpLines(error: AnySmtpError): string[] {
  const lines = linesOf(wordsOf(error));
  if (error.code === "recipients-refused") {
    lines.push(...error.refused.map((one) => `  ${wordsOf(one)}`));
  }
  if (error.outcome === "unknown") {
    lines.push("The message may have been delivered or not: the connection broke after its end was sent.");
  }
  return lines;
}

function linesOf(message: string): string[] {
  return message.split("\n");
}

/** The inbox of a dry run speaks of its options; here they have other names. */
function inboxWords(message: string): string {
  return message.replaceAll("smtpPort", "--inbox-port");
}

function isInboxError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && error.name.startsWith("Inbox") && systemCode(error) !== undefined;
}

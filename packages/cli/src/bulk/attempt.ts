/**
 * One attempt to send a row: whom it is for, and what the journal says of it, before and after.
 */
import { isSmtpError, type SendResult, type SmtpErrorCode, type SmtpRecipientRefusedError } from "postrider";
import { wordsOf } from "../error-words.js";
import type { JournalEntry, RowState, Whom } from "./journal/entries.js";

export interface Attempt {
  readonly line: number;
  /** Undefined: everybody whom the row names. */
  readonly to: readonly string[] | undefined;
  /** Others of the row, of whom nobody knows whether they have it. */
  readonly unsure: readonly string[];
  /** Others of the row, who were refused for good. */
  readonly lost: readonly string[];
}

/** What is to be done for a row; undefined when nothing is. */
export function nextAttempt(line: number, state: RowState | undefined, resendUnknown: boolean): Attempt | undefined {
  if (state === undefined) return { line, to: undefined, unsure: [], lost: [] };
  if (state.kind === "done") return undefined;
  const { open, unsure, lost } = state;
  const whom = resendUnknown ? both(open, unsure) : open;
  if (whom.length === 0) return undefined;
  if (whom === "all") return { line, to: undefined, unsure: [], lost: [] };
  return { line, to: whom, unsure: resendUnknown || unsure === "all" ? [] : unsure, lost };
}

/** What is written before the server hears of it. */
export function beginning(attempt: Attempt): JournalEntry {
  return { line: attempt.line, is: "sending", ...carried(attempt), ...forWhom(attempt) };
}

export function entryOf(attempt: Attempt, { refused }: SendResult): JournalEntry {
  const { line } = attempt;
  const lost = [...attempt.lost, ...refusedForGood(refused)];
  const later = refusedForNow(refused);
  const { unsure } = attempt;
  if (unsure.length > 0) return { line, is: "unknown", later, unsure, lost, why: EARLIER };
  if (later.length + lost.length === 0) return { line, is: "accepted" };
  return { line, is: "partly", later, lost, why: reasonsOf(refused) };
}

/** @throws the error, when it says nothing about the mail. */
export function entryOfError(attempt: Attempt, error: unknown): JournalEntry {
  if (!isSmtpError(error)) throw error;
  const { line } = attempt;
  if (error.code === "partial-delivery") {
    const later = [...error.notSent, ...refusedForNow(error.refused)];
    const lost = [...attempt.lost, ...refusedForGood(error.refused)];
    const unsure = [...attempt.unsure, ...error.unknown];
    return { line, is: unsure.length > 0 ? "unknown" : "partly", later, unsure, lost, why: wordsOf(error) };
  }
  const why = error.code === "recipients-refused" ? reasonsOf(error.refused) : wordsOf(error);
  if (error.outcome === "unknown") {
    const unsure = attempt.to === undefined ? {} : { unsure: [...attempt.unsure, ...attempt.to] };
    return { line, is: "unknown", ...carried(attempt), ...unsure, why };
  }
  const same = { ...carried(attempt), ...forWhom(attempt) };
  // What is about this mail, and no other; the rest is about the server, which the next row meets too.
  if (ABOUT_THE_MAIL.has(error.code)) return { line, is: "refused", again: error.retry !== "never", ...same, why };
  return { line, is: "failed", ...same, why };
}

const ABOUT_THE_MAIL: ReadonlySet<SmtpErrorCode> = new Set([
  "recipients-refused",
  "data",
  "address",
  "message",
  "not-supported",
]);

const EARLIER = "an earlier run may have delivered it to some of its recipients";

function forWhom({ to }: Attempt): Pick<JournalEntry, "to"> {
  return to === undefined ? {} : { to };
}

function carried({ unsure, lost }: Attempt): Pick<JournalEntry, "unsure" | "lost"> {
  return { ...(unsure.length === 0 ? {} : { unsure }), ...(lost.length === 0 ? {} : { lost }) };
}

function refusedForNow(refused: readonly SmtpRecipientRefusedError[]): string[] {
  return refused.filter(({ retry }) => retry !== "never").map(({ recipient }) => recipient);
}

function refusedForGood(refused: readonly SmtpRecipientRefusedError[]): string[] {
  return refused.filter(({ retry }) => retry === "never").map(({ recipient }) => recipient);
}

function both(some: Whom, others: Whom): Whom {
  return some === "all" || others === "all" ? "all" : [...some, ...others];
}

function reasonsOf(refused: readonly Error[]): string {
  return refused.map(wordsOf).join("; ");
}

/**
 * One verdict on a message that went out in several transactions.
 *
 * Layer: client. RFC 9422 §4.2 (RCPTMAX).
 */
import { AbortedInFlight } from "../abort.js";
import {
  isSmtpError,
  SmtpError,
  SmtpPartialDeliveryError,
  SmtpRecipientRefusedError,
  SmtpRecipientsRefusedError,
  SmtpReplyError,
} from "../errors.js";
import type { Envelope } from "../protocol/envelope.js";
import type { SmtpReply } from "../reply.js";
import type { Accepted } from "../result.js";
import { isAccepted } from "../result.js";

/** What became of the recipients of one transaction. */
export interface JudgedPart {
  readonly envelope: Envelope;
  /** Accepted, or an error: of this package, or the reason of an abort. */
  readonly verdict: unknown;
}

/** What became of one recipient. */
type Fate = "accepted" | "unknown" | "not-sent" | SmtpRecipientRefusedError;

/**
 * Joins the verdicts in the order of the whole message's recipients.
 *
 * The recipients of a transaction that was refused are refused, when another was accepted. A transaction without verdict makes an
 * error of the whole: its own when nothing was accepted anywhere, so that all may go again; else SmtpPartialDeliveryError.
 *
 * @throws SmtpError; the reason of an abort.
 */
export function joinParts(envelope: Envelope, parts: readonly JudgedPart[]): Accepted {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) {
    if (isAccepted(only.verdict)) return only.verdict;
    throw only.verdict;
  }
  const errors = parts.map(({ verdict }) => verdict).filter((verdict) => !isAccepted(verdict));
  const isAnyOut = parts.length > errors.length || errors.some((error) => error instanceof AbortedInFlight);
  for (const error of errors) {
    if (error instanceof SmtpError) continue;
    throw isAnyOut && !(error instanceof AbortedInFlight) ? new AbortedInFlight(error) : error;
  }
  const fates = new Map<string, Fate>();
  for (const part of parts) setFates(fates, part);
  const joined = sort(envelope, fates, lastReply(parts));
  const unsettled = errors.filter((error) => error instanceof SmtpError && !isRefusal(error));
  const [cause] = unsettled;
  if (cause instanceof SmtpError) throw interrupted(joined, cause);
  const { accepted, refused, reply } = joined;
  if (reply === undefined) throw refusalOfAll(errors, refused);
  return { accepted, refused, reply };
}

/** The server's own word on the whole transaction. */
export function isRefusal(error: unknown): error is SmtpReplyError | SmtpRecipientsRefusedError {
  return error instanceof SmtpReplyError || error instanceof SmtpRecipientsRefusedError;
}

function setFates(fates: Map<string, Fate>, { envelope, verdict }: JudgedPart): void {
  for (const { address } of envelope.recipients) {
    if (isAccepted(verdict)) fates.set(address, "accepted");
    else if (verdict instanceof SmtpReplyError) fates.set(address, refusedWith(address, verdict));
    else fates.set(address, isSmtpError(verdict) && verdict.outcome === "not-sent" ? "not-sent" : "unknown");
  }
  if (!isAccepted(verdict) && !(verdict instanceof SmtpRecipientsRefusedError)) return;
  for (const refusal of verdict.refused) fates.set(refusal.recipient, refusal);
}

function refusedWith(address: string, error: SmtpReplyError): SmtpRecipientRefusedError {
  const { reply, phase, command } = error;
  return new SmtpRecipientRefusedError(address, { reply, phase, command, cause: error });
}

interface Joined {
  readonly accepted: readonly string[];
  readonly refused: readonly SmtpRecipientRefusedError[];
  readonly unknown: readonly string[];
  readonly notSent: readonly string[];
  readonly reply: SmtpReply | undefined;
}

function sort({ recipients }: Envelope, fates: ReadonlyMap<string, Fate>, reply: SmtpReply | undefined): Joined {
  const addresses = recipients.map(({ address }) => address);
  const those = (fate: Fate): string[] => addresses.filter((address) => fates.get(address) === fate);
  const refused = addresses
    .map((address) => fates.get(address))
    .filter((fate) => fate instanceof SmtpRecipientRefusedError);
  return { accepted: those("accepted"), refused, unknown: those("unknown"), notSent: those("not-sent"), reply };
}

function lastReply(parts: readonly JudgedPart[]): SmtpReply | undefined {
  return parts
    .map(({ verdict }) => (isAccepted(verdict) ? verdict.reply : undefined))
    .findLast((one) => one !== undefined);
}

function interrupted(joined: Joined, cause: SmtpError): SmtpError {
  const { accepted, refused, unknown, notSent } = joined;
  const isWholeUnknown = accepted.length + refused.length + notSent.length === 0;
  // Nothing of it can arrive twice, so it is told as of a message in one transaction: a pool may send it again.
  if (isWholeUnknown || accepted.length + unknown.length === 0) return cause;
  return new SmtpPartialDeliveryError({ ...joined, phase: cause.phase, cause });
}

function refusalOfAll(errors: readonly unknown[], refused: readonly SmtpRecipientRefusedError[]): SmtpError {
  const [first] = errors;
  const isOneKind = errors.every((error) => error instanceof SmtpError && error.name === (first as SmtpError).name);
  return isOneKind && first instanceof SmtpReplyError ? first : new SmtpRecipientsRefusedError(refused);
}

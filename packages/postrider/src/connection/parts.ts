/**
 * A message that a server takes in several transactions only: its parts, what a session may carry of them, and one verdict for the caller.
 *
 * Layer: connection. RFC 9422 §4 (RCPTMAX, MAILMAX, RCPTDOMAINMAX), RFC 5321 §4.5.3.1.10 (452 to one recipient too many).
 */
import {
  isSmtpError,
  SmtpError,
  SmtpNotSupportedError,
  SmtpPartialDeliveryError,
  SmtpRecipientRefusedError,
  SmtpRecipientsRefusedError,
  SmtpReplyError,
} from "../errors/errors.js";
import { AbortedInFlight } from "../given/abort.js";
import type { SmtpReply } from "../reply.js";
import { type Accepted, isAccepted } from "../result.js";
import { type Envelope, type EnvelopeRecipient, recipientDomains } from "../session/envelope.js";
import type { Transaction } from "../session/transaction.js";
import { splitDelivery } from "../submission/delivery-forms.js";
import type { Limits } from "../wire/capabilities.js";
import { QueuedMessage } from "./queued.js";

/**
 * The messages that take its place; it is settled once all of them are, whatever became of each.
 *
 * @param standing by part: what the server has said of its recipients, which stands when the part is not sent.
 */
export function splitMessage(
  message: QueuedMessage,
  envelopes: readonly Envelope[],
  standing: readonly (Accepted | undefined)[] = [],
): readonly QueuedMessage[] {
  const { deliveries, release } = splitDelivery(message.delivery, envelopes);
  const judged: JudgedPart[] = envelopes.map((envelope) => ({ envelope, verdict: undefined }));
  let open = deliveries.length;
  const parts = deliveries.map(
    (delivery, index) =>
      new QueuedMessage(delivery, message.queuer, (verdict) => {
        const told = isNotSent(verdict) ? (standing[index] ?? verdict) : verdict;
        judged[index] = { envelope: envelopes[index] as Envelope, verdict: told };
        if (--open > 0) return;
        release();
        message.settle(join(message.delivery.envelope as Envelope, judged));
      }),
  );
  message.parts = parts;
  return parts;
}

/** It failed before the server had anything of it. */
function isNotSent(verdict: unknown): boolean {
  return isSmtpError(verdict) && verdict.outcome === "not-sent" && !isRefusal(verdict);
}

function join(envelope: Envelope, judged: readonly JudgedPart[]): unknown {
  try {
    return joinParts(envelope, judged);
  } catch (error) {
    return error;
  }
}

/** A message of which a part has its verdict, and another is asked for again. */
export interface SplitVerdict {
  readonly done: QueuedMessage;
  readonly verdict: Accepted;
  readonly remaining: QueuedMessage;
}

/**
 * Splits off the recipients that the server refused for where they stood and not for what they are: one too many for a transaction,
 * or written ahead of a verdict. They get a transaction of their own, as long as each takes at least one.
 *
 * @returns undefined when there are none.
 */
export function splitRemaining(
  message: QueuedMessage,
  transaction: Transaction,
  verdict: Accepted,
): SplitVerdict | undefined {
  const { envelope } = message.delivery;
  if (envelope === undefined || verdict.refused.length === 0 || verdict.accepted.length === 0) return undefined;
  const isRest = ({ reply }: SmtpRecipientRefusedError): boolean =>
    isOneTooMany(reply) || (transaction.isAhead && reply.code === 503);
  const rest = new Set(verdict.refused.filter(isRest).map(({ recipient }) => recipient));
  if (rest.size === 0 || !message.isRepeatable) return undefined;
  const only = (isMeant: (recipient: EnvelopeRecipient) => boolean): Envelope => ({
    ...envelope,
    recipients: envelope.recipients.filter(isMeant),
  });
  const envelopes = [only(({ address }) => !rest.has(address)), only(({ address }) => rest.has(address))];
  const putOff: Accepted = { accepted: [], refused: verdict.refused.filter(isRest), reply: verdict.reply };
  const [done, remaining] = splitMessage(message, envelopes, [undefined, putOff]);
  if (done === undefined || remaining === undefined) return undefined;
  return { done, verdict: { ...verdict, refused: verdict.refused.filter((one) => !isRest(one)) }, remaining };
}

/** RFC 5321 §4.5.3.1.10: 452, or 552 from older servers. With RFC 3463's codes 452 says other things too, and 552 without them. */
function isOneTooMany({ code, enhancedCode, message }: SmtpReply): boolean {
  if (code !== 452 && code !== 552) return false;
  if (enhancedCode !== undefined) return /^[45]\.5\.3$/.test(enhancedCode);
  return code === 452 || /\btoo many\b/i.test(message);
}

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

export class Allowance {
  #mails = 0;
  readonly #domains = new Set<string>();

  /** Whether these transactions may follow those that there were. */
  fits(envelopes: readonly Envelope[], { mailMax, rcptDomainMax }: Limits): boolean {
    if (mailMax !== undefined && this.#mails + envelopes.length > mailMax) return false;
    if (rcptDomainMax === undefined) return true;
    const domains = new Set(this.#domains);
    for (const envelope of envelopes) for (const domain of recipientDomains(envelope)) domains.add(domain);
    return domains.size <= rcptDomainMax;
  }

  /** One MAIL; without an envelope it is the caller's own. */
  take(envelope: Envelope | undefined, { rcptDomainMax }: Limits): void {
    this.#mails++;
    if (rcptDomainMax === undefined || envelope === undefined) return;
    for (const domain of recipientDomains(envelope)) this.#domains.add(domain);
  }
}

/** The error of a message that does not fit, before anything of it is written. */
export function limitError(envelopes: readonly Envelope[], limits: Limits): SmtpNotSupportedError {
  const { mailMax, rcptDomainMax } = limits;
  const names = [
    mailMax === undefined ? "" : `MAILMAX=${mailMax}`,
    rcptDomainMax === undefined ? "" : `RCPTDOMAINMAX=${rcptDomainMax}`,
  ];
  const said = `LIMITS ${names.filter((name) => name !== "").join(" ")}`;
  if (new Allowance().fits(envelopes, limits)) {
    return new SmtpNotSupportedError("LIMITS", {
      reason: `The server takes no more on this connection (${said})`,
      phase: "mail",
      retry: "reconnect",
      hint: "Connect again; SmtpPool, and SmtpClient with a connection that only its options made, do so by themselves",
    });
  }
  return new SmtpNotSupportedError("LIMITS", {
    reason: `The message needs ${envelopes.length} transactions, more than the server takes on a connection (${said})`,
    phase: "mail",
    hint: "Send it to fewer recipients at a time, or to one domain at a time",
  });
}

/**
 * Splits a message into several transactions where the server's limits ask for it, and joins their verdicts into one.
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
 * Splits a message by its envelopes. It is settled with the joined verdict once every part is.
 *
 * @param earlier by part: the earlier verdict on its recipients, which counts when the part is not sent.
 */
export function splitMessage(
  message: QueuedMessage,
  envelopes: readonly Envelope[],
  earlier: readonly (Accepted | undefined)[] = [],
): readonly QueuedMessage[] {
  const { deliveries, release } = splitDelivery(message.delivery, envelopes);
  const verdicts: PartVerdict[] = envelopes.map((envelope) => ({ envelope, verdict: undefined }));
  let open = deliveries.length;
  const parts = deliveries.map(
    (delivery, index) =>
      new QueuedMessage(delivery, message.queuer, (verdict) => {
        const final = isNotSent(verdict) ? (earlier[index] ?? verdict) : verdict;
        verdicts[index] = { envelope: envelopes[index] as Envelope, verdict: final };
        if (--open > 0) return;
        release();
        message.settle(join(message.delivery.envelope as Envelope, verdicts));
      }),
  );
  message.parts = parts;
  return parts;
}

/** A message split in two: a part with its verdict, and a part that is sent again. */
export interface SplitVerdict {
  readonly done: QueuedMessage;
  readonly verdict: Accepted;
  readonly remaining: QueuedMessage;
}

/**
 * Splits off recipients that were refused only because of their position: too many in one transaction, or written ahead of a
 * verdict. They get a transaction of their own, provided that this one had at least one recipient accepted.
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
  const isPositional = ({ reply }: SmtpRecipientRefusedError): boolean =>
    isOneTooMany(reply) || (transaction.isAhead && reply.code === 503);
  const rest = new Set(verdict.refused.filter(isPositional).map(({ recipient }) => recipient));
  if (rest.size === 0 || !message.isRepeatable) return undefined;
  const only = (matches: (recipient: EnvelopeRecipient) => boolean): Envelope => ({
    ...envelope,
    recipients: envelope.recipients.filter(matches),
  });
  const envelopes = [only(({ address }) => !rest.has(address)), only(({ address }) => rest.has(address))];
  const refusedFirst: Accepted = { accepted: [], refused: verdict.refused.filter(isPositional), reply: verdict.reply };
  const [done, remaining] = splitMessage(message, envelopes, [undefined, refusedFirst]);
  if (done === undefined || remaining === undefined) return undefined;
  return { done, verdict: { ...verdict, refused: verdict.refused.filter((one) => !isPositional(one)) }, remaining };
}

/** One transaction and its verdict. */
export interface PartVerdict {
  readonly envelope: Envelope;
  /** Accepted, an error of this package, or the reason of an abort. */
  readonly verdict: unknown;
}

/** Refused recipients have their error. */
type RecipientStatus = "accepted" | "unknown" | "not-sent" | SmtpRecipientRefusedError;

/**
 * Joins the verdicts in the order of the whole message's recipients.
 *
 * When one transaction was accepted, the recipients of a refused one are reported as refused. A transaction without a verdict makes
 * the whole an error: its own error when nothing was accepted anywhere, so that the message may be retried, else
 * SmtpPartialDeliveryError.
 *
 * @throws SmtpError; the reason of an abort.
 */
export function joinParts(envelope: Envelope, parts: readonly PartVerdict[]): Accepted {
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
  const statuses = new Map<string, RecipientStatus>();
  for (const part of parts) setStatuses(statuses, part);
  const joined = sort(envelope, statuses, lastReply(parts));
  const unsettled = errors.filter((error) => error instanceof SmtpError && !isRefusal(error));
  const [cause] = unsettled;
  if (cause instanceof SmtpError) throw interrupted(joined, cause);
  const { accepted, refused, reply } = joined;
  if (reply === undefined) throw refusalOfAll(errors, refused);
  return { accepted, refused, reply };
}

interface Joined {
  readonly accepted: readonly string[];
  readonly refused: readonly SmtpRecipientRefusedError[];
  readonly unknown: readonly string[];
  readonly notSent: readonly string[];
  readonly reply: SmtpReply | undefined;
}

/** Counts the transactions and domains of one connection against LIMITS (RFC 9422 §4). */
export class Allowance {
  #mails = 0;
  readonly #domains = new Set<string>();

  /** Whether these transactions are still within the limits. */
  fits(envelopes: readonly Envelope[], { mailMax, rcptDomainMax }: Limits): boolean {
    if (mailMax !== undefined && this.#mails + envelopes.length > mailMax) return false;
    if (rcptDomainMax === undefined) return true;
    const domains = new Set(this.#domains);
    for (const envelope of envelopes) for (const domain of recipientDomains(envelope)) domains.add(domain);
    return domains.size <= rcptDomainMax;
  }

  /** Counts one MAIL; it has no envelope when the caller sent it by hand. */
  take(envelope: Envelope | undefined, { rcptDomainMax }: Limits): void {
    this.#mails++;
    if (rcptDomainMax === undefined || envelope === undefined) return;
    for (const domain of recipientDomains(envelope)) this.#domains.add(domain);
  }
}

/** The error of a message beyond the limits, before any of it is written. */
export function limitError(envelopes: readonly Envelope[], limits: Limits): SmtpNotSupportedError {
  const { mailMax, rcptDomainMax } = limits;
  const names = [
    mailMax === undefined ? "" : `MAILMAX=${mailMax}`,
    rcptDomainMax === undefined ? "" : `RCPTDOMAINMAX=${rcptDomainMax}`,
  ];
  const said = `LIMITS ${names.filter((name) => name !== "").join(" ")}`;
  if (new Allowance().fits(envelopes, limits)) {
    return new SmtpNotSupportedError("LIMITS", {
      reason: `The server accepts no more mail on this connection (${said})`,
      phase: "mail",
      retry: "reconnect",
      hint: "Connect again; SmtpPool, and SmtpClient with a connection that only its options made, do so by themselves",
    });
  }
  return new SmtpNotSupportedError("LIMITS", {
    reason: `The message needs ${envelopes.length} transactions, more than the server accepts on a connection (${said})`,
    phase: "mail",
    hint: "Send it to fewer recipients at a time, or to one domain at a time",
  });
}

/** Whether it failed without a verdict of the server, and nothing of it was sent. */
function isNotSent(verdict: unknown): boolean {
  return isSmtpError(verdict) && verdict.outcome === "not-sent" && !isRefusal(verdict);
}

function join(envelope: Envelope, verdicts: readonly PartVerdict[]): unknown {
  try {
    return joinParts(envelope, verdicts);
  } catch (error) {
    return error;
  }
}

/** RFC 5321 §4.5.3.1.10: 452, or 552 from older servers. The enhanced code or the text excludes their other meanings. */
function isOneTooMany({ code, enhancedCode, message }: SmtpReply): boolean {
  if (code !== 452 && code !== 552) return false;
  if (enhancedCode !== undefined) return /^[45]\.5\.3$/.test(enhancedCode);
  return code === 452 || /\btoo many\b/i.test(message);
}

/** Whether the server refused the whole transaction. */
function isRefusal(error: unknown): error is SmtpReplyError | SmtpRecipientsRefusedError {
  return error instanceof SmtpReplyError || error instanceof SmtpRecipientsRefusedError;
}

function setStatuses(statuses: Map<string, RecipientStatus>, { envelope, verdict }: PartVerdict): void {
  for (const { address } of envelope.recipients) {
    if (isAccepted(verdict)) statuses.set(address, "accepted");
    else if (verdict instanceof SmtpReplyError) statuses.set(address, refusedWith(address, verdict));
    else statuses.set(address, isSmtpError(verdict) && verdict.outcome === "not-sent" ? "not-sent" : "unknown");
  }
  for (const refusal of (verdict as Partial<Accepted>).refused ?? []) statuses.set(refusal.recipient, refusal);
}

function refusedWith(address: string, error: SmtpReplyError): SmtpRecipientRefusedError {
  const { reply, phase, command } = error;
  return new SmtpRecipientRefusedError(address, { reply, phase, command, cause: error });
}

function sort(
  { recipients }: Envelope,
  statuses: ReadonlyMap<string, RecipientStatus>,
  reply: SmtpReply | undefined,
): Joined {
  const addresses = recipients.map(({ address }) => address);
  const withStatus = (status: RecipientStatus): string[] =>
    addresses.filter((address) => statuses.get(address) === status);
  const refused = addresses
    .map((address) => statuses.get(address))
    .filter((status) => status instanceof SmtpRecipientRefusedError);
  return {
    accepted: withStatus("accepted"),
    refused,
    unknown: withStatus("unknown"),
    notSent: withStatus("not-sent"),
    reply,
  };
}

function lastReply(parts: readonly PartVerdict[]): SmtpReply | undefined {
  return parts
    .map(({ verdict }) => (isAccepted(verdict) ? verdict.reply : undefined))
    .findLast((one) => one !== undefined);
}

function interrupted(joined: Joined, cause: SmtpError): SmtpError {
  const { accepted, refused, unknown, notSent } = joined;
  const isWholeUnknown = accepted.length + refused.length + notSent.length === 0;
  // No recipient can get it twice, so it fails like a message in one transaction: a pool may retry it.
  if (isWholeUnknown || accepted.length + unknown.length === 0) return cause;
  return new SmtpPartialDeliveryError({ ...joined, phase: cause.phase, cause });
}

function refusalOfAll(errors: readonly unknown[], refused: readonly SmtpRecipientRefusedError[]): SmtpError {
  const [first] = errors;
  const isOneKind = errors.every((error) => error instanceof SmtpError && error.name === (first as SmtpError).name);
  return isOneKind && first instanceof SmtpReplyError ? first : new SmtpRecipientsRefusedError(refused);
}

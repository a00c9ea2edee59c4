/**
 * A message that a server takes in several transactions only: a message for each, and one verdict for the caller.
 *
 * Layer: client. RFC 9422 §4.2 (RCPTMAX), RFC 5321 §4.5.3.1.10 (452 to one recipient too many).
 */
import { isSmtpError, type SmtpRecipientRefusedError } from "../errors.js";
import type { Envelope, EnvelopeRecipient } from "../protocol/envelope.js";
import type { Transaction } from "../protocol/transaction.js";
import type { SmtpReply } from "../reply.js";
import type { Accepted } from "../result.js";
import { splitDelivery } from "../submission/split-delivery.js";
import { isRefusal, type JudgedPart, joinParts } from "./join-parts.js";
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

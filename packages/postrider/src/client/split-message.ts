/**
 * A message that a server takes in several transactions only: a message for each, and one verdict for the caller.
 *
 * Layer: client. RFC 9422 §4.2 (RCPTMAX), RFC 5321 §4.5.3.1.10 (452 to one recipient too many).
 */
import type { SmtpRecipientRefusedError } from "../errors.js";
import type { Envelope, EnvelopeRecipient } from "../protocol/envelope.js";
import type { Transaction } from "../protocol/transaction.js";
import type { Accepted } from "../protocol/verdict.js";
import type { SmtpReply } from "../reply.js";
import { splitDelivery } from "../submission/split-delivery.js";
import { type JudgedPart, joinParts } from "./join-parts.js";
import { QueuedMessage } from "./queued.js";

/** The messages that take its place; it is settled once all of them are, whatever became of each. */
export function splitMessage(message: QueuedMessage, envelopes: readonly Envelope[]): readonly QueuedMessage[] {
  const { deliveries, release } = splitDelivery(message.delivery, envelopes);
  const judged: JudgedPart[] = envelopes.map((envelope) => ({ envelope, verdict: undefined }));
  let open = deliveries.length;
  const parts = deliveries.map(
    (delivery, index) =>
      new QueuedMessage(delivery, message.queuer, (verdict) => {
        judged[index] = { envelope: envelopes[index] as Envelope, verdict };
        if (--open > 0) return;
        release();
        message.settle(join(message.delivery.envelope as Envelope, judged));
      }),
  );
  message.parts = parts;
  return parts;
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
  const [done, remaining] = splitMessage(message, [
    only(({ address }) => !rest.has(address)),
    only(({ address }) => rest.has(address)),
  ]);
  if (done === undefined || remaining === undefined) return undefined;
  return { done, verdict: { ...verdict, refused: verdict.refused.filter((one) => !isRest(one)) }, remaining };
}

/** RFC 5321 §4.5.3.1.10; with RFC 3463's codes 452 says other things too. */
function isOneTooMany({ code, enhancedCode }: SmtpReply): boolean {
  return code === 452 && (enhancedCode === undefined || enhancedCode === "4.5.3");
}

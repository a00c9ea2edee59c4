/**
 * From a delivery to a transaction, for the server as it is now.
 *
 * Layer: client.
 */
import { contentSize } from "../protocol/content.js";
import { type EnvelopeCommands, MANUAL_ENVELOPE, planEnvelope } from "../protocol/envelope.js";
import { Transaction } from "../protocol/transaction.js";
import type { Delivery, OpenedContent } from "../submission/submission.js";
import type { Capabilities } from "../wire/capabilities.js";
import { releaseSource } from "./pour.js";

export interface OpenedDelivery {
  readonly transaction: Transaction;
  readonly source: AsyncIterator<Uint8Array> | undefined;
}

/**
 * Shapes the content, then the envelope. A promise only when content must be read first.
 *
 * @throws SmtpNotSupportedError, MessageError
 */
export function openDelivery(delivery: Delivery, capabilities: Capabilities): OpenedDelivery | Promise<OpenedDelivery> {
  const opened = delivery.open(capabilities);
  return opened instanceof Promise
    ? opened.then((late) => begin(delivery, late, capabilities))
    : begin(delivery, opened, capabilities);
}

function begin(delivery: Delivery, opened: OpenedContent, capabilities: Capabilities): OpenedDelivery {
  try {
    return {
      transaction: new Transaction(plan(delivery, opened, capabilities), opened.content),
      source: opened.source,
    };
  } catch (error) {
    releaseSource(opened.source);
    throw error;
  }
}

function plan({ envelope }: Delivery, opened: OpenedContent, capabilities: Capabilities): EnvelopeCommands {
  if (envelope === undefined) return MANUAL_ENVELOPE;
  const { content, hasUtf8Headers } = opened;
  const facts = { size: contentSize(content), hasEightBit: content.hasEightBit, hasUtf8Headers };
  return planEnvelope(envelope, facts, capabilities);
}

/**
 * A submission as a message in a queue, and its verdict as the result of the call.
 *
 * Layer: client. RFC 5321 §3.3.
 */
import { AbortedInFlight } from "../abort.js";
import { isSmtpError } from "../errors.js";
import type { SendResult } from "../result.js";
import { isAccepted } from "../result.js";
import type { Submission } from "../submission/submission.js";
import { QueuedMessage, type Queuer } from "./queued.js";

/** How the call that made a message hears of it. */
export interface Settling {
  resolve(result: SendResult): void;
  reject(error: unknown): void;
}

/** @param count told of the verdict before the caller is. */
export function queueSubmission(
  submission: Submission,
  queuer: Queuer,
  { resolve, reject }: Settling,
  count?: (verdict: unknown, message: QueuedMessage) => void,
): QueuedMessage {
  return new QueuedMessage(submission, queuer, (verdict, message) => {
    count?.(verdict, message);
    if (!isAccepted(verdict)) {
      return reject(abortedError(verdict, message));
    }
    const { envelope, messageId } = submission;
    const sender = envelope.sender?.address ?? "";
    const recipients = envelope.recipients.map((recipient) => recipient.address);
    resolve({ envelope: { sender, recipients }, ...verdict, messageId });
  });
}

/** The error for the edge of the library: it tells there whether an aborted message may have been delivered. */
export function abortedError(verdict: unknown, { outcome }: QueuedMessage): unknown {
  const isReason = !isSmtpError(verdict) && !(verdict instanceof AbortedInFlight);
  return isReason && outcome === "unknown" ? new AbortedInFlight(verdict) : verdict;
}

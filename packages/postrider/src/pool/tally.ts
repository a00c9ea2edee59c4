/**
 * Counts outcomes.
 *
 * Layer: pool.
 */

import { AbortedInFlight } from "../abort.js";
import type { QueuedMessage } from "../client/queued.js";
import { isSmtpError } from "../errors.js";
import { isRefusal } from "./retry.js";

export class Tally {
  sent = 0;
  refused = 0;
  failed = 0;
  unknown = 0;

  /** SECURITY: an abort's reason says nothing of the outcome, so the message is asked: "failed" means surely not sent. */
  countError(error: unknown, message: QueuedMessage): void {
    const outcome = isSmtpError(error) ? error.outcome : message.outcome;
    if (outcome === "unknown" || error instanceof AbortedInFlight) this.unknown++;
    else if (isRefusal(error)) this.refused++;
    else this.failed++;
  }
}

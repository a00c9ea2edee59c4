/**
 * The counters of a pool.
 *
 * Layer: pool.
 */

import type { QueuedMessage } from "../connection/queued.js";
import { isSmtpError } from "../errors/errors.js";
import { AbortedInFlight } from "../given/abort.js";
import { isRefusal } from "./relay.js";

/** What a pool holds now, and what it has done since it was made. */
export interface PoolStats {
  /** Connections that are open. */
  readonly open: number;
  /** Open connections without a message. */
  readonly idle: number;
  /** Open connections with at least one message. */
  readonly busy: number;
  /** Messages that no connection has taken yet. */
  readonly queued: number;
  /** Messages that a server accepted, for at least one recipient. */
  readonly sent: number;
  /** Messages that a server refused. */
  readonly refused: number;
  /** Messages that were not sent for other reasons, aborted ones included. */
  readonly failed: number;
  /** Messages whose outcome is unknown. */
  readonly unknown: number;
  /** Bytes written to servers, commands and content. */
  readonly bytes: number;
}

export class Tally {
  sent = 0;
  refused = 0;
  failed = 0;
  unknown = 0;

  /** The reason of an abort says nothing of the outcome, so the message is asked: "failed" must mean not sent. */
  countError(error: unknown, message: QueuedMessage): void {
    const outcome = isSmtpError(error) ? error.outcome : message.outcome;
    if (outcome === "unknown" || error instanceof AbortedInFlight) this.unknown++;
    else if (isRefusal(error)) this.refused++;
    else this.failed++;
  }
}

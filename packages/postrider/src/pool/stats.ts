/**
 * What a pool has done so far, and what it is at.
 *
 * Layer: pool.
 */

import type { QueuedMessage } from "../connection/queued.js";
import { isSmtpError } from "../errors/errors.js";
import { AbortedInFlight } from "../given/abort.js";
import { isRefusal } from "./relay.js";

export interface PoolStats {
  /** Connections that are open. */
  readonly open: number;
  /** Of these, without a message. */
  readonly idle: number;
  /** Of these, with at least one. */
  readonly busy: number;
  /** Messages that wait for a connection. */
  readonly queued: number;
  /** Messages that a server took. */
  readonly sent: number;
  /** Messages that a server refused. */
  readonly refused: number;
  /** Messages that surely did not go out, for other reasons. */
  readonly failed: number;
  /** Messages whose outcome is unknown. */
  readonly unknown: number;
  /** Bytes handed to servers, content and commands. */
  readonly bytes: number;
}

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

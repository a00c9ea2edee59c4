/**
 * A message that went out in several transactions, of which not all came to an end.
 *
 * Layer: errors, importable by all.
 */
import type { SmtpReply } from "../reply.js";
import { SmtpError, type SmtpPhase } from "./base.js";
import type { SmtpRecipientRefusedError } from "./reply.js";

/** Every recipient of the message is in one of the four lists. */
interface PartialDeliveryDetails {
  readonly accepted: readonly string[];
  readonly refused: readonly SmtpRecipientRefusedError[];
  readonly unknown: readonly string[];
  readonly notSent: readonly string[];
  readonly reply: SmtpReply | undefined;
  readonly phase: SmtpPhase;
  /** Why it did not go on. */
  readonly cause: Error;
}

/**
 * The message went out in several transactions (RFC 9422), and the connection failed before each had its verdict: some recipients
 * may have it, others have not. `outcome` is `"unknown"`, so it is never repeated as a whole; send it again to `notSent`.
 */
export class SmtpPartialDeliveryError extends SmtpError {
  override readonly code = "partial-delivery";
  /** Recipients that the server took. */
  readonly accepted: readonly string[];
  /** Recipients that the server refused. */
  readonly refused: readonly SmtpRecipientRefusedError[];
  /** Recipients that may have it or not. */
  readonly unknown: readonly string[];
  /** Recipients that surely do not have it, and were not refused. */
  readonly notSent: readonly string[];
  /** The reply of the last transaction that was accepted, when one was. */
  readonly reply: SmtpReply | undefined;
  override get name(): "SmtpPartialDeliveryError" {
    return "SmtpPartialDeliveryError";
  }
  constructor({ accepted, refused, unknown, notSent, reply, phase, cause }: PartialDeliveryDetails) {
    const counts = `${accepted.length} accepted, ${refused.length} refused, ${unknown.length} unknown, ${notSent.length} not sent`;
    super(`The message went out to some of its recipients only (${counts}): ${cause.message}`, {
      phase,
      outcome: "unknown",
      retry: "never",
      cause,
    });
    this.accepted = accepted;
    this.refused = refused;
    this.unknown = unknown;
    this.notSent = notSent;
    this.reply = reply;
  }
}

/**
 * The result of a message that the server accepted.
 *
 * Layer: root vocabulary.
 */
import type { SmtpRecipientRefusedError } from "./errors/errors.js";
import type { SmtpReply } from "./reply.js";

/** The envelope of a message, as MAIL and RCPT had it. */
export interface SentEnvelope {
  /** The address of the sender; `""` is the null sender. */
  readonly sender: string;
  /** The addresses of all recipients, those that were refused too. */
  readonly recipients: readonly string[];
}

/** What `send` resolves with: the server accepted the message for at least one recipient. */
export interface SendResult {
  /** The envelope that was sent. */
  readonly envelope: SentEnvelope;
  /** Recipients that the server accepted. */
  readonly accepted: readonly string[];
  /** One error for each recipient that the server refused, each with `.recipient` and `.reply`. */
  readonly refused: readonly SmtpRecipientRefusedError[];
  /** The reply after the content; of the last transaction that was accepted, where limits (RFC 9422) made it several. */
  readonly reply: SmtpReply;
  /** The Message-ID, in angle brackets; undefined for a raw message whose header was not read. */
  readonly messageId: string | undefined;
  /** Bytes of the message, its line ends as they went out. */
  readonly size: number;
  /** What the server offered to EHLO (RFC 5321 §4.1.1.1): upper-case keyword to parameters. */
  readonly extensions: ReadonlyMap<string, string>;
  /** Whole milliseconds from MAIL to the last reply to the envelope; of several transactions (RFC 9422) all together. */
  readonly envelopeTime: number;
  /** Whole milliseconds from there to the reply after the content; of several transactions all together. */
  readonly contentTime: number;
}

/** What a result tells of the way that a message took. */
export type TransferFacts = Pick<SendResult, "size" | "extensions" | "envelopeTime" | "contentTime">;

/** The verdict on a message that was accepted for at least one recipient. */
export type Accepted = Pick<SendResult, "accepted" | "refused" | "reply">;

/** Whether a verdict is the server's acceptance, of at least one recipient. */
export function isAccepted(verdict: unknown): verdict is Accepted {
  return !(verdict instanceof Error) && typeof verdict === "object" && verdict !== null && "accepted" in verdict;
}

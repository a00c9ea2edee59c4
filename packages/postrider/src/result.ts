/**
 * What became of a message that the server took.
 *
 * Layer: root vocabulary.
 */
import type { SmtpRecipientRefusedError } from "./errors/errors.js";
import type { SmtpReply } from "./reply.js";

export interface SendResult {
  readonly envelope: { readonly sender: string; readonly recipients: readonly string[] };
  /** Recipients that the server took. */
  readonly accepted: readonly string[];
  /** Recipients that the server refused, each with `.recipient` and `.reply`. */
  readonly refused: readonly SmtpRecipientRefusedError[];
  /** The reply after the content; of the last transaction that was accepted, where limits (RFC 9422) made it several. */
  readonly reply: SmtpReply;
  /** The Message-ID of a message of ours; undefined for a raw one. */
  readonly messageId: string | undefined;
}

/** What the server accepted of a message: at least one recipient. */
export type Accepted = Pick<SendResult, "accepted" | "refused" | "reply">;

/** Whether a verdict is the server's acceptance, of at least one recipient. */
export function isAccepted(verdict: unknown): verdict is Accepted {
  return !(verdict instanceof Error) && typeof verdict === "object" && verdict !== null && "accepted" in verdict;
}

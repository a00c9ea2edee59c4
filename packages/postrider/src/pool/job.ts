/**
 * One message of the pool's, until it has its verdict.
 *
 * Layer: pool.
 */
import { onAbort } from "../abort.js";
import { isSmtpError, SmtpRecipientsRefusedError, SmtpReplyError, SmtpSenderRefusedError } from "../errors.js";
import type { SendResult } from "../result.js";
import type { Submission } from "../submission/submission.js";

interface Settling {
  resolve(result: SendResult): void;
  reject(error: unknown): void;
}

export class Job {
  readonly submission: Submission;
  readonly signal: AbortSignal | undefined;
  /** How often it failed on the way to a server that had not done any work for us on that connection. */
  attempts = 0;
  /** How often a connection that had worked before was found dead, or died under it. */
  losses = 0;
  /** How often a connection that had carried messages took no more, just when it was this one's turn. */
  renewals = 0;
  /** Why it failed the last time; what the caller hears when it cannot be tried again. */
  lastError: unknown;
  readonly #settling: Settling;
  #release: (() => void) | undefined;

  constructor(submission: Submission, signal: AbortSignal | undefined, settling: Settling) {
    this.submission = submission;
    this.signal = signal;
    this.#settling = settling;
  }

  /** Until it has its verdict: a signal may outlive a million messages, and must not hold them. */
  onAbort(abort: () => void): void {
    if (this.signal !== undefined) this.#release = onAbort(this.signal, abort);
  }

  resolve(result: SendResult): void {
    this.#release?.();
    this.#settling.resolve(result);
  }

  reject(error: unknown): void {
    this.#release?.();
    this.#settling.reject(error);
  }
}

/** A message that fails this often for reasons that are not its own is given back. */
export const MAX_ATTEMPTS = 4;

/** Whether the message surely did not go out, and a new connection may help. */
export function mayTryAgain(error: unknown): boolean {
  return isSmtpError(error) && error.outcome === "not-sent" && error.retry === "reconnect";
}

/** Whether the connection may carry no more by the server's own limits (RFC 9422); a new one has room for it. */
export function isOutOfRoom(error: unknown): boolean {
  return isSmtpError(error) && error.code === "not-supported" && error.retry === "reconnect";
}

/**
 * Whether the server may have had enough of the connection, and not of the message.
 *
 * QUIRK: OpenSMTPD says 452 to the hundred-and-first MAIL; it announces no limit, and keeps the connection.
 */
export function mayBeSpent(error: unknown): boolean {
  return error instanceof SmtpSenderRefusedError && error.retry === "later";
}

/** Whether the server looked at the message and said no. */
export function isRefusal(error: unknown): boolean {
  return error instanceof SmtpReplyError || error instanceof SmtpRecipientsRefusedError;
}

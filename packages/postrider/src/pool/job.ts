/**
 * One message of the pool's, until it has its verdict.
 *
 * Layer: pool.
 */
import { isSmtpError, SmtpRecipientsRefusedError, SmtpReplyError } from "../errors.js";
import type { SendResult } from "../result.js";
import type { Submission } from "../submission/submission.js";

export interface Job {
  readonly submission: Submission;
  readonly signal: AbortSignal | undefined;
  resolve(result: SendResult): void;
  reject(error: unknown): void;
  /** How often it failed on the way to a server that had not done any work for us on that connection. */
  attempts: number;
  /** How often a connection that had worked before was found dead, or died under it. */
  losses: number;
  /** Why it failed the last time; what the caller hears when it cannot be tried again. */
  lastError: unknown;
}

/** A message that fails this often for reasons that are not its own is given back. */
export const MAX_ATTEMPTS = 4;

/** Whether the message surely did not go out, and a new connection may help. */
export function mayTryAgain(error: unknown): boolean {
  return isSmtpError(error) && error.outcome === "not-sent" && error.retry === "reconnect";
}

/** Whether the server looked at the message and said no. */
export function isRefusal(error: unknown): boolean {
  return error instanceof SmtpReplyError || error instanceof SmtpRecipientsRefusedError;
}

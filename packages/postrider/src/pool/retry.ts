/**
 * Which failures of a message are tried again, and how often.
 *
 * Layer: pool.
 */
import type { QueuedMessage } from "../client/queued.js";
import { isSmtpError, SmtpRecipientsRefusedError, SmtpReplyError, SmtpSenderRefusedError } from "../errors.js";

/** A message that fails this often for reasons that are not its own is given back. */
export const MAX_ATTEMPTS = 4;

/** Whether the message surely did not go out, and a new connection may help. */
export function mayTryAgain(error: unknown): boolean {
  return isSmtpError(error) && error.outcome === "not-sent" && error.retry === "reconnect";
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

/** Whether a message has failed as often as it may. Every server is asked at least once. */
export function isExhausted(message: QueuedMessage, servers: number, maxConnections: number): boolean {
  return message.attempts >= MAX_ATTEMPTS + servers - 1 || message.losses >= MAX_ATTEMPTS + maxConnections;
}

/** Errors of connecting that time does not mend: wrong credentials, a certificate that does not hold. */
export function isHopeless(error: unknown): boolean {
  return !isSmtpError(error) || error.retry === "never";
}

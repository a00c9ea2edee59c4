/**
 * The password or token, asked for no longer than the caller allows: a function that gives tokens may never settle.
 *
 * Layer: client. RFC 6750 (bearer tokens).
 */
import { SmtpTimeoutError } from "../errors.js";
import type { Credentials } from "../options/credentials.js";
import type { AccessTokenRequest } from "../options.js";
import type { SaslCredentials } from "../protocol/sasl/exchange.js";
import type { Connection } from "./connection.js";
import { withDeadline } from "./deadline.js";

/** @throws what the caller's function throws; SmtpTimeoutError; `signal.reason`. */
export function revealSecret(
  connection: Connection,
  credentials: Credentials,
  request: AccessTokenRequest | undefined,
  signal: AbortSignal | undefined,
): Promise<SaslCredentials> {
  const { timeout } = connection;
  const late = (): SmtpTimeoutError =>
    new SmtpTimeoutError({ phase: "auth", timeout, waitingFor: "accessToken to give a token" });
  return withDeadline({ timeout, signal, late }, (deadline) =>
    Promise.race([credentials.reveal(request), rejection(deadline), connection.lost()]),
  );
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

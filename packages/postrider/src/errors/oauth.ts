/**
 * The failure of a third party: the server that gives access tokens.
 *
 * Layer: errors, importable by all. RFC 6749 §5.2 (error response).
 */
import { SmtpError, type SmtpRetry } from "./base.js";
import { withHint } from "./text.js";

/** No access token could be got; no secret and no token is in here. */
export class OAuthTokenError extends SmtpError {
  override readonly code = "oauth";
  /** Whom it was asked of, without a query. */
  readonly tokenUrl: string;
  /** The HTTP status, when an answer came. */
  readonly status: number | undefined;
  /** The server's word for it (RFC 6749 §5.2), such as `"invalid_grant"`, when it gave one. */
  readonly reason: string | undefined;
  override get name(): "OAuthTokenError" {
    return "OAuthTokenError";
  }
  constructor(
    tokenUrl: string,
    details: {
      problem: string;
      retry: SmtpRetry;
      status?: number | undefined;
      reason?: string | undefined;
      hint?: string | undefined;
    },
  ) {
    super(withHint(`No access token from ${tokenUrl}: ${details.problem}`, details.hint), {
      phase: "auth",
      outcome: "not-sent",
      retry: details.retry,
    });
    this.tokenUrl = tokenUrl;
    this.status = details.status;
    this.reason = details.reason;
  }
}

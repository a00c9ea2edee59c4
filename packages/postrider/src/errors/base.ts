/**
 * The base of every error, and the words in which errors are told apart.
 *
 * Layer: errors, importable by all.
 */

/** Where in the dialogue a failure happened; `"input"` is before the first byte. */
export type SmtpPhase =
  | "input"
  | "connect"
  | "greeting"
  | "hello"
  | "tls"
  | "auth"
  | "mail"
  | "rcpt"
  | "data"
  | "content"
  | "command"
  | "quit";

/** `"unknown"`: the end of the content went out and no reply came, so the server may have the message or not. */
export type SmtpOutcome = "not-sent" | "unknown";

/** `"never"`: the same again fails again. `"later"`: try again after a while. `"reconnect"`: try again on a new connection. */
export type SmtpRetry = "never" | "later" | "reconnect";

export type SmtpErrorCode =
  | "connect"
  | "tls"
  | "timeout"
  | "disconnected"
  | "protocol"
  | "reply"
  | "greeting"
  | "hello"
  | "authentication"
  | "oauth"
  | "sender-refused"
  | "recipient-refused"
  | "data"
  | "recipients-refused"
  | "partial-delivery"
  | "not-supported"
  | "address"
  | "message"
  | "option";

interface ErrorFacts {
  readonly phase: SmtpPhase;
  readonly outcome: SmtpOutcome;
  readonly retry: SmtpRetry;
  readonly cause?: unknown;
}

// Two copies of the package in one process share the registry of symbols, so the brand holds across them.
export const BRAND: unique symbol = Symbol.for("postrider.SmtpError") as never;

/** The base of all errors that Postrider makes. An abort is not one of them: it rejects with `signal.reason`, and `outcomeOf` tells the outcome. */
export abstract class SmtpError extends Error {
  abstract readonly code: SmtpErrorCode;
  readonly phase: SmtpPhase;
  readonly outcome: SmtpOutcome;
  readonly retry: SmtpRetry;

  protected constructor(message: string, facts: ErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.phase = facts.phase;
    this.outcome = facts.outcome;
    this.retry = facts.retry;
  }

  /** @internal */
  get [BRAND](): true {
    return true;
  }

  /** Plain data for logs: no secrets, no stack; the cause by its message. */
  toJSON(): Record<string, unknown> {
    const own: Record<string, unknown> = { name: this.name, code: this.code, message: this.message };
    for (const [key, value] of Object.entries(this)) if (value !== undefined && key !== "cause") own[key] ??= value;
    if (this.cause !== undefined) own["cause"] = this.cause instanceof Error ? this.cause.message : String(this.cause);
    return own;
  }
}

/**
 * Failures of what the caller gives: an option, an address, a message, a way to get a token.
 *
 * Layer: errors, importable by all.
 */
import { escapeUnseen } from "../text/characters.js";
import { SmtpError, type SmtpPhase, type SmtpRetry } from "./base.js";
import { withHint } from "./text.js";

interface InputFacts {
  readonly cause?: unknown;
}

/** SECURITY: the name of a header field or of an option is input too, and so is what a rule quotes. */
const MAX_SHOWN_NAME_LENGTH = 100;
const MAX_RULE_LENGTH = 800;

/** SECURITY: a rule may quote what was given, and what it quotes must not move a terminal: JSON leaves U+007F to U+009F as they are. */
function explain(name: string, rule: string): string {
  return escapeUnseen(`${shorten(name, MAX_SHOWN_NAME_LENGTH)}: ${shorten(rule, MAX_RULE_LENGTH)}`);
}

const shorten = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length)}...` : text);

const INPUT = { phase: "input", outcome: "not-sent", retry: "never" } as const;

/** An address that does not parse, or may not go on the wire; nothing was written. */
export class AddressError extends SmtpError {
  override readonly code = "address";
  /** The field or argument, such as `"to"` or `"recipients[2]"`. */
  readonly field: string;
  /** Index of the UTF-16 code unit at which the text stops making sense, when known. */
  readonly position: number | undefined;
  override get name(): "AddressError" {
    return "AddressError";
  }
  constructor(field: string, rule: string, facts: InputFacts & { position?: number | undefined } = {}) {
    super(explain(field, rule), { ...INPUT, cause: facts.cause });
    this.field = field;
    this.position = facts.position;
  }
}

/** A header, part or content that cannot be sent as it is; nothing was written. */
export class MessageError extends SmtpError {
  override readonly code = "message";
  /** The field, such as `"subject"` or `"attachments[0].filename"`. */
  readonly field: string;
  override get name(): "MessageError" {
    return "MessageError";
  }
  constructor(field: string, rule: string, facts: InputFacts & { phase?: SmtpPhase } = {}) {
    super(explain(field, rule), { ...INPUT, phase: facts.phase ?? "input", cause: facts.cause });
    this.field = field;
  }
}

/** An option that is unknown, of the wrong kind, or at odds with another; nothing was written. */
export class OptionError extends SmtpError {
  override readonly code = "option";
  /** The option, such as `"port"`. */
  readonly option: string;
  override get name(): "OptionError" {
    return "OptionError";
  }
  constructor(option: string, rule: string, facts: InputFacts = {}) {
    super(explain(option, rule), { ...INPUT, cause: facts.cause });
    this.option = option;
  }
}

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

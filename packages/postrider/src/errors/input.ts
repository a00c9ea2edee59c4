/**
 * Errors of input: an option, an address, a message, an access token.
 *
 * Layer: errors, importable by all.
 */
import { escapeUnseen } from "../text/characters.js";
import { SmtpError, type SmtpPhase, type SmtpRetry, withHint } from "./base.js";

interface InputFacts {
  readonly cause?: unknown;
}

/** SECURITY: names of header fields and options, and the input that a rule quotes, are bounded. */
const MAX_SHOWN_NAME_LENGTH = 100;
const MAX_RULE_LENGTH = 800;

/** SECURITY: a rule may quote input, which must not control a terminal: JSON leaves U+007F to U+009F unescaped. */
function explain(name: string, rule: string): string {
  return escapeUnseen(`${shorten(name, MAX_SHOWN_NAME_LENGTH)}: ${shorten(rule, MAX_RULE_LENGTH)}`);
}

const shorten = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length)}...` : text);

const INPUT = { phase: "input", outcome: "not-sent", retry: "never" } as const;

/** An address is invalid, or cannot be sent as it is; nothing was written. */
export class AddressError extends SmtpError {
  override readonly code = "address";
  /** The field or argument, such as `"to"` or `"recipients[2]"`. */
  readonly field: string;
  /** Index of the UTF-16 code unit at which parsing failed; undefined when it is not known. */
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

/** A header, a part or content is invalid, or cannot be sent as it is; the message was not sent. */
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

/** An option is unknown, has an invalid value, or contradicts another; nothing was written. */
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

/** No access token was obtained. SECURITY: the error holds no secret and no token. */
export class OAuthTokenError extends SmtpError {
  override readonly code = "oauth";
  /** The URL of the token endpoint, without its query. */
  readonly tokenUrl: string;
  /** The HTTP status; undefined without a response. */
  readonly status: number | undefined;
  /** The error code of the provider (RFC 6749 §5.2), such as `"invalid_grant"`; undefined when there was none. */
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

/**
 * Errors by a reply of the server, and by an extension that it does not offer.
 *
 * Layer: errors, importable by all.
 */
import type { SmtpReply } from "../reply.js";
import { quoteReply, SmtpError, type SmtpPhase, type SmtpRetry, withHint } from "./base.js";

/** The codes of `SmtpReplyError` and its subclasses; `"reply"` is a command without a class of its own. */
export type SmtpReplyErrorCode =
  | "reply"
  | "greeting"
  | "hello"
  | "authentication"
  | "sender-refused"
  | "recipient-refused"
  | "data";

/** The argument of the constructors of reply errors. */
export interface ReplyErrorDetails {
  readonly reply: SmtpReply;
  /** The verb, or the command with secrets removed. */
  readonly command?: string | undefined;
  readonly phase?: SmtpPhase;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** The server replied to a command with an error code. */
export class SmtpReplyError extends SmtpError {
  override readonly code: SmtpReplyErrorCode = "reply";
  /** The reply of the server. */
  readonly reply: SmtpReply;
  /** The command, without arguments that could hold secrets; undefined for the greeting. */
  readonly command: string | undefined;
  override get name(): string {
    return "SmtpReplyError";
  }
  constructor(what: string, details: ReplyErrorDetails) {
    const phase = details.phase ?? "command";
    super(withHint(`${what}: ${quoteReply(details.reply)}`, details.hint ?? loginHint(details.reply, phase)), {
      phase,
      outcome: "not-sent",
      retry: retryAfter(details.reply),
      cause: details.cause,
    });
    this.reply = details.reply;
    this.command = details.command;
  }
}

/** The server refused the connection: its greeting was not 220. */
export class SmtpGreetingError extends SmtpReplyError {
  override readonly code = "greeting";
  override get name(): "SmtpGreetingError" {
    return "SmtpGreetingError";
  }
  constructor(details: { reply: SmtpReply }) {
    super("The server refused the connection", { phase: "greeting", ...details });
  }
}

/** The server refused both EHLO and HELO. */
export class SmtpHelloError extends SmtpReplyError {
  override readonly code = "hello";
  override get name(): "SmtpHelloError" {
    return "SmtpHelloError";
  }
  constructor(details: ReplyErrorDetails) {
    super(`The server refused ${details.command ?? "EHLO"}`, { ...details, phase: "hello" });
  }
}

/** The server refused the credentials. SECURITY: the error holds no password and no token. */
export class SmtpAuthenticationError extends SmtpReplyError {
  override readonly code = "authentication";
  /** The mechanism whose reply this is, such as `"PLAIN"`. */
  readonly mechanism: string;
  override get name(): "SmtpAuthenticationError" {
    return "SmtpAuthenticationError";
  }
  constructor(mechanism: string, details: ReplyErrorDetails) {
    super(`Authentication by ${mechanism} failed`, { command: "AUTH", ...details, phase: "auth" });
    this.mechanism = mechanism;
  }
}

/** The server refused the sender: the reply to MAIL. */
export class SmtpSenderRefusedError extends SmtpReplyError {
  override readonly code = "sender-refused";
  /** The envelope sender; `""` is the null sender. */
  readonly sender: string;
  override get name(): "SmtpSenderRefusedError" {
    return "SmtpSenderRefusedError";
  }
  constructor(sender: string, details: ReplyErrorDetails) {
    super(`The server refused the sender <${sender}>`, { command: "MAIL", ...details, phase: "mail" });
    this.sender = sender;
  }
}

/** The server refused one recipient (the reply to RCPT); others may have been accepted. */
export class SmtpRecipientRefusedError extends SmtpReplyError {
  override readonly code = "recipient-refused";
  /** The address of the recipient, as RCPT had it. */
  readonly recipient: string;
  override get name(): "SmtpRecipientRefusedError" {
    return "SmtpRecipientRefusedError";
  }
  constructor(recipient: string, details: ReplyErrorDetails) {
    super(`The server refused the recipient <${recipient}>`, { command: "RCPT", phase: "rcpt", ...details });
    this.recipient = recipient;
  }
}

/** The server refused DATA, BDAT, or the content. */
export class SmtpDataError extends SmtpReplyError {
  override readonly code = "data";
  override get name(): "SmtpDataError" {
    return "SmtpDataError";
  }
  constructor(details: ReplyErrorDetails) {
    super("The server refused the message", { command: "DATA", phase: "data", ...details });
  }
}

/** The server accepted no recipient, so the message was not sent. */
export class SmtpRecipientsRefusedError extends SmtpError {
  override readonly code = "recipients-refused";
  /** One error for each recipient, in the order of the envelope. */
  override readonly refused: readonly SmtpRecipientRefusedError[];
  override get name(): "SmtpRecipientsRefusedError" {
    return "SmtpRecipientsRefusedError";
  }
  constructor(refused: readonly SmtpRecipientRefusedError[]) {
    const [first] = refused;
    const others = refused.length > 1 ? ` (and ${refused.length - 1} more)` : "";
    const text = "The server accepted no recipient";
    super(
      first === undefined
        ? text
        : withHint(`${text}: <${first.recipient}> ${quoteReply(first.reply)}${others}`, loginHint(first.reply, "rcpt")),
      { phase: "rcpt", outcome: "not-sent", retry: retryOfAll(refused) },
    );
    this.refused = refused;
  }
}

/** The best `retry` of all recipients: if one may be retried, the message may be. */
function retryOfAll(refused: readonly SmtpRecipientRefusedError[]): SmtpRetry {
  if (refused.some((one) => one.retry === "reconnect")) return "reconnect";
  return refused.some((one) => one.retry === "later") ? "later" : "never";
}

/** The server does not offer an extension that the message, option or command needs; `"LIMITS"`: a limit (RFC 9422) is exceeded. */
export class SmtpNotSupportedError extends SmtpError {
  override readonly code = "not-supported";
  /** The keyword of the extension, such as `"SMTPUTF8"`. */
  readonly extension: string;
  override get name(): "SmtpNotSupportedError" {
    return "SmtpNotSupportedError";
  }
  constructor(
    extension: string,
    details: { reason: string; phase: SmtpPhase; retry?: SmtpRetry; hint?: string | undefined; cause?: unknown },
  ) {
    super(withHint(details.reason, details.hint), {
      phase: details.phase,
      outcome: "not-sent",
      retry: details.retry ?? "never",
      cause: details.cause,
    });
    this.extension = extension;
  }
}

/** QUIRK: servers that ask for a login by text, without 530. */
const LOGIN_REQUIRED =
  /\bauth(?:entication|orization)?\b[^.]{0,40}\b(?:required|first|needed)\b|\bmust (?:authenticate|issue a starttls)|\b(?:not|un)[ -]?authenticated\b/i;

/** 530 (RFC 4954 §6, RFC 3207 §4) is about the session, whatever command it answers. */
function loginHint(reply: SmtpReply, phase: SmtpPhase): string | undefined {
  if (phase === "auth" || phase === "greeting" || reply.code < 500) return undefined;
  if (reply.code !== 530 && !LOGIN_REQUIRED.test(reply.message)) return undefined;
  return "The server wants a login, or TLS before it: set username and password, and startTls: true (or useTls: true on port 465)";
}

/** 4yz: later. 421 and 503 (the state of the session is unknown): on a new connection. Else never. */
function retryAfter(reply: SmtpReply): SmtpRetry {
  if (reply.code === 421 || reply.code === 503) return "reconnect";
  return reply.code < 500 ? "later" : "never";
}

/** Every recipient of the message is in one of the four lists. */
interface PartialDeliveryDetails {
  readonly accepted: readonly string[];
  readonly refused: readonly SmtpRecipientRefusedError[];
  readonly unknown: readonly string[];
  readonly notSent: readonly string[];
  readonly reply: SmtpReply | undefined;
  readonly phase: SmtpPhase;
  /** Why the remaining transactions were not sent. */
  readonly cause: Error;
}

/**
 * The message was sent in several transactions (RFC 9422), and the connection failed before each had its verdict. `outcome` is
 * `"unknown"`: the message is never retried as a whole; a program may send it again to `notSent`.
 */
export class SmtpPartialDeliveryError extends SmtpError {
  override readonly code = "partial-delivery";
  /** Recipients that the server accepted. */
  readonly accepted: readonly string[];
  /** One error for each recipient that the server refused. */
  override readonly refused: readonly SmtpRecipientRefusedError[];
  /** Recipients whose transaction has no verdict: they may have the message. */
  readonly unknown: readonly string[];
  /** Recipients to whom the message was not sent. */
  readonly notSent: readonly string[];
  /** The reply of the last accepted transaction; undefined when there was none. */
  readonly reply: SmtpReply | undefined;
  override get name(): "SmtpPartialDeliveryError" {
    return "SmtpPartialDeliveryError";
  }
  constructor({ accepted, refused, unknown, notSent, reply, phase, cause }: PartialDeliveryDetails) {
    const counts = `${accepted.length} accepted, ${refused.length} refused, ${unknown.length} unknown, ${notSent.length} not sent`;
    super(`The message went out to some of its recipients only (${counts}): ${cause.message}`, {
      phase,
      outcome: "unknown",
      retry: "never",
      cause,
    });
    this.accepted = accepted;
    this.refused = refused;
    this.unknown = unknown;
    this.notSent = notSent;
    this.reply = reply;
  }
}

/**
 * The base class of all errors, the unions that classify them, and how errors quote a reply.
 *
 * Layer: errors, importable by all.
 */
import type { SmtpReply } from "../reply.js";
import { escapeUnseen } from "../text/characters.js";

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

/** Whether the message may have been delivered. `"unknown"`: the end of the content was sent, and no reply came. */
export type SmtpOutcome = "not-sent" | "unknown";

/** Whether a retry may succeed. `"never"`: it fails again. `"later"`: after a while. `"reconnect"`: on a new connection. */
export type SmtpRetry = "never" | "later" | "reconnect";

/** The kind of failure: one literal for each class, so that `switch (error.code)` narrows. */
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

/** The base of all errors of Postrider. An abort rejects with `signal.reason` instead; `outcomeOf` tells its outcome. */
export abstract class SmtpError extends Error {
  /** The kind of failure, a literal for each class: `switch (error.code)` narrows. */
  abstract readonly code: SmtpErrorCode;
  /** Where in the dialogue it happened; `"input"` is before the first byte. */
  readonly phase: SmtpPhase;
  /** Whether the message may have been delivered: `"not-sent"` or `"unknown"`. */
  readonly outcome: SmtpOutcome;
  /** Whether the same call may succeed: `"never"`, `"later"` or `"reconnect"` (on a new connection). */
  readonly retry: SmtpRetry;
  /** Recipients that RCPT had refused before the message failed; undefined: none. */
  declare readonly refused?: readonly (SmtpError & {
    /** Its address. */
    readonly recipient: string;
    /** The reply to RCPT. */
    readonly reply: SmtpReply;
  })[];

  protected constructor(message: string, facts: ErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.phase = facts.phase;
    this.outcome = facts.outcome;
    this.retry = facts.retry;
  }

  /** The name of the class, such as `"SmtpConnectError"`. */
  override get name(): string {
    return "SmtpError";
  }

  /** @internal */
  get [BRAND](): true {
    return true;
  }

  /** Plain data for logs, without secrets and without the stack; the cause is its message. */
  toJSON(): Record<string, unknown> {
    const own: Record<string, unknown> = { name: this.name, code: this.code, message: this.message };
    for (const [key, value] of Object.entries(this)) if (value !== undefined && key !== "cause") own[key] ??= value;
    if (this.cause !== undefined) own["cause"] = isError(this.cause) ? this.cause.message : String(this.cause);
    return own;
  }
}

/**
 * Whether a value is an error of any realm. QUIRK: test runners load the library in a realm of its own, where errors of Node's modules
 * are no `instanceof Error`.
 */
export function isError(value: unknown): value is Error {
  return /^\[object (?:Error|DOMException)\]$/.test(Object.prototype.toString.call(value));
}

/** An error message with an advice. */
export const withHint = (text: string, hint: string | undefined): string =>
  hint === undefined ? text : `${text.replace(/\.$/, "")}. ${hint}`;

/** SECURITY: a reply may hold a megabyte of text. */
const MAX_QUOTED_REPLY_LENGTH = 500;

/** A reply on one line for an error message: code and text, bounded, invisible characters escaped. */
export function quoteReply(reply: SmtpReply): string {
  const text = escapeUnseen(oneLine(reply).slice(0, MAX_QUOTED_REPLY_LENGTH)).trim();
  return text === "" ? String(reply.code) : `${reply.code} ${text}`;
}

/** QUIRK: many servers repeat the enhanced code on every line, where it would interrupt the text. */
function oneLine({ lines, enhancedCode }: SmtpReply): string {
  let hasCode = false;
  const texts = lines.map((line) => {
    const isCoded = enhancedCode !== undefined && (line === enhancedCode || line.startsWith(`${enhancedCode} `));
    const text = isCoded && hasCode ? line.slice(enhancedCode.length) : line;
    hasCode ||= isCoded;
    return text.trim();
  });
  return texts.filter((text) => text !== "").join(" ");
}

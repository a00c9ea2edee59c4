/**
 * What a session is asked to do, what it expects to hear, and what it tells.
 *
 * Layer: session.
 */
import type { SmtpPhase } from "../errors/errors.js";
import type { SmtpReply } from "../reply.js";
import type { Transaction } from "./transaction.js";

/** One command that has the connection to itself. */
export interface CommandWork {
  readonly kind: "command";
  /** Upper-case. */
  readonly verb: string;
  /** Without CRLF. */
  readonly line: string;
  /** What a trace shows in its place; SECURITY: set for AUTH. */
  readonly shown?: string | undefined;
  /** The caller wrote it: a reply of any class is its answer. */
  readonly isFree?: boolean | undefined;
}

export interface TransactionWork {
  readonly kind: "transaction";
  readonly transaction: Transaction;
}

export type Work = CommandWork | TransactionWork;

/** Whose reply comes next. Replies carry no name: the order of these is all that pairs them (RFC 2920 §3.1). */
export type Expectation =
  | { readonly slot: "greeting" }
  | { readonly slot: "command"; readonly work: CommandWork }
  | { readonly slot: "reset" }
  | { readonly slot: "mail"; readonly transaction: Transaction }
  | { readonly slot: "rcpt"; readonly transaction: Transaction; readonly index: number }
  | { readonly slot: "data"; readonly transaction: Transaction }
  /** A BDAT chunk that is not the last. */
  | { readonly slot: "chunk"; readonly transaction: Transaction }
  | { readonly slot: "content"; readonly transaction: Transaction };

/** Called with every line as it is written, secrets replaced. */
export interface WireTrace {
  client(line: string): void;
  server(line: string): void;
  content(bytes: number): void;
  /** Something was written that the server will answer; the same object comes back with the reply. */
  asked?(expectation: Expectation): void;
  answered?(expectation: Expectation, reply: SmtpReply): void;
}

/** Tells of a reply line by line. */
export function traceReply(reply: SmtpReply, trace: WireTrace): void {
  const last = reply.lines.length - 1;
  reply.lines.forEach((line, index) => {
    trace.server(`${reply.code}${index < last ? "-" : " "}${line}`);
  });
}

/** What the client is told. */
export type SessionEventOut =
  | { readonly type: "greeting"; readonly reply: SmtpReply }
  | { readonly type: "reply"; readonly work: CommandWork; readonly reply: SmtpReply }
  | { readonly type: "settled"; readonly transaction: Transaction }
  /** The content of this transaction may be poured in. */
  | { readonly type: "pull"; readonly transaction: Transaction }
  /** 421: the server is about to close. `wasIdle`: nothing had been asked. */
  | { readonly type: "goodbye"; readonly reply: SmtpReply; readonly wasIdle: boolean }
  /** Everything is answered and nothing more will be written. */
  | { readonly type: "finished"; readonly after: "quit" | "reset" }
  | {
      readonly type: "fault";
      /** `"refuted"`: the server denied what it had offered; messages that it did not take may go elsewhere. */
      readonly kind: "protocol" | "injection" | "refuted";
      readonly problem: string;
      readonly excerpt: string;
      /** Set when no reply was awaited: the phase in which it came. */
      readonly unaskedIn?: SmtpPhase | undefined;
    };

const COMMAND_PHASES: ReadonlyMap<string, SmtpPhase> = new Map<string, SmtpPhase>([
  ["EHLO", "hello"],
  ["HELO", "hello"],
  ["LHLO", "hello"],
  ["STARTTLS", "tls"],
  ["AUTH", "auth"],
  ["MAIL", "mail"],
  ["RCPT", "rcpt"],
  ["QUIT", "quit"],
]);

/** The phase of a command, for errors. */
export function commandPhase(verb: string): SmtpPhase {
  return COMMAND_PHASES.get(verb) ?? "command";
}

/** The phase in which a reply is awaited, for errors. */
export function expectationPhase(expectation: Expectation | undefined): SmtpPhase {
  if (expectation === undefined) return "command";
  switch (expectation.slot) {
    case "greeting":
    case "mail":
    case "rcpt":
    case "data":
      return expectation.slot;
    case "chunk":
    case "content":
      return "content";
    case "reset":
      return "command";
    case "command":
      return commandPhase(expectation.work.verb);
  }
}

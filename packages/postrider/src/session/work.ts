/**
 * The vocabulary of a session: work that comes in, expectations of replies, and events that go out.
 *
 * Layer: session.
 */
import type { SmtpPhase } from "../errors/errors.js";
import type { SmtpReply } from "../reply.js";
import type { Transaction } from "./transaction.js";

/** One command, never pipelined with others except QUIT. */
export interface CommandWork {
  readonly kind: "command";
  /** Upper-case. */
  readonly verb: string;
  /** Without CRLF. */
  readonly line: string;
  /** Replaces the line in traces; SECURITY: set for AUTH. */
  readonly shown?: string | undefined;
  /** The caller wrote it: a reply of any class is allowed. */
  readonly isFree?: boolean | undefined;
}

export interface TransactionWork {
  readonly kind: "transaction";
  readonly transaction: Transaction;
}

export type Work = CommandWork | TransactionWork;

/** A reply that is due. Replies carry no identifier: only their order pairs them with expectations (RFC 2920 §3.1). */
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

/** Called with every line, secrets masked. */
export interface WireTrace {
  client(line: string): void;
  server(line: string): void;
  content(bytes: number): void;
  /** A command was written; `answered` gets the same expectation. */
  asked?(expectation: Expectation): void;
  answered?(expectation: Expectation, reply: SmtpReply): void;
}

/** Traces a reply line by line. */
export function traceReply(reply: SmtpReply, trace: WireTrace): void {
  const last = reply.lines.length - 1;
  reply.lines.forEach((line, index) => {
    trace.server(`${reply.code}${index < last ? "-" : " "}${line}`);
  });
}

/** Events for the connection. */
export type SessionEventOut =
  | { readonly type: "greeting"; readonly reply: SmtpReply }
  | { readonly type: "reply"; readonly work: CommandWork; readonly reply: SmtpReply }
  | { readonly type: "settled"; readonly transaction: Transaction }
  /** The streamed content of this transaction may be read. */
  | { readonly type: "pull"; readonly transaction: Transaction }
  /** 421: the server closes the connection. `wasIdle`: no reply was awaited. */
  | { readonly type: "goodbye"; readonly reply: SmtpReply; readonly wasIdle: boolean }
  /** Every reply is in, and nothing more will be written. */
  | { readonly type: "finished"; readonly after: "quit" | "reset" }
  | {
      readonly type: "fault";
      /** `"refuted"`: the server refused a command that it had offered; its untaken messages may be sent elsewhere. */
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
  if (expectation === undefined || expectation.slot === "reset") return "command";
  if (expectation.slot === "command") return commandPhase(expectation.work.verb);
  return expectation.slot === "chunk" ? "content" : expectation.slot;
}

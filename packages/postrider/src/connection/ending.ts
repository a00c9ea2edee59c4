/**
 * Why a connection ended, and the error that each request on it gets: one cause, an outcome for each request.
 *
 * Layer: connection. RFC 5321 §3.8 (421), RFC 3207 §6 (injected bytes).
 */
import {
  type Peer,
  SmtpDisconnectedError,
  type SmtpError,
  SmtpHelloError,
  type SmtpOutcome,
  type SmtpPhase,
  SmtpProtocolError,
  type SmtpRecipientRefusedError,
  SmtpTimeoutError,
  SmtpTlsError,
} from "../errors/errors.js";
import type { SmtpReply } from "../reply.js";
import { withRefused } from "../session/verdict.js";
import { type Expectation, expectationPhase, type SessionEventOut } from "../session/work.js";

/** How far a request had come when the connection ended. */
export interface RequestState {
  readonly phase: SmtpPhase;
  readonly outcome: SmtpOutcome;
  /** Some of its bytes were written. */
  readonly isWritten: boolean;
  /** It was waiting for the first EHLO of the session. */
  readonly isGreeting?: true;
  /** Recipients that RCPT refused. */
  readonly refused?: readonly SmtpRecipientRefusedError[];
}

export type Ending =
  | { readonly kind: "lost"; readonly cause: Error | undefined }
  /** 421; `wasIdle`: no reply was awaited. */
  | { readonly kind: "goodbye"; readonly wasIdle: boolean }
  | { readonly kind: "closed" }
  /** The caller aborted one request whose bytes were on the wire. */
  | { readonly kind: "aborted" }
  /** The caller aborted the whole connection: every call rejects with the reason of the signal. */
  | { readonly kind: "signal"; readonly reason: unknown }
  | { readonly kind: "quit" }
  | { readonly kind: "unclean" }
  | { readonly kind: "source"; readonly cause: unknown }
  | {
      readonly kind: "timeout";
      readonly timeout: number;
      readonly waitingFor: string;
      readonly hint: string | undefined;
    }
  | {
      readonly kind: "protocol";
      readonly problem: string;
      readonly excerpt: string;
      readonly hint: string | undefined;
      /** Set when no reply was awaited: the phase in which it came. */
      readonly unaskedIn?: SmtpPhase | undefined;
    }
  | { readonly kind: "injection" }
  /** The server refused a command that it had offered (BDAT, RSET): later replies can no longer be paired with commands. */
  | { readonly kind: "refuted"; readonly problem: string; readonly excerpt: string }
  /** An envelope that was written ahead of a verdict got no reply. */
  | { readonly kind: "swallowed" }
  /** Connecting failed with this error. */
  | { readonly kind: "failed"; readonly error: unknown };

const AWAITED: Readonly<Record<Exclude<Expectation["slot"], "command">, string>> = {
  greeting: "the greeting",
  mail: "the reply to MAIL",
  rcpt: "the reply to RCPT",
  data: "the reply to DATA",
  chunk: "the reply to BDAT",
  content: "the reply after the content",
  reset: "the reply to RSET",
};

// A TLS record: alert or handshake, then version 3.x.
const TLS_RECORD = /^[\u0015\u0016]\u0003/;

const SERVER_CAUSED: ReadonlySet<Ending["kind"]> = new Set([
  "lost",
  "goodbye",
  "timeout",
  "swallowed",
  "protocol",
  "refuted",
]);

const TEXTS: Readonly<Record<Exclude<Ending["kind"], "timeout" | "protocol" | "injection" | "refuted">, string>> = {
  lost: "The connection was lost",
  goodbye: "The server closed the connection",
  closed: "The connection was closed by close()",
  aborted: "The connection was closed because another request on it was aborted",
  quit: "The connection was ended by QUIT",
  unclean: "The connection was closed because the server refused RSET",
  signal: "The connection was aborted",
  source: "The connection was closed because the content of another message could not be read",
  failed: "The connection could not be set up",
  swallowed: "The connection was closed because the server did not answer commands behind the end of a message",
};

/** The Ending for a protocol violation of the server. */
export function faultEnding(fault: SessionEventOut & { readonly type: "fault" }, phase: SmtpPhase): Ending {
  const { kind, problem, excerpt, unaskedIn } = fault;
  if (kind === "injection") return { kind };
  return kind === "refuted"
    ? { kind, problem, excerpt }
    : { kind, problem, excerpt, hint: protocolHint(phase, excerpt), unaskedIn };
}

/** The Ending for a timeout. */
export function timeoutEnding(
  awaiting: Expectation | undefined,
  facts: {
    readonly timeout: number;
    readonly isPouring: boolean;
    readonly isBlocked: boolean;
    readonly isSecure: boolean;
  },
): Ending {
  const { timeout, isPouring, isBlocked, isSecure } = facts;
  const waitingFor = describeWait(isPouring ? undefined : awaiting, isBlocked);
  return { kind: "timeout", timeout, waitingFor, hint: timeoutHint(expectationPhase(awaiting), isSecure) };
}

/** The error of one request. */
export function endingError(
  ending: Ending,
  state: RequestState,
  peer: Peer,
  lastReply: SmtpReply | undefined,
): unknown {
  if (ending.kind === "signal") return ending.reason;
  if (ending.kind === "lost" && state.outcome === "not-sent" && isCertificateRefusal(ending.cause)) return ending.cause;
  return withRefused(newError(ending, state, peer, lastReply), state.refused);
}

function newError(ending: Ending, state: RequestState, peer: Peer, lastReply: SmtpReply | undefined): SmtpError {
  const { phase, outcome } = state;
  // A request that was not written did not cause the fault: it gets a plain SmtpDisconnectedError.
  if (state.isWritten) {
    if (ending.kind === "timeout") return new SmtpTimeoutError({ ...ending, phase, outcome });
    if (ending.kind === "protocol") return new SmtpProtocolError(ending.problem, { ...ending, phase, outcome });
    if (ending.kind === "injection") {
      return new SmtpTlsError(peer, {
        problem: "bytes arrived in clear text between the reply to STARTTLS and the handshake",
        hint: "Someone may be tampering with the connection (RFC 3207 §6)",
      });
    }
  }
  // No request caused an unsolicited reply: the next request reports it.
  if (ending.kind === "protocol" && ending.unaskedIn !== undefined) {
    return new SmtpProtocolError(ending.problem, { ...ending, phase: ending.unaskedIn, outcome });
  }
  const reply = ending.kind === "goodbye" || ending.kind === "lost" ? lastReply : undefined;
  const gone = new SmtpDisconnectedError(describeEnding(ending), { phase, outcome, reply, cause: causeOf(ending) });
  // A server that refused EHLO and closed the connection: its reply is the reason.
  return state.isGreeting === true && reply !== undefined && reply.code >= 400
    ? new SmtpHelloError({ reply, command: "EHLO", cause: gone })
    : gone;
}

/** The error of a call made when there is no connection (any more). */
export function notConnected(ending: Ending | undefined, peer: Peer, lastReply: SmtpReply | undefined): unknown {
  if (ending?.kind === "signal") return ending.reason;
  if (ending?.kind === "protocol" && ending.unaskedIn !== undefined) {
    return endingError(ending, { phase: "command", outcome: "not-sent", isWritten: false }, peer, undefined);
  }
  const why = ending === undefined ? "connect() was not called" : describeEnding(ending);
  const reply = ending?.kind === "goodbye" ? lastReply : undefined;
  return new SmtpDisconnectedError(`Not connected: ${why}`, { phase: "command", reply });
}

/** Whether the server ended the connection, timed out or violated the protocol. */
export function isServerCaused({ kind }: Ending): boolean {
  return SERVER_CAUSED.has(kind);
}

/** One sentence without its full stop. */
export function describeEnding(ending: Ending): string {
  switch (ending.kind) {
    case "timeout":
      return `The connection was closed after ${ending.timeout} ms without progress`;
    case "protocol":
      return `The connection was closed: ${ending.problem}`;
    case "refuted":
      return `The connection was closed: ${ending.problem} (${ending.excerpt})`;
    case "injection":
      return "The connection was closed: bytes were injected before TLS";
    case "lost":
      return ending.cause === undefined ? "The server closed the connection" : `${TEXTS.lost}: ${ending.cause.message}`;
    default:
      return TEXTS[ending.kind];
  }
}

/** Completes "while waiting for ...". */
export function describeWait(expectation: Expectation | undefined, isBlocked: boolean): string {
  if (isBlocked) return "the server to take more bytes";
  if (expectation === undefined) return "the content to be read";
  return expectation.slot === "command" ? `the reply to ${expectation.work.verb}` : AWAITED[expectation.slot];
}

/** A server without a greeting often expects TLS from the first byte. */
export function timeoutHint(phase: SmtpPhase, isSecure: boolean): string | undefined {
  if (phase !== "greeting") return undefined;
  return isSecure
    ? "Something listens there, but sends no SMTP greeting"
    : "If this port speaks TLS from the first byte (465 does), set useTls: true";
}

export function protocolHint(phase: SmtpPhase, excerpt: string): string | undefined {
  if (phase !== "greeting") return undefined;
  if (TLS_RECORD.test(excerpt)) return "This port speaks TLS from the first byte; set useTls: true";
  if (excerpt.startsWith("HTTP/")) return "This is a web server; check hostname and port";
  if (/^\* OK|^\+OK/.test(excerpt)) return "This is a server for reading mail (IMAP or POP3); check the port";
  if (excerpt.startsWith("SSH-")) return "This is an SSH server; check the port";
  return "Check hostname and port; if the port speaks TLS from the first byte, set useTls: true";
}

/** TLS 1.3: the server refuses a client certificate after the handshake. A new connection would end the same way. */
function isCertificateRefusal(cause: unknown): cause is SmtpTlsError {
  return cause instanceof SmtpTlsError && cause.retry === "never";
}

function causeOf(ending: Ending): unknown {
  if (ending.kind === "lost" || ending.kind === "source") return ending.cause;
  return ending.kind === "failed" ? ending.error : undefined;
}

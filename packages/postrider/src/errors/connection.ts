/**
 * Errors of the connection: connecting, TLS, timeouts, disconnects, protocol violations.
 *
 * Layer: errors, importable by all.
 */
import type { SmtpReply } from "../reply.js";
import { escapeUnseen } from "../text/characters.js";
import { quoteReply, SmtpError, type SmtpOutcome, type SmtpPhase, type SmtpRetry, withHint } from "./base.js";

/** The other end of a connection, for error messages. */
export interface Peer {
  readonly hostname?: string | undefined;
  readonly port?: number | undefined;
  readonly socketPath?: string | undefined;
}

/** `mail.example.com:587`, `[::1]:25`, the path of a socket, or "the given socket". */
export function formatPeer(peer: Peer): string {
  if (peer.socketPath !== undefined) return peer.socketPath;
  if (peer.hostname === undefined) return "the given socket";
  const host = peer.hostname.includes(":") ? `[${peer.hostname}]` : peer.hostname;
  return peer.port === undefined ? host : `${host}:${peer.port}`;
}

/** No connection could be made; `cause` is the error of the operating system. */
export class SmtpConnectError extends SmtpError {
  override readonly code = "connect";
  /** Name or address of the server; undefined for a Unix socket or a stream that was given. */
  readonly hostname: string | undefined;
  /** The TCP port, 1 to 65535; undefined where there is none. */
  readonly port: number | undefined;
  override get name(): "SmtpConnectError" {
    return "SmtpConnectError";
  }
  constructor(
    peer: Peer,
    details: { reason: string; hint?: string | undefined; retry?: SmtpRetry | undefined; cause?: unknown },
  ) {
    super(withHint(`Cannot connect to ${formatPeer(peer)}: ${details.reason}`, details.hint), {
      phase: "connect",
      outcome: "not-sent",
      retry: details.retry ?? "reconnect",
      cause: details.cause,
    });
    this.hostname = peer.hostname;
    this.port = peer.port;
  }
}

/** TLS could not be set up: an invalid certificate, a failed handshake, an injection before STARTTLS. */
export class SmtpTlsError extends SmtpError {
  override readonly code = "tls";
  /** Name or address of the server; undefined for a Unix socket or a stream that was given. */
  readonly hostname: string | undefined;
  /** The TCP port, 1 to 65535; undefined where there is none. */
  readonly port: number | undefined;
  /** The code of OpenSSL or Node, such as `"CERT_HAS_EXPIRED"`, when there is one. */
  readonly reason: string | undefined;
  override get name(): "SmtpTlsError" {
    return "SmtpTlsError";
  }
  constructor(
    peer: Peer,
    details: {
      problem: string;
      reason?: string | undefined;
      hint?: string | undefined;
      retry?: SmtpRetry;
      cause?: unknown;
    },
  ) {
    super(withHint(`TLS with ${formatPeer(peer)} failed: ${details.problem}`, details.hint), {
      phase: "tls",
      outcome: "not-sent",
      retry: details.retry ?? "never",
      cause: details.cause,
    });
    this.hostname = peer.hostname;
    this.port = peer.port;
    this.reason = details.reason;
  }
}

/** There was no progress for `timeout` milliseconds; the connection is closed. */
export class SmtpTimeoutError extends SmtpError {
  override readonly code = "timeout";
  /** Milliseconds without progress. */
  readonly timeout: number;
  override get name(): "SmtpTimeoutError" {
    return "SmtpTimeoutError";
  }
  constructor(details: {
    phase: SmtpPhase;
    timeout: number;
    waitingFor: string;
    outcome?: SmtpOutcome;
    hint?: string | undefined;
  }) {
    super(withHint(`No progress for ${details.timeout} ms while waiting for ${details.waitingFor}`, details.hint), {
      phase: details.phase,
      outcome: details.outcome ?? "not-sent",
      retry: "reconnect",
    });
    this.timeout = details.timeout;
  }
}

/** The connection has ended, or the client is not connected. */
export class SmtpDisconnectedError extends SmtpError {
  override readonly code = "disconnected";
  /** The last reply before the end, such as a 421; undefined when there was none. */
  readonly reply: SmtpReply | undefined;
  override get name(): "SmtpDisconnectedError" {
    return "SmtpDisconnectedError";
  }
  constructor(
    text: string,
    details: { phase: SmtpPhase; outcome?: SmtpOutcome; reply?: SmtpReply | undefined; cause?: unknown },
  ) {
    const said = details.reply === undefined ? "" : ` (the last reply: ${quoteReply(details.reply)})`;
    super(text + said, {
      phase: details.phase,
      outcome: details.outcome ?? "not-sent",
      retry: "reconnect",
      cause: details.cause,
    });
    this.reply = details.reply;
  }
}

/** SECURITY: bounds what an error shows of a hostile server. */
const MAX_EXCERPT_LENGTH = 120;

/** The peer violated the protocol, or does not speak SMTP; the connection is closed. */
export class SmtpProtocolError extends SmtpError {
  override readonly code = "protocol";
  /** The start of the bytes that were received, at most 120 characters, control characters escaped. */
  readonly excerpt: string;
  override get name(): "SmtpProtocolError" {
    return "SmtpProtocolError";
  }
  constructor(
    problem: string,
    details: { phase: SmtpPhase; excerpt: string; outcome?: SmtpOutcome; hint?: string | undefined; cause?: unknown },
  ) {
    const excerpt = escapeUnseen(details.excerpt.slice(0, MAX_EXCERPT_LENGTH)).slice(0, MAX_EXCERPT_LENGTH);
    super(withHint(`${problem}: ${JSON.stringify(excerpt)}`, details.hint), {
      phase: details.phase,
      outcome: details.outcome ?? "not-sent",
      retry: "reconnect",
      cause: details.cause,
    });
    this.excerpt = excerpt;
  }
}

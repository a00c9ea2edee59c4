/**
 * What a silence or a strange answer usually means, and which option mends it.
 *
 * Layer: client.
 */
import type { SmtpPhase } from "../errors.js";
import type { Expectation } from "../protocol/work.js";

/** What the connection was waiting for, for "while waiting for ...". */
export function describeWait(expectation: Expectation | undefined, isBlocked: boolean): string {
  if (isBlocked) return "the server to take more bytes";
  if (expectation === undefined) return "the content to be read";
  switch (expectation.slot) {
    case "greeting":
      return "the greeting";
    case "mail":
      return "the reply to MAIL";
    case "rcpt":
      return "the reply to RCPT";
    case "data":
      return "the reply to DATA";
    case "chunk":
      return "the reply to BDAT";
    case "content":
      return "the reply after the content";
    case "reset":
      return "the reply to RSET";
    case "command":
      return `the reply to ${expectation.work.verb}`;
  }
}

/** A server that says nothing at first often waits for TLS. */
export function silenceHint(phase: SmtpPhase, isSecure: boolean): string | undefined {
  if (phase !== "greeting") return undefined;
  return isSecure
    ? "Something listens there, but it does not greet as SMTP does"
    : "If this port speaks TLS from the first byte (465 does), set useTls: true";
}

// A record of TLS: alert or handshake, then version 3.x.
const TLS_RECORD = /^[\u0015\u0016]\u0003/;

export function protocolHint(phase: SmtpPhase, excerpt: string): string | undefined {
  if (phase !== "greeting") return undefined;
  if (TLS_RECORD.test(excerpt)) return "This port speaks TLS from the first byte; set useTls: true";
  if (excerpt.startsWith("HTTP/")) return "This is a web server; check hostname and port";
  if (/^\* OK|^\+OK/.test(excerpt)) return "This is a server for reading mail (IMAP or POP3); check the port";
  if (excerpt.startsWith("SSH-")) return "This is an SSH server; check the port";
  return "Check hostname and port; if the port speaks TLS from the first byte, set useTls: true";
}

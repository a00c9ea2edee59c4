/**
 * Why a SOCKS proxy said no, in words: from what the package `socks` calls it.
 *
 * Layer: transport. RFC 1928 §6 (replies), RFC 1929.
 */
import type { SmtpRetry } from "../../errors.js";
import type { ProxyServer } from "./proxy-server.js";

export interface SocksProblem {
  /** What goes on after "the proxy socks5://host:port ". */
  readonly problem: string;
  readonly hint?: string | undefined;
  readonly retry?: SmtpRetry | undefined;
}

const UNREACHABLE = /^(?:HostUnreachable|NetworkUnreachable|ConnectionRefused|TTLExpired|Failed|Failure)$/;

/** @param message what the package says; its words hold nothing of what the proxy sent */
export function socksProblem(message: string, { scheme, credentials }: ProxyServer): SocksProblem {
  const rejection = /rejected connection - \(?(\w+)/.exec(message)?.[1];
  if (rejection !== undefined) return rejected(rejection);
  if (message.includes("Authentication failed")) {
    return {
      problem: "refused the user name and password",
      hint: "Check the user name and password in proxy",
      retry: "never",
    };
  }
  if (message.includes("no accepted authentication type")) {
    return {
      problem: "takes none of the ways to log in that were offered",
      hint: credentials === undefined ? `It may ask for ${scheme}://user:password@host:port` : undefined,
      retry: "never",
    };
  }
  if (/version|unknown authentication type|invalid/i.test(message)) {
    return {
      problem: "does not answer as a SOCKS proxy does",
      hint: "Check the scheme and port in proxy: socks4://, socks5:// and http:// are three protocols",
    };
  }
  return { problem: `failed: ${message}` };
}

/** `reply` is the package's name for the code; "undefined" for one that the protocol does not have. */
function rejected(reply: string): SocksProblem {
  if (reply === "undefined" || reply === "Granted") return { problem: "does not answer as a SOCKS proxy does" };
  if (reply === "NotAllowed") {
    return { problem: "does not allow the connection (NotAllowed)", hint: "Its operator can allow it", retry: "never" };
  }
  const hint = UNREACHABLE.test(reply) ? "It cannot reach the server; check hostname and port" : undefined;
  return { problem: `refused the connection (${reply})`, hint };
}

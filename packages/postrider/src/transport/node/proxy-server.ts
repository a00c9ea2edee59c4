/**
 * The types of a proxy and its errors, which name its address but never its password.
 *
 * Layer: transport.
 */
import { formatPeer, type Peer, SmtpConnectError, type SmtpRetry } from "../../errors/errors.js";
import type { ProxyServer } from "../../options/target.js";

/** `http://proxy.example.com:3128` */
export const formatProxy = ({ scheme, hostname, port }: ProxyServer): string =>
  `${scheme}://${formatPeer({ hostname, port })}`;

/** The server behind the proxy; the proxy resolves its name. */
export interface Destination extends Peer {
  readonly hostname: string;
  readonly port: number;
}

/** A tunnel to open. */
export interface Passage {
  readonly destination: Destination;
  readonly proxy: ProxyServer;
  /** Aborts at any stage; also the only timeout. */
  readonly signal: AbortSignal;
}

export interface ProxyFailure {
  readonly peer: Peer;
  readonly proxy: ProxyServer;
  /** Completes "the proxy http://host:port ...". */
  readonly problem: string;
  readonly hint?: string | undefined;
  readonly retry?: SmtpRetry | undefined;
  readonly cause?: unknown;
}

export function proxyError({ peer, proxy, problem, hint, retry, cause }: ProxyFailure): SmtpConnectError {
  return new SmtpConnectError(peer, { reason: `the proxy ${formatProxy(proxy)} ${problem}`, hint, retry, cause });
}

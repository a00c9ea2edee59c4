/**
 * A proxy, and how errors speak of it: by its address, never by its password.
 *
 * Layer: transport.
 */
import { formatPeer, type Peer, SmtpConnectError, type SmtpRetry } from "../../errors/errors.js";

/** `socks5h` and `socks4a` are other names of the same: the name of the server is always left for the proxy to resolve. */
export type ProxyScheme = "http" | "https" | "socks5" | "socks5h" | "socks4" | "socks4a";

export interface ProxyCredentials {
  readonly username: string;
  /** `""` where there is none. */
  readonly password: string;
}

export interface ProxyServer {
  readonly scheme: ProxyScheme;
  readonly hostname: string;
  readonly port: number;
  /** SECURITY: not enumerable, so that nothing that prints the options shows it. */
  readonly credentials: ProxyCredentials | undefined;
  /** Authorities that the certificate of an `https` proxy is checked against; undefined: those that Node trusts. */
  readonly ca?: unknown;
}

/** `http://proxy.example.com:3128` */
export const formatProxy = ({ scheme, hostname, port }: ProxyServer): string =>
  `${scheme}://${formatPeer({ hostname, port })}`;

/** The server as the proxy is told of it, with a name that only the proxy looks up. */
export interface Destination extends Peer {
  readonly hostname: string;
  readonly port: number;
}

/** What it takes to get through. */
export interface Passage {
  readonly destination: Destination;
  readonly proxy: ProxyServer;
  /** Gives up at any stage; also the only limit in time. */
  readonly signal: AbortSignal;
}

export interface ProxyFailure {
  readonly peer: Peer;
  readonly proxy: ProxyServer;
  /** What goes on after "the proxy http://host:port ". */
  readonly problem: string;
  readonly hint?: string | undefined;
  readonly retry?: SmtpRetry | undefined;
  readonly cause?: unknown;
}

export function proxyError({ peer, proxy, problem, hint, retry, cause }: ProxyFailure): SmtpConnectError {
  return new SmtpConnectError(peer, { reason: `the proxy ${formatProxy(proxy)} ${problem}`, hint, retry, cause });
}

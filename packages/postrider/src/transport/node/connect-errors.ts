/**
 * Errors of connecting: the system's error codes explained, with hints; and those of a proxy, which never name its password.
 *
 * Layer: transport.
 */
import { formatPeer, isError, type Peer, SmtpConnectError, type SmtpRetry } from "../../errors/errors.js";
import type { ProxyServer } from "../../options/target.js";

interface Explanation {
  readonly reason: string;
  readonly hint?: string | undefined;
  /** Absent: `"later"`. */
  readonly retry?: SmtpRetry | undefined;
}

/** The properties of Node's system errors that are used here; each may be missing. */
interface SystemError extends Error {
  readonly code?: string;
  readonly syscall?: string;
  readonly address?: string;
}

const CHECK_HOST = "Check hostname and port, and that the server runs";
const PORT_25_IS_BLOCKED = "Many networks and clouds block port 25; submit to port 587 or 465";

const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: { reason: "the connection was refused, so nothing listens there", hint: CHECK_HOST },
  ECONNRESET: {
    reason: "the connection was reset while it was being made",
    hint: "A firewall may block it",
    retry: "reconnect",
  },
  ENOTFOUND: { reason: "there is no such host name", hint: "Check the spelling of hostname" },
  EAI_AGAIN: { reason: "the name server does not answer", hint: "Check the network, then try again" },
  ETIMEDOUT: { reason: "nothing answered", hint: "A firewall may drop the packets; check hostname and port" },
  EHOSTUNREACH: { reason: "there is no route to the host", hint: "Check the network and its firewall" },
  ENETUNREACH: {
    reason: "there is no route to its network",
    hint: "Check that this machine has a network of that kind (IPv4 or IPv6)",
  },
  EADDRNOTAVAIL: { reason: "the local address is not one of this machine", hint: "Check localAddress" },
  EINVAL: {
    reason: "the local address does not fit the address of the server",
    hint: "Check localAddress and hostname",
  },
  EADDRINUSE: { reason: "no local port is free", hint: "Close connections or use a pool" },
  EMFILE: { reason: "this process has too many files and sockets open", hint: "Use a pool with fewer connections" },
  EACCES: { reason: "this process may not connect there", hint: "Check the permissions of the socket or the firewall" },
  EPERM: { reason: "this process may not connect there", hint: "Check the permissions of the socket or the firewall" },
  ENOENT: { reason: "there is no such file", hint: "Check socketPath, and that the server runs" },
  ENOTSOCK: { reason: "the file is not a socket", hint: "Check socketPath" },
};

/** A permission that Deno or Node's permission model did not give will not be given later. */
const DENIED: Explanation = {
  reason: "the runtime does not permit it",
  hint: "Start the program with --allow-net, and for a Unix socket on Deno with --allow-read and --allow-write too",
  retry: "never",
};

/** Expected on a machine without IPv6 or IPv4: the errors of the other attempts explain more. */
const LESS_RELEVANT: ReadonlySet<string | undefined> = new Set(["ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"]);

/** Errors that a network with a blocked port causes. */
const BLOCKED_PORT_CODES: ReadonlySet<string | undefined> = new Set([
  "ETIMEDOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** An error of the operating system, the resolver or the caller's socket as an SmtpConnectError. */
export function connectError(peer: Peer, error: unknown): SmtpConnectError {
  return new SmtpConnectError(peer, explainConnectError(peer, error));
}

/** The parts of that error; `cause` is the error of the most relevant attempt. */
export function explainConnectError(peer: Peer, error: unknown): Explanation & { readonly cause: unknown } {
  const attempts = attemptsOf(error);
  const cause = attempts.find((attempt) => !LESS_RELEVANT.has(attempt.code)) ?? attempts[0];
  if (cause === undefined) return { reason: describeUnknown(error), cause: error };
  if (isDenied(cause)) return { ...DENIED, reason: `${DENIED.reason}: ${cause.message}`, cause };
  const known = cause.code === undefined ? undefined : EXPLANATIONS[cause.code];
  return {
    reason: `${known?.reason ?? cause.message} (${describeAttempts(attempts, cause)})`,
    hint: (isPortMaybeBlocked(peer, cause) ? connectTimeoutHint(peer) : undefined) ?? known?.hint,
    // A server that is down, or a name that does not exist, will not change within seconds.
    retry: known === undefined ? "reconnect" : (known.retry ?? "later"),
    cause,
  };
}

/** A hint for a timeout of connecting; undefined when there is none. */
export function connectTimeoutHint(peer: Peer): string | undefined {
  if (peer.socketPath !== undefined || peer.port === undefined) return undefined;
  return peer.port === 25 && peer.hostname !== "localhost" ? PORT_25_IS_BLOCKED : EXPLANATIONS.ETIMEDOUT?.hint;
}

/** QUIRK: for a name that it may not resolve, Deno says EPERM, which no resolver does. */
function isDenied({ name, code, syscall }: SystemError): boolean {
  return name === "NotCapable" || code === "ERR_ACCESS_DENIED" || (code === "EPERM" && syscall === "getaddrinfo");
}

function isPortMaybeBlocked({ port }: Peer, { code }: SystemError): boolean {
  return port === 25 && BLOCKED_PORT_CODES.has(code);
}

/** Node tries the addresses of a name in turn and throws one AggregateError. */
function attemptsOf(error: unknown): SystemError[] {
  if (!isError(error)) return [];
  const { errors } = error as Partial<AggregateError>;
  return Array.isArray(errors) && errors.length > 0 ? errors.flatMap(attemptsOf) : [error];
}

const describeUnknown = (error: unknown): string =>
  error === undefined ? "the connection was closed before it was made" : String(error);

function describeAttempts(attempts: readonly SystemError[], cause: SystemError): string {
  if (attempts.length === 1) return cause.code ?? cause.name;
  return attempts.map((attempt) => `${attempt.code ?? attempt.message} at ${attempt.address ?? "?"}`).join(", ");
}

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

/**
 * From a target to a connected transport: TCP, a Unix socket or the caller's stream, each with or without TLS.
 *
 * Layer: transport.
 */
import { connect, isIP, Socket, type TcpNetConnectOpts } from "node:net";
import type { Duplex } from "node:stream";
import { formatPeer, type Peer, SmtpDisconnectedError } from "../errors.js";
import type { TlsOptions } from "../options.js";
import { adoptStream, type StreamSource } from "./adopt-stream.js";
import { awaitReady } from "./await-ready.js";
import { connectError } from "./connect-errors.js";
import { handshake } from "./handshake.js";
import { hearLastWords } from "./last-words.js";
import { isLoopback } from "./loopback.js";
import { StreamTransport } from "./stream-transport.js";
import type { Transport } from "./transport.js";

/** Where to. With TLS, the certificate must be for `hostname`, unless `tls.servername` says otherwise. */
export type TransportTarget =
  | {
      readonly kind: "tcp";
      readonly hostname: string;
      readonly port: number;
      readonly localAddress?: string | undefined;
    }
  | { readonly kind: "unix"; readonly path: string; readonly hostname?: string | undefined }
  | { readonly kind: "socket"; readonly socket: StreamSource; readonly hostname?: string | undefined };

/** TLS from the first byte. */
export interface ImplicitTls {
  readonly options?: TlsOptions | undefined;
}

export interface OpenTransportOptions {
  readonly tls?: ImplicitTls | undefined;
  /** Gives up at any stage; nothing stays open. It is also the only limit in time: no timer runs in here. */
  readonly signal: AbortSignal;
}

/**
 * Milliseconds that one address of several gets before the next is tried.
 *
 * QUIRK: Node gives an attempt up when its time is over, where RFC 8305 §5 lets it go on beside the next. With Node's own
 * 250 ms a far server is never reached; one second covers any path on which the first packet is not lost.
 */
const ATTEMPT_TIMEOUT_MS = 1000;

/** An idle connection in a pool finds out within minutes that its peer is gone, and routers do not forget it. */
const KEEP_ALIVE_DELAY_MS = 60_000;

/**
 * Connects.
 *
 * @throws SmtpConnectError when there is no connection; SmtpTlsError or SmtpDisconnectedError when TLS fails; OptionError
 * when the caller's stream is no stream of bytes; `signal.reason` after an abort.
 */
export async function openTransport(target: TransportTarget, options: OpenTransportOptions): Promise<Transport> {
  const { tls, signal } = options;
  const peer = peerOf(target);
  const stream = await openStream(target, peer, signal);
  // Read now: a socket that the peer has closed no longer knows its addresses.
  const facts = { peer, ...localFacts(target, stream) };
  if (tls === undefined) return new StreamTransport(stream, facts);
  return new StreamTransport(
    stream,
    facts,
    await handshake(stream, { peer, options: tls.options, signal, way: "implicit" }),
  );
}

function openStream(target: TransportTarget, peer: Peer, signal: AbortSignal): Promise<Duplex> {
  if (target.kind === "socket") return adoptStream(target.socket, peer, signal);
  // Checked before there is a socket: no packet leaves for a connection that nobody wants.
  if (signal.aborted) return Promise.reject(signal.reason);
  return connected(target.kind === "tcp" ? connect(tcpOptions(target)) : connect({ path: target.path }), peer, signal);
}

async function connected(socket: Socket, peer: Peer, signal: AbortSignal): Promise<Socket> {
  const explain = (error: Error | undefined): Error =>
    isReset(error) ? resetError(peer, error) : connectError(peer, error);
  await awaitReady(socket, { event: "connect", signal, explain });
  hearLastWords(socket);
  return socket;
}

/** The server had taken the connection and threw it away before the system could report it as made. */
function isReset(error: Error | undefined): boolean {
  return error !== undefined && "code" in error && error.code === "ECONNRESET";
}

function resetError(peer: Peer, cause: Error | undefined): SmtpDisconnectedError {
  return new SmtpDisconnectedError(`${formatPeer(peer)} reset the connection before its greeting (ECONNRESET)`, {
    phase: "greeting",
    cause,
  });
}

function tcpOptions(target: TransportTarget & { kind: "tcp" }): TcpNetConnectOpts {
  const { hostname: host, port, localAddress } = target;
  const common = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS };
  // A local address can reach addresses of its own family only.
  if (localAddress !== undefined) return { ...common, localAddress, family: isIP(localAddress) };
  return { ...common, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT_MS };
}

function peerOf(target: TransportTarget): Peer {
  if (target.kind === "tcp") return { hostname: target.hostname, port: target.port };
  return target.kind === "unix"
    ? { hostname: target.hostname, socketPath: target.path }
    : { hostname: target.hostname };
}

function localFacts(target: TransportTarget, stream: Duplex): { isLocal: boolean; localAddress: string | undefined } {
  if (target.kind === "unix") return { isLocal: true, localAddress: undefined };
  if (!(stream instanceof Socket)) return { isLocal: false, localAddress: undefined };
  // SECURITY: a socket of the caller's may lead through a proxy on this machine to a server elsewhere. When the caller names
  // the server, the name decides too.
  const isElsewhere = target.kind === "socket" && target.hostname !== undefined && !namesThisMachine(target.hostname);
  return { isLocal: !isElsewhere && isLoopback(stream.remoteAddress), localAddress: stream.localAddress };
}

const namesThisMachine = (hostname: string): boolean => hostname.toLowerCase() === "localhost" || isLoopback(hostname);

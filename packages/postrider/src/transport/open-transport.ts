/**
 * Opens a transport, chosen at run time: TCP, TCP through a proxy, a Unix socket or the caller's stream, each with or without TLS.
 *
 * Layer: transport.
 */
import { connect, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { formatPeer, isSmtpError, type Peer, SmtpDisconnectedError } from "../errors/errors.js";
import type { GivenSocket, StreamSource, TransportTarget } from "../options/target.js";
import type { TlsOptions } from "../options/tls-options.js";
import { connectError } from "./node/connect-errors.js";
import { openThroughProxy } from "./node/proxy.js";
import { adoptStream, isStream, StreamTransport } from "./node/stream-transport.js";
import { connected, connectTcp, discard, isLoopback } from "./node/tcp.js";
import { handshake } from "./node/tls.js";
import type { Transport } from "./transport.js";
import { socketsApi } from "./web/sockets-api.js";
import { adoptWorkerSocket, closeQuietly, isWorkerSocket, openWeb } from "./web/web-transport.js";

/** TLS from the first byte. */
export interface ImplicitTls {
  readonly options?: TlsOptions | undefined;
}

export interface OpenTransportOptions {
  readonly tls?: ImplicitTls | undefined;
  /** Aborts at any stage and closes everything. It is also the only timeout: no timer runs in here. */
  readonly signal: AbortSignal;
}

/**
 * Connects: TCP on Cloudflare Workers and sockets of theirs by their sockets API, all else by Node's modules.
 *
 * @throws SmtpConnectError when there is no connection; SmtpTlsError or SmtpDisconnectedError when TLS fails; OptionError
 * when the caller's stream is not a stream of bytes, or a package for the proxy is missing; `signal.reason` after an abort.
 */
export async function openTransport(target: TransportTarget, options: OpenTransportOptions): Promise<Transport> {
  const { tls, signal } = options;
  const peer = peerOf(target);
  const api = target.kind === "tcp" && target.proxy === undefined ? socketsApi() : undefined;
  if (api !== undefined && target.kind === "tcp") {
    return openWeb(api, target, { ...options, peer, isLocal: namesThisMachine(target.hostname), tls });
  }
  const given = target.kind === "socket" ? await givenSocket(target.socket, peer, signal) : undefined;
  const name = target.kind === "socket" ? target.servername : undefined;
  // SECURITY: such a socket does not tell where it leads.
  if (isWorkerSocket(given)) return adoptWorkerSocket(given, { peer, isLocal: false, tls, signal, name });
  const stream = await openStream(target, given, peer, signal);
  // Read before TLS: a socket that the peer has closed no longer knows its addresses.
  const facts = { peer, isGiven: given !== undefined, name, ...localFacts(target, stream) };
  if (tls === undefined) return new StreamTransport(stream, facts);
  return new StreamTransport(
    stream,
    facts,
    await handshake(stream, { peer, options: tls.options, signal, way: "implicit" }),
  );
}

/** @param given what the target's `socket` gave */
async function openStream(target: TransportTarget, given: unknown, peer: Peer, signal: AbortSignal): Promise<Duplex> {
  const explain = (error: Error | undefined): Error =>
    isReset(error) ? resetError(peer, error) : connectError(peer, error);
  switch (target.kind) {
    case "socket":
      return adoptStream(given, typeof target.socket !== "function", peer, signal);
    case "unix":
      signal.throwIfAborted();
      return connected(() => connect({ path: target.path }), signal, explain);
    case "tcp":
      return target.proxy === undefined
        ? connectTcp(target, signal, explain)
        : openThroughProxy({ destination: target, proxy: target.proxy, signal });
  }
}

/** Calls the caller's function, if it is one. An abort does not wait for it: a socket that comes later is closed. */
function givenSocket(source: StreamSource, peer: Peer, signal: AbortSignal): Promise<unknown> | GivenSocket {
  if (typeof source !== "function") return source;
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason);
    signal.addEventListener("abort", aborted);
    const opened = (socket: GivenSocket): void => {
      signal.removeEventListener("abort", aborted);
      if (signal.aborted && isStream(socket)) discard(socket);
      else if (signal.aborted && isWorkerSocket(socket)) closeQuietly(socket);
      resolve(socket);
    };
    const failed = (error: unknown): void => {
      signal.removeEventListener("abort", aborted);
      reject(isSmtpError(error) ? error : connectError(peer, error));
    };
    // The function may throw synchronously.
    new Promise<GivenSocket>((settle) => settle(source())).then(opened, failed);
  });
}

/** The server accepted the connection and reset it before the system reported it as open. */
function isReset(error: Error | undefined): boolean {
  return error !== undefined && "code" in error && error.code === "ECONNRESET";
}

function resetError(peer: Peer, cause: Error | undefined): SmtpDisconnectedError {
  return new SmtpDisconnectedError(`${formatPeer(peer)} reset the connection before its greeting (ECONNRESET)`, {
    phase: "greeting",
    cause,
  });
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
  // QUIRK: Cloudflare Workers have no address, and their node:net makes one up.
  const localAddress = socketsApi() === undefined ? stream.localAddress : undefined;
  // SECURITY: the remote address of a tunnel is that of the proxy.
  if (target.kind === "tcp" && target.proxy !== undefined) return { isLocal: false, localAddress };
  // SECURITY: the caller's socket may lead through a proxy on this machine to another one. When the caller names the server, the name
  // must be local too.
  const isElsewhere = target.kind === "socket" && target.hostname !== undefined && !namesThisMachine(target.hostname);
  return { isLocal: !isElsewhere && isLoopback(stream.remoteAddress), localAddress };
}

const namesThisMachine = (hostname: string): boolean => hostname.toLowerCase() === "localhost" || isLoopback(hostname);

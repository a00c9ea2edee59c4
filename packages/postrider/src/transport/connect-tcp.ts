/**
 * One TCP connection, to a server or to a proxy.
 *
 * Layer: transport. RFC 8305 (several addresses for one name).
 */
import { connect, isIP, type Socket, type TcpNetConnectOpts } from "node:net";
import { awaitReady } from "./await-ready.js";
import { hearLastWords } from "./last-words.js";

/**
 * Milliseconds that one address of several gets before the next is tried.
 *
 * QUIRK: Node gives an attempt up when its time is over, where RFC 8305 §5 lets it go on beside the next. With Node's own
 * 250 ms a far server is never reached; one second covers any path on which the first packet is not lost.
 */
const ATTEMPT_TIMEOUT_MS = 1000;

/** An idle connection in a pool finds out within minutes that its peer is gone, and routers do not forget it. */
const KEEP_ALIVE_DELAY_MS = 60_000;

export interface TcpAddress {
  readonly hostname: string;
  readonly port: number;
  readonly localAddress?: string | undefined;
}

/** @throws what `explain` makes of a failure; `signal.reason` after an abort */
export async function connectTcp(
  address: TcpAddress,
  signal: AbortSignal,
  explain: (error: Error | undefined) => Error,
): Promise<Socket> {
  // Checked before there is a socket: no packet leaves for a connection that nobody wants.
  signal.throwIfAborted();
  return connected(connect(tcpOptions(address)), signal, explain);
}

/** The socket when it is connected. */
export async function connected(
  socket: Socket,
  signal: AbortSignal,
  explain: (error: Error | undefined) => Error,
): Promise<Socket> {
  await awaitReady(socket, { event: "connect", signal, explain });
  hearLastWords(socket);
  return socket;
}

function tcpOptions({ hostname: host, port, localAddress }: TcpAddress): TcpNetConnectOpts {
  const common = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS };
  // A local address can reach addresses of its own family only.
  if (localAddress !== undefined) return { ...common, localAddress, family: isIP(localAddress) };
  return { ...common, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT_MS };
}

/**
 * The two ways into TLS, for tests that hold on both.
 */
import type { Socket } from "node:net";
import type { TestContext } from "node:test";
import type { TlsOptions as ServerTlsOptions } from "node:tls";
import type { TlsOptions } from "../../src/options/tls-options.js";
import { openTransport } from "../../src/transport/open-transport.js";
import type { Transport } from "../../src/transport/transport.js";
import { answerStartTls, bytes, never, type Recorder, record, tcpServer, tlsServer } from "./peers.js";

export const READY = "220 ready\r\n";
export const echo = (socket: Socket): void => void socket.pipe(socket);

export type Way = "implicit" | "starttls";
export const WAYS: readonly Way[] = ["implicit", "starttls"];

export interface Dial {
  readonly way: Way;
  readonly server: ServerTlsOptions;
  readonly tls?: TlsOptions;
  readonly hostname?: string;
  readonly handler?: (socket: Socket) => void;
}

/** Into TLS, one way or the other. */
export async function dial(
  t: TestContext,
  { way, server, tls, hostname = "localhost", handler = echo }: Dial,
): Promise<Transport> {
  if (way === "implicit") {
    const port = await tlsServer(t, server, handler);
    return openTransport({ kind: "tcp", hostname, port }, { tls: { options: tls }, signal: never });
  }
  const port = await tcpServer(t, answerStartTls(server, READY, handler));
  const { transport } = await atReady(t, port, hostname);
  await transport.secure(tls, never);
  return transport;
}

/** A transport whose server has just said 220 to STARTTLS. */
export async function atReady(
  t: TestContext,
  port: number,
  hostname = "localhost",
): Promise<{ transport: Transport; heard: Recorder }> {
  const transport = await openTransport({ kind: "tcp", hostname, port }, { signal: never });
  const heard = record(t, transport);
  transport.write(bytes("STARTTLS\r\n"));
  await heard.untilText(READY);
  return { transport, heard };
}

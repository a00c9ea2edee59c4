/**
 * What the tests of the transport talk to: servers on the loopback interface that are gone when the test is, and a listener
 * that remembers.
 */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { TestContext } from "node:test";
import { createServer as createTlsServer, type TlsOptions as ServerTlsOptions, TLSSocket } from "node:tls";
import type { Transport, TransportListener } from "../../src/transport/transport.js";
import { socketPath } from "../support/socket-path.js";

export const never: AbortSignal = new AbortController().signal;
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** How long the end of a test may wait for the last connection: with a leak it waits for ever. */
const LEAK_TIMEOUT_MS = 5000;

const CLEANUPS = new WeakMap<TestContext, (() => unknown)[]>();

/** Runs at the end of the test, the last one first: what was opened last is closed first. */
export function cleanUp(t: TestContext, action: () => unknown): void {
  const known = CLEANUPS.get(t);
  if (known !== undefined) return void known.push(action);
  const actions = [action];
  CLEANUPS.set(t, actions);
  const run = async (): Promise<void> => {
    for (const one of actions.reverse()) await one();
  };
  t.after(run, { timeout: LEAK_TIMEOUT_MS });
}

/** Resolves when the stream is closed, well or badly. */
export const closing = (stream: Duplex): Promise<void> => new Promise((resolve) => void stream.once("close", resolve));

type Handler = (socket: Socket) => void;

/** A TCP server; the test ends only when every connection to it has. */
export async function tcpServer(t: TestContext, handler: Handler): Promise<number> {
  return portOf(await listening(t, createServer(quiet(handler)), { port: 0, host: "127.0.0.1" }));
}

/** A server that speaks TLS from the first byte. */
export async function tlsServer(t: TestContext, options: ServerTlsOptions, handler: Handler): Promise<number> {
  const server = createTlsServer(options, quiet(handler)).on("tlsClientError", () => {});
  return portOf(await listening(t, server, { port: 0, host: "127.0.0.1" }));
}

/** A server on a Unix socket in a folder of its own. */
export async function unixServer(t: TestContext, handler: Handler): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "postrider-"));
  cleanUp(t, () => rm(folder, { recursive: true, force: true }));
  const path = socketPath(folder);
  await listening(t, createServer(quiet(handler)), { path });
  return path;
}

/** A port on which nothing listens: it was free a moment ago. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  server.close();
  await once(server, "close");
  return port;
}

/** The server's side of STARTTLS: answers the command, then shakes hands. */
export function answerStartTls(options: ServerTlsOptions, reply: string, handler: Handler = () => {}): Handler {
  return (socket) => {
    socket.once("data", () => {
      socket.write(reply);
      handler(quietly(new TLSSocket(socket, { ...options, isServer: true })));
    });
  };
}

/** Remembers all that a transport says. */
export class Recorder implements TransportListener {
  readonly #waiting = new Set<() => void>();
  text = "";
  drains = 0;
  readonly ends: (Error | undefined)[] = [];

  /** False behind the reply to STARTTLS. */
  received(chunk: Uint8Array): boolean {
    this.text += Buffer.from(chunk).toString("latin1");
    this.#wake();
    return !this.text.endsWith("220 ready\r\n");
  }
  drained(): void {
    this.drains += 1;
    this.#wake();
  }
  ended(error: Error | undefined): void {
    this.ends.push(error);
    this.#wake();
  }

  /** Resolves when it holds. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }
  untilText(text: string): Promise<void> {
    return this.until(() => this.text.includes(text));
  }
  async untilEnd(): Promise<Error | undefined> {
    await this.until(() => this.ends.length > 0);
    return this.ends[0];
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** A recorder on a transport that is destroyed when the test ends. */
export function record(t: TestContext, transport: Transport): Recorder {
  cleanUp(t, () => transport.destroy());
  const recorder = new Recorder();
  transport.listen(recorder);
  return recorder;
}

async function listening(
  t: TestContext,
  server: Server,
  where: { port: number; host: string } | { path: string },
): Promise<Server> {
  server.listen(where);
  await once(server, "listening");
  cleanUp(t, () => new Promise((resolve) => server.close(resolve)));
  return server;
}

const portOf = (server: Server): number => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
};

const quiet =
  (handler: Handler): Handler =>
  (socket) =>
    handler(quietly(socket));

/** A client that goes away is no error in these tests. */
const quietly = <S extends Socket>(socket: S): S => socket.on("error", () => {});

/**
 * A proxy for tests: a server that listens to a client's wish, leads it to where it may go, and records what was asked.
 */
import type { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";

export interface Place {
  readonly host: string;
  readonly port: number;
}

export interface TunnelOptions {
  /** Where a place that is asked for really is; default: there. Undefined: nowhere. */
  readonly route?: (place: Place) => Place | undefined;
  /** TLS from the first byte. */
  readonly tls?: TlsOptions;
}

/** One client of a proxy: `read` gives the next bytes, at least so many. */
export interface Visitor {
  readonly socket: Socket;
  read(count: number): Promise<Buffer>;
  readUntil(end: string): Promise<string>;
}

export class TunnelProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Connections that were taken. */
  visits = 0;

  constructor(options: TunnelOptions, receive: (socket: Socket, proxy: TunnelProxy) => Promise<void>) {
    const accept = (socket: Socket): void => {
      this.visits += 1;
      this.#keep(socket);
      // What goes wrong here, the client sees as a connection that ends.
      receive(socket, this).catch(() => socket.destroy());
    };
    this.#server =
      options.tls === undefined
        ? createServer(accept)
        : createTlsServer(options.tls, accept).on("tlsClientError", () => undefined);
  }

  async listen(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the proxy does not listen");
    return address.port;
  }

  /** Resolves when no connection is open, on either side. */
  async empty(): Promise<void> {
    const closing = (socket: Socket): Promise<void> => new Promise((resolve) => void socket.once("close", resolve));
    while (this.#sockets.size > 0) await Promise.all([...this.#sockets].map(closing));
  }

  /** A connection to the place. Rejects when there is no way. */
  async reach({ host, port }: Place): Promise<Socket> {
    const beyond = connect({ host, port });
    this.#keep(beyond);
    await once(beyond, "connect");
    return beyond;
  }

  /** From here on one end hears what the other says, and both share their fate. */
  join(one: Socket, other: Socket): void {
    one.pipe(other).pipe(one);
    one.on("close", (isBroken) => (isBroken ? other.destroy() : other.end()));
    other.on("close", (isBroken) => (isBroken ? one.destroy() : one.end()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
  }
}

/** Reads from a socket what a dialogue asks for, and leaves the rest in it. */
export function visitor(socket: Socket): Visitor {
  const read = async (count: number): Promise<Buffer> => {
    for (;;) {
      const bytes: Buffer | null = socket.read(count);
      if (bytes !== null) return bytes;
      if (socket.readableEnded || socket.destroyed) throw new Error("the client left");
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          socket.off("readable", wake).off("end", wake).off("close", wake);
          resolve();
        };
        socket.on("readable", wake).on("end", wake).on("close", wake);
      });
    }
  };
  const readUntil = async (end: string): Promise<string> => {
    let text = "";
    while (!text.endsWith(end)) text += (await read(1)).toString("latin1");
    return text;
  };
  return { socket, read, readUntil };
}

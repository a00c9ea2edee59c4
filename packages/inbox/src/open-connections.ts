/**
 * All connections of one side of the inbox, those within a TLS handshake too, so that closing it leaves none.
 */
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { closed } from "./listen.js";
import type { Identity } from "./smtp/self-signed.js";

/** A connection that can be ended from this side. */
interface Served {
  close(): void;
}

/** Makes servers whose connections are handed over, and ended together. */
export class OpenConnections {
  readonly #serve: (socket: Socket) => Served;
  readonly #connections = new Map<Socket, Served>();
  /** Sockets as they were accepted, whatever was put around them. */
  readonly #sockets = new Set<Socket>();

  /** @param serve begins the dialogue. */
  constructor(serve: (socket: Socket) => Served) {
    this.#serve = serve;
  }

  /** How many there are, with the one that is about to be served. */
  get size(): number {
    return this.#sockets.size;
  }

  /** @param identity for TLS from the first byte. */
  server(identity: Identity | undefined): Server {
    const serve = (socket: Socket): void => this.#begin(socket);
    const server = identity === undefined ? createServer(serve) : createTlsServer(identity, serve);
    // First of all: a socket has errors before anybody else listens for them, and counts before it is served.
    server.prependListener("connection", (socket: Socket) => {
      socket.on("error", () => undefined);
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    // A broken handshake harms nobody else.
    server.on("tlsClientError", () => undefined);
    return server;
  }

  /** Ends every connection, and resolves when the servers have let go of their ports. */
  async close(servers: readonly Server[]): Promise<void> {
    const done = servers.map(closed);
    for (const server of servers) server.close();
    for (const connection of [...this.#connections.values()]) connection.close();
    for (const socket of [...this.#sockets]) socket.destroy();
    await Promise.all(done);
  }

  #begin(socket: Socket): void {
    this.#connections.set(socket, this.#serve(socket));
    socket.once("close", () => this.#connections.delete(socket));
  }
}

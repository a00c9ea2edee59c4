/**
 * Drives a POP3 session over a socket: reads, writes while the client takes it, puts TLS around the socket after STLS, and ends a
 * connection that is idle.
 *
 * RFC 1939 §3 (autologout), RFC 2595 §4 (STLS).
 */
import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import { drained } from "../drained.js";
import { type Pop3Options, Pop3Session } from "./session.js";

export interface Pop3ConnectionParts {
  readonly session: Pop3Options;
  /** For STLS. */
  readonly secureContext: SecureContext | undefined;
  /** Without a whole command, or without anything taken by the client, for so long a connection is ended. */
  readonly idleMs: number;
}

export class Pop3Connection {
  readonly #session: Pop3Session;
  readonly #secureContext: SecureContext | undefined;
  readonly #idle: NodeJS.Timeout;
  #socket: Socket;
  #isBusy = false;

  /** Begins with the greeting. @param socket plain, or inside TLS from the first byte. */
  constructor(socket: Socket, { session, secureContext, idleMs }: Pop3ConnectionParts) {
    this.#session = new Pop3Session(session);
    this.#secureContext = secureContext;
    this.#socket = socket;
    // Without a word, and without deletions, as the RFC has it. The timer need not keep the program alive: the connection does.
    this.#idle = setTimeout(() => this.#socket.destroy(), idleMs).unref();
    socket.once("close", () => clearTimeout(this.#idle));
    this.#listen(socket);
    void this.#run();
  }

  /** Ends the connection; messages that are marked stay. */
  close(): void {
    this.#socket.destroy();
  }

  readonly #feed = (bytes: Uint8Array): void => {
    // Said after the end: read, so that the last response arrives, and dropped.
    if (this.#session.state === "closed") return;
    this.#session.receive(bytes);
    void this.#run();
  };

  #listen(socket: Socket): void {
    socket.on("error", () => undefined);
    socket.on("data", this.#feed);
    socket.setNoDelay(true);
  }

  async #run(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    // What comes in meanwhile waits in the socket, and the client with it.
    this.#socket.pause();
    try {
      await this.#workOff();
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error));
      this.#socket.destroy();
    }
    if (this.#socket.destroyed) return;
    if (this.#session.state === "closed") this.#socket.end();
    if (this.#session.state === "securing") this.#secure();
    this.#isBusy = false;
    this.#socket.resume();
  }

  async #workOff(): Promise<void> {
    for (let said = this.#session.next(); said !== undefined; said = this.#session.next()) {
      for (const piece of said) {
        if (this.#socket.destroyed) return;
        this.#idle.refresh();
        // SECURITY: a client that reads nothing must not fill the memory with messages.
        if (!this.#socket.write(piece)) await drained(this.#socket);
      }
    }
  }

  #secure(): void {
    const plain = this.#socket;
    plain.off("data", this.#feed);
    const context = this.#secureContext;
    const secure = new TLSSocket(plain, {
      isServer: true,
      ...(context === undefined ? {} : { secureContext: context }),
    });
    this.#socket = secure;
    secure.once("secure", () => this.#session.secured());
    this.#listen(secure);
  }
}

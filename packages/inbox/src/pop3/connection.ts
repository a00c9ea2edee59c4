/**
 * Drives a POP3 session over a socket: writes while the client takes it, and ends a connection that is idle.
 *
 * RFC 1939 §3 (autologout).
 */
import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import { drained } from "../drained.js";
import { SessionSocket } from "../session-socket.js";
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
  readonly #idle: NodeJS.Timeout;
  readonly #driven: SessionSocket;

  /** Begins with the greeting. @param socket plain, or inside TLS from the first byte. */
  constructor(socket: Socket, { session, secureContext, idleMs }: Pop3ConnectionParts) {
    this.#session = new Pop3Session(session);
    // Without a word, and without deletions, as the RFC has it. The timer need not keep the program alive: the connection does.
    this.#idle = setTimeout(() => this.close(), idleMs).unref();
    socket.once("close", () => clearTimeout(this.#idle));
    this.#driven = new SessionSocket(socket, this.#session, { secureContext, workOff: (now) => this.#workOff(now) });
  }

  /** Ends the connection; messages that are marked stay. */
  close(): void {
    this.#driven.socket.destroy();
  }

  async #workOff(socket: Socket): Promise<void> {
    for (let said = this.#session.next(); said !== undefined; said = this.#session.next()) {
      for (const piece of said) {
        if (socket.destroyed) return;
        this.#idle.refresh();
        // SECURITY: a client that reads nothing must not fill the memory with messages.
        if (!socket.write(piece)) await drained(socket);
      }
    }
  }
}

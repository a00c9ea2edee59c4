/**
 * Drives a server's session over a socket: asks what is said to each step, and writes it.
 */
import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import { drained } from "../drained.js";
import { SessionSocket } from "../session-socket.js";
import { ServerSession } from "./session.js";
import type { Asked, Overflow, Piece, Reply, SessionOptions } from "./session-types.js";

/** What is said to a step. Undefined: what the session says. `"hang up"`: nothing, and the connection ends. */
export type Answer = Reply | readonly Reply[] | "hang up" | undefined;

/**
 * Asked for each step, in order; while a promise is pending, nothing further is read. The answer to a piece is ignored. An error that it
 * throws, or rejects with, is a warning of the process, and ends the connection.
 */
export type Take = (step: Asked | Piece | Overflow, session: ServerSession) => Answer | Promise<Answer>;

/** How a connection is served. */
export interface ServeOptions {
  /** What the session offers. */
  readonly session?: SessionOptions | undefined;
  /** Key and certificate for STARTTLS, as `tls.createSecureContext()` makes it. Default: none, so do not offer it. */
  readonly secureContext?: SecureContext | undefined;
  /** Says what is answered. Default: what the session says, so every message is accepted and forgotten. */
  readonly take?: Take | undefined;
}

/**
 * One connection. A fault of the client's (reset, broken handshake) ends it, and nothing else.
 *
 * @example
 * createServer((socket) => new ServedConnection(socket, {
 *   take: (step) => (step.step === "rcpt" ? { code: 550, text: "5.1.1 Nobody here" } : undefined),
 * }));
 */
export class ServedConnection {
  /** The state of the dialogue. */
  readonly session: ServerSession;
  readonly #take: Take | undefined;
  readonly #driven: SessionSocket;
  /** Replies that are written together: a client that pipelines gets them in one piece. */
  #output = "";

  /** Begins with the greeting. @param socket plain, or inside TLS from the first byte. */
  constructor(socket: Socket, options: ServeOptions = {}) {
    this.session = new ServerSession(options.session);
    this.#take = options.take;
    const { secureContext } = options;
    this.#driven = new SessionSocket(socket, this.session, { secureContext, workOff: (now) => this.#workOff(now) });
  }

  /** Ends the connection: with a last reply, or without a word. */
  close(reply?: Reply): void {
    const { socket } = this.#driven;
    if (reply !== undefined && socket.writable && this.session.state === "open") {
      socket.write(`${reply.code} ${reply.text}\r\n`);
    }
    socket.destroy();
  }

  /** One step after the other. PERF: only a step that has to wait costs a turn of the event loop. */
  async #workOff(socket: Socket): Promise<void> {
    for (let step = this.session.next(); step !== undefined; step = this.session.next()) {
      const taken = this.#take?.(step, this.session);
      // What was answered before is not held up.
      if (isPromise(taken)) this.#flush(socket);
      const answer = isPromise(taken) ? await taken : taken;
      if (answer === "hang up") socket.destroy();
      if (socket.destroyed || answer === "hang up") return;
      if (step.step !== "piece" && step.step !== "overflow") this.#output += this.session.answer(answer);
    }
    this.#flush(socket);
    // SECURITY: a client that reads nothing must not fill the memory with replies.
    if (socket.writableNeedDrain) await drained(socket);
  }

  #flush(socket: Socket): void {
    if (this.#output !== "" && socket.writable) socket.write(this.#output);
    this.#output = "";
  }
}

function isPromise(value: Answer | Promise<Answer>): value is Promise<Answer> {
  return typeof value === "object" && "then" in value;
}

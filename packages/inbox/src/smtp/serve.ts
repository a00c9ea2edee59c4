/**
 * Drives a server's session over a socket: reads, asks what is said to each step, writes, and puts TLS around the socket after STARTTLS.
 *
 * RFC 3207 §4.
 */
import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import { drained } from "../drained.js";
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
  readonly #options: ServeOptions;
  #socket: Socket;
  /** Replies that are written together: a client that pipelines gets them in one piece. */
  #output = "";
  #isBusy = false;

  /** Begins with the greeting. @param socket plain, or inside TLS from the first byte. */
  constructor(socket: Socket, options: ServeOptions = {}) {
    this.#options = options;
    this.session = new ServerSession(options.session);
    this.#socket = socket;
    this.#listen(socket);
    void this.#run();
  }

  /** Ends the connection: with a last reply, or without a word. */
  close(reply?: Reply): void {
    if (reply !== undefined && this.#socket.writable && this.session.state === "open") {
      this.#socket.write(`${reply.code} ${reply.text}\r\n`);
    }
    this.#socket.destroy();
  }

  readonly #feed = (bytes: Uint8Array): void => {
    // Said after the end: read, so that the last reply arrives, and dropped.
    if (this.session.state === "closed") return;
    this.session.receive(bytes);
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
      // Of `take`, or a reply that none can be: a fault of one step ends its connection, and is told.
      process.emitWarning(error instanceof Error ? error : String(error));
      this.#socket.destroy();
    }
    if (this.#socket.destroyed) return;
    if (this.session.state === "closed") this.#socket.end();
    if (this.session.state === "securing") this.#secure();
    this.#isBusy = false;
    this.#socket.resume();
  }

  /** One step after the other. PERF: only a step that has to wait costs a turn of the event loop. */
  async #workOff(): Promise<void> {
    for (let step = this.session.next(); step !== undefined; step = this.session.next()) {
      const taken = this.#options.take?.(step, this.session);
      // What was answered before is not held up.
      if (isPromise(taken)) this.#flush();
      const answer = isPromise(taken) ? await taken : taken;
      if (answer === "hang up") this.#socket.destroy();
      if (this.#socket.destroyed || answer === "hang up") return;
      if (step.step !== "piece" && step.step !== "overflow") this.#output += this.session.answer(answer);
    }
    this.#flush();
    // SECURITY: a client that reads nothing must not fill the memory with replies.
    if (this.#socket.writableNeedDrain) await drained(this.#socket);
  }

  #flush(): void {
    if (this.#output !== "" && this.#socket.writable) this.#socket.write(this.#output);
    this.#output = "";
  }

  #secure(): void {
    const plain = this.#socket;
    plain.off("data", this.#feed);
    const { secureContext } = this.#options;
    const secure = new TLSSocket(plain, { isServer: true, ...(secureContext === undefined ? {} : { secureContext }) });
    this.#socket = secure;
    secure.once("secure", () => this.session.secured());
    this.#listen(secure);
  }
}

function isPromise(value: Answer | Promise<Answer>): value is Promise<Answer> {
  return typeof value === "object" && "then" in value;
}

/**
 * A session without I/O over a socket: what comes in waits while the last of it is worked off, TLS is put around the socket when the
 * session asks for it, and the end of the session is the end of the connection.
 *
 * RFC 3207 §4 (STARTTLS), RFC 2595 §4 (STLS).
 */
import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";

/** A session of any protocol. */
export interface SocketSession {
  /** `"securing"`: the TLS handshake comes next; `"closed"`: the connection is to be ended. */
  readonly state: string;
  /** Appends what has come in. */
  receive(bytes: Uint8Array): void;
  /** TLS is there. */
  secured(): void;
}

interface SessionSocketOptions {
  /** Key and certificate; undefined when the session offers no TLS. */
  readonly secureContext: SecureContext | undefined;
  /** Works off what the session can say, and writes it. What it throws, or rejects with, is a warning, and ends the connection. */
  readonly workOff: (socket: Socket) => Promise<void>;
}

export class SessionSocket {
  readonly #session: SocketSession;
  readonly #options: SessionSocketOptions;
  #socket: Socket;
  #isBusy = false;

  /** Begins at once. @param socket plain, or inside TLS from the first byte. */
  constructor(socket: Socket, session: SocketSession, options: SessionSocketOptions) {
    this.#session = session;
    this.#options = options;
    this.#socket = socket;
    this.#listen(socket);
    void this.#run();
  }

  /** As it is now: plain, or the TLS around it. */
  get socket(): Socket {
    return this.#socket;
  }

  readonly #feed = (bytes: Uint8Array): void => {
    // Said after the end: read, so that the last reply arrives, and dropped.
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
      await this.#options.workOff(this.#socket);
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

  #secure(): void {
    const plain = this.#socket;
    plain.off("data", this.#feed);
    const { secureContext } = this.#options;
    const secure = new TLSSocket(plain, { isServer: true, ...(secureContext === undefined ? {} : { secureContext }) });
    this.#socket = secure;
    secure.once("secure", () => this.#session.secured());
    this.#listen(secure);
  }
}

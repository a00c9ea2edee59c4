/**
 * The server's end of a connection, for a server that does not play by the rules; and the one that plays by them after it.
 */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { type SecureContext, TLSSocket } from "node:tls";
import { ByteInbox } from "../support/byte-inbox.js";
import { Machine } from "./machine.js";

/** More than any client may take, and little enough to be written in a moment. */
const FLOOD_BYTES = 48 << 20;

export class Peer {
  socket: Socket;
  /** Lines that came. */
  readonly lines: string[] = [];
  /** What was written of an endless stream before the client left. */
  flooded = 0;
  /** Settles when the client has left. */
  readonly left: Promise<void>;
  #inbox: ByteInbox = new ByteInbox();
  #markLeft: () => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    this.left = new Promise((resolve) => {
      this.#markLeft = resolve;
    });
    this.#watchEnd(socket);
    socket.on("error", () => undefined);
    this.#read();
  }

  #watchEnd(socket: Socket): void {
    socket.once("close", () => this.#markLeft());
    socket.once("end", () => {
      this.#markLeft();
      socket.end();
    });
  }

  #read(): void {
    const inbox = this.#inbox;
    this.socket.on("data", (bytes: Buffer) => inbox.push(bytes));
    this.socket.on("end", () => inbox.end()).on("close", () => inbox.end());
  }

  /** Lines, each with its CRLF, in one write. */
  say(...lines: readonly string[]): void {
    this.write(lines.map((line) => `${line}\r\n`).join(""));
  }

  write(data: string | Uint8Array): void {
    if (this.socket.writable) this.socket.write(data);
  }

  /** The next line of the client's; `""` when it has left. */
  async line(): Promise<string> {
    const line = (await this.#inbox.line())?.toString("utf8").trimEnd() ?? "";
    this.lines.push(line);
    return line;
  }

  /** Reads lines up to one that begins so, and answers those before it well. */
  async until(verb: string, ...extensions: readonly string[]): Promise<string> {
    for (;;) {
      const line = await this.line();
      if (line === "" || line.toUpperCase().startsWith(verb)) return line;
      if (/^(EHLO|LHLO)/i.test(line)) this.say(...ehlo(extensions));
      else if (/^DATA/i.test(line)) this.say("354 go on");
      else if (/^STARTTLS/i.test(line)) this.say("220 go ahead");
      else this.say("250 OK");
    }
  }

  /** The content of DATA, up to its dot. */
  async content(): Promise<void> {
    await this.#inbox.content();
  }

  /** Writes the same without end, as fast as the client takes it. */
  async flood(unit: string | Uint8Array): Promise<void> {
    const size = Buffer.byteLength(unit);
    const chunk = Buffer.alloc(Math.max(size, Math.floor(65_536 / size) * size), unit);
    while (this.flooded < FLOOD_BYTES && this.socket.writable) {
      this.flooded += chunk.length;
      if (!this.socket.write(chunk)) await Promise.race([once(this.socket, "drain").catch(() => undefined), this.left]);
      await turn();
    }
  }

  /** One byte in each turn of the event loop, until the client leaves. */
  async drip(data: Uint8Array | string): Promise<void> {
    const bytes = Buffer.from(data);
    for (let at = 0; this.socket.writable; at++) {
      this.write(bytes.subarray(at % bytes.length, (at % bytes.length) + 1));
      await turn();
    }
  }

  /** The last bytes, and FIN. */
  last(data: string): void {
    this.write(data);
    this.fin();
  }

  fin(): void {
    this.socket.end();
  }

  rst(): void {
    this.socket.resetAndDestroy();
  }

  /** Takes nothing more from the socket. */
  deaf(): void {
    this.socket.pause();
    this.socket.removeAllListeners("data");
  }

  /** Hears again, so that it sees the end. */
  hear(): void {
    this.socket.resume();
  }

  /** The server's side of a handshake, in place. */
  async secure(secureContext: SecureContext): Promise<void> {
    this.socket.removeAllListeners("data");
    const secure = new TLSSocket(this.socket, { isServer: true, secureContext });
    secure.on("error", () => this.#markLeft());
    this.#watchEnd(secure);
    this.socket = secure;
    this.#inbox = new ByteInbox();
    this.#read();
    await Promise.race([once(secure, "secure").catch(() => undefined), this.left]);
  }
}

export function ehlo(extensions: readonly string[]): string[] {
  const lines = ["hostile", ...extensions];
  return lines.map((line, index) => `250${index < lines.length - 1 ? "-" : " "}${line}`);
}

/** The first connection is the hostile one's; every other gets a server as it should be. */
export class HostileServer {
  readonly machines: Machine[] = [];
  readonly #server: Server;
  #peer: Peer | undefined;

  private constructor(play: (peer: Peer) => Promise<void> | void) {
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      if (this.#peer === undefined) {
        this.#peer = new Peer(socket);
        // What a script trips over is the client having left.
        void Promise.resolve(play(this.#peer)).catch(() => undefined);
        return;
      }
      const machine = new Machine({
        extensions: [],
        say: (bytes) => {
          if (socket.writable) socket.write(bytes);
        },
        leave: () => socket.end(),
      });
      this.machines.push(machine);
      socket.on("data", (bytes) => machine.take(bytes));
      socket.on("end", () => socket.end()).on("error", () => undefined);
      machine.greet();
    });
  }

  static async start(play: (peer: Peer) => Promise<void> | void): Promise<HostileServer> {
    const server = new HostileServer(play);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("not listening");
    return address.port;
  }

  get peer(): Peer {
    if (this.#peer === undefined) throw new Error("nobody has called");
    return this.#peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#peer?.socket.destroy();
    await closed;
  }
}

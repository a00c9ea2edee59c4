/**
 * An SMTP client in the raw: lines out, whole replies in.
 */
import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";

const WHOLE_REPLY = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\n/;

export class Dialogue {
  #socket: net.Socket;
  #buffer = "";
  #ended = false;
  #wake: () => void = () => {};

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.#listen();
  }

  static async open(where: number | string): Promise<Dialogue> {
    const socket = typeof where === "string" ? net.connect(where) : net.connect(where, "127.0.0.1");
    const dialogue = new Dialogue(socket);
    await dialogue.reply();
    return dialogue;
  }

  static async openTls(port: number, ca: string): Promise<Dialogue> {
    const dialogue = new Dialogue(tls.connect({ port, host: "127.0.0.1", ca, servername: "localhost" }));
    await dialogue.reply();
    return dialogue;
  }

  /** The next whole reply; what came of it, or "", when the connection ends. */
  async reply(): Promise<string> {
    for (;;) {
      const match = WHOLE_REPLY.exec(this.#buffer);
      if (match !== null) {
        this.#buffer = this.#buffer.slice(match[0].length);
        return match[0].trimEnd();
      }
      if (this.#ended) return this.#buffer;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async say(line: string): Promise<string> {
    this.write(`${line}\r\n`);
    return this.reply();
  }

  /** Says all lines, each after the reply to the one before; returns the replies. */
  async sayAll(...lines: readonly string[]): Promise<string[]> {
    const replies: string[] = [];
    for (const line of lines) replies.push(await this.say(line));
    return replies;
  }

  /** One transaction; returns the reply to its content. */
  async deliver(
    content: string,
    sender = "a@example.com",
    recipients: readonly string[] = ["b@example.com"],
  ): Promise<string> {
    await this.sayAll(`MAIL FROM:<${sender}>`, ...recipients.map((address) => `RCPT TO:<${address}>`), "DATA");
    this.write(`${content.replaceAll("\n", "\r\n")}\r\n.\r\n`);
    return this.reply();
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  async startTls(ca: string): Promise<string> {
    const ready = await this.say("STARTTLS");
    this.#socket.removeAllListeners();
    const secure = tls.connect({ socket: this.#socket, ca, servername: "localhost" });
    this.#socket = secure;
    this.#listen();
    await once(secure, "secureConnect");
    return ready;
  }

  /** Resolves when the connection is gone. */
  async closed(): Promise<void> {
    await gone(this.#socket);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    this.#socket.setEncoding("utf8");
    this.#socket.on("data", (text: string) => {
      this.#buffer += text;
      this.#wake();
    });
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }
}

/** Resolves when the socket is closed, by an error or in peace. */
export async function gone(socket: net.Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
}

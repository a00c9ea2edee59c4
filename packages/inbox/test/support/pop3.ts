/**
 * Two ways to talk POP3: to a session alone, its bytes cut in several ways, and to a server over a socket.
 */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import type { MailSource } from "../../src/pop3/maildrop.js";
import { type Pop3Options, type Pop3Response, Pop3Session } from "../../src/pop3/session.js";
import type { Cut } from "./played.js";

/** A mailbox in memory; `removed` is what QUIT deleted. */
export class Mails implements MailSource {
  readonly removed: string[] = [];
  readonly #mails: Map<string, Uint8Array>;

  constructor(mails: Readonly<Record<string, string>>) {
    this.#mails = new Map(Object.entries(mails).map(([id, text]) => [id, Buffer.from(text, "latin1")]));
  }

  list(): { id: string; size: number }[] {
    return Array.from(this.#mails, ([id, { length: size }]) => ({ id, size }));
  }

  read(id: string): Uint8Array | undefined {
    return this.#mails.get(id);
  }

  remove(ids: readonly string[]): void {
    this.removed.push(...ids);
    for (const id of ids) this.#mails.delete(id);
  }
}

export function sessionOf(source: MailSource, options: Partial<Pop3Options> = {}): Pop3Session {
  const nonce = (): string => "<1@localhost>";
  return new Pop3Session({ secure: false, startTls: false, open: () => source, nonce, ...options });
}

/** All that a session says to these lines. */
export function said(session: Pop3Session, text: string, cut: Cut = "whole"): string {
  let all = hear(session);
  const pieces = cut === "whole" ? [text] : cut === "by line" ? text.split(/(?<=\n)/) : text.split("");
  for (const piece of pieces) {
    session.receive(Buffer.from(piece, "latin1"));
    all += hear(session);
  }
  return all;
}

function hear(session: Pop3Session): string {
  let all = "";
  for (let one = session.next(); one !== undefined; one = session.next()) all += textOf(one);
  return all;
}

export function textOf(response: Pop3Response): string {
  return Array.from(response, (piece) =>
    typeof piece === "string" ? piece : Buffer.from(piece).toString("latin1"),
  ).join("");
}

/** A POP3 client in the raw. */
export class Pop3Dialogue {
  socket: net.Socket;
  #buffer = "";
  #ended = false;
  #wake: () => void = () => {};

  constructor(socket: net.Socket) {
    this.socket = socket;
    this.#listen();
  }

  static async open(port: number): Promise<Pop3Dialogue> {
    const dialogue = new Pop3Dialogue(net.connect(port, "127.0.0.1"));
    await dialogue.line();
    return dialogue;
  }

  static async openTls(port: number, ca: string): Promise<Pop3Dialogue> {
    const dialogue = new Pop3Dialogue(tls.connect({ port, host: "127.0.0.1", ca, servername: "localhost" }));
    await dialogue.line();
    return dialogue;
  }

  /** The next line; "" when the connection ends. */
  line(): Promise<string> {
    return this.#until("\r\n");
  }

  async say(line: string): Promise<string> {
    this.socket.write(`${line}\r\n`);
    return this.line();
  }

  /** A response of several lines, without its first line and the last dot. */
  async sayForLines(line: string): Promise<string> {
    const first = await this.say(line);
    return first.startsWith("+OK") ? (await this.#until("\r\n.\r\n", "\r\n")).slice(2) : first;
  }

  async logIn(name: string, password = "x"): Promise<string> {
    await this.say(`USER ${name}`);
    return this.say(`PASS ${password}`);
  }

  async startTls(ca: string): Promise<void> {
    await this.say("STLS");
    this.socket.removeAllListeners();
    const secure = tls.connect({ socket: this.socket, ca, servername: "localhost" });
    this.socket = secure;
    this.#listen();
    await once(secure, "secureConnect");
  }

  /** Resolves when the server has ended the connection, with what it has said. */
  async closed(): Promise<string> {
    while (!this.#ended) await this.#woken();
    return this.#buffer;
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** @param before stands in front of what is looked through. */
  async #until(end: string, before = ""): Promise<string> {
    this.#buffer = before + this.#buffer;
    for (;;) {
      const at = this.#buffer.indexOf(end);
      if (at !== -1) {
        const text = this.#buffer.slice(0, at);
        this.#buffer = this.#buffer.slice(at + end.length);
        return text;
      }
      if (this.#ended) return this.#buffer.slice(before.length);
      await this.#woken();
    }
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #listen(): void {
    this.socket.setEncoding("latin1");
    this.socket.on("data", (text: string) => {
      this.#buffer += text;
      this.#wake();
    });
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }
}

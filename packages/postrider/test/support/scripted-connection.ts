/**
 * One connection of the scripted server: it records what comes and answers by the script. It asserts nothing.
 *
 * RFC 5321 §4.1 (commands), RFC 3030 (BDAT), RFC 2033 (LMTP).
 */
import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { createServer, type TlsOptions as ServerTlsOptions, type TLSSocket } from "node:tls";
import { type Temper, takeBehind } from "../model/temper.js";
import { ByteInbox } from "./byte-inbox.js";
import { type Answer, cut, type Reply, type Script, type ScriptedCommand, type Segments } from "./script.js";

/**
 * The client runs in this process: the first turn may end before the loop polls, after the second it has read.
 * QUIRK: Deno polls once in 61 turns.
 */
const TURNS_TO_READ = "Deno" in globalThis ? 62 : 2;

/** A message as it came. */
export interface ScriptedMessage {
  /** The MAIL line; undefined when there was none. */
  readonly mail: string | undefined;
  /** The RCPT lines that got a 2yz. */
  readonly recipients: readonly string[];
  /** As on the wire: after DATA with dots doubled, without the dot that ends it. */
  readonly raw: Buffer;
  /** Dots undone, read as UTF-8. */
  readonly text: string;
}

export interface ConnectionSetup {
  readonly script: Script;
  readonly tls: ServerTlsOptions | undefined;
  readonly segments: Segments;
  readonly lmtp: boolean;
  readonly temper: Temper;
  /** A script's function threw. */
  readonly failed: (error: unknown) => void;
}

export class ScriptedConnection {
  /** Every line but those of contents, without its line end; answers to a question included. */
  readonly lines: string[] = [];
  /** The verbs of the commands, in upper case. */
  readonly verbs: string[] = [];
  /** Every segment that arrived, TLS removed: as many as the client made writes, when it waits between them. */
  readonly chunks: Buffer[] = [];
  readonly messages: ScriptedMessage[] = [];
  readonly remoteAddress: string | undefined;
  /** Settles when the client's end of the socket is gone: FIN, RST or an error. */
  readonly ended: Promise<void>;
  /** Why the handshake failed, when it did. */
  handshakeError: Error | undefined;
  isSecure = false;

  readonly #raw: Socket;
  readonly #setup: ConnectionSetup;
  #socket: Socket;
  #inbox: ByteInbox = new ByteInbox();
  #mail: string | undefined;
  #recipients: string[] = [];
  #chunked: Buffer[] = [];
  /** Refusals since the last message. */
  #errors = 0;
  #stopped = false;
  #hasEnded = false;
  #markEnded: () => void = () => {};
  #watchers: { readonly verb: string; count: number; readonly resolve: () => void }[] = [];
  readonly #seen: string[] = [];

  constructor(socket: Socket, setup: ConnectionSetup) {
    this.#raw = socket;
    this.#socket = socket;
    this.#setup = setup;
    this.remoteAddress = socket.remoteAddress;
    this.ended = new Promise((resolve) => {
      this.#markEnded = () => {
        this.#hasEnded = true;
        resolve();
      };
    });
    this.#read(socket);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Number of bytes that came so far, TLS removed. */
  get byteCount(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** All bytes that came so far, TLS removed. */
  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  /** Settles when the command (or `CONTENT`) came for the nth time, counted from the start. */
  saw(verb: string, count: number = 1): Promise<void> {
    const seen = this.#seen.filter((one) => one === verb).length;
    if (seen >= count) return Promise.resolve();
    return new Promise((resolve) => this.#watchers.push({ verb, count: count - seen, resolve }));
  }

  /** Plays an answer without having been asked. */
  async send(answer: Answer): Promise<void> {
    if (typeof answer === "string") return this.#write([Buffer.from(`${answer}\r\n`)]);
    if (!("kind" in answer)) return this.#write([Buffer.from(answer.map((line) => `${line}\r\n`).join(""))]);
    switch (answer.kind) {
      case "bytes":
        return this.#write(answer.segments.map((one) => (typeof one === "string" ? Buffer.from(one) : one)));
      case "all":
        for (const one of answer.answers) await this.send(one);
        return;
      case "ask":
        return this.#ask(answer.question, answer.next);
      case "handshake":
        return this.#handshake();
      case "close":
        this.#stopped = true;
        this.#socket.end();
        return;
      case "reset":
        this.destroy();
        return;
      case "mute":
        this.#stopped = true;
        return;
      case "silence":
    }
  }

  destroy(): void {
    this.#stopped = true;
    if (this.#raw.destroyed) return;
    // A Unix socket knows no RST, and libuv refuses one while a FIN is on its way: the handle would stay for ever.
    if (this.remoteAddress === undefined || this.#socket.writableEnded) this.#raw.destroy();
    else this.#raw.resetAndDestroy();
    this.#socket.destroy();
    this.#inbox.end();
    this.#markEnded();
  }

  /** Runs the script until the connection ends. */
  async run(implicitTls: boolean): Promise<void> {
    try {
      if (implicitTls) await this.#handshake();
      if (!this.#stopped) await this.#answer(plain("GREETING"));
      while (!this.#stopped) {
        const line = await this.#line();
        if (line === undefined) return;
        if (this.#errors >= (this.#setup.temper.errorLimit ?? Number.POSITIVE_INFINITY))
          return await this.#endWith421();
        await this.#command(line);
      }
    } catch (error) {
      this.#setup.failed(error);
      this.destroy();
    }
  }

  async #endWith421(): Promise<void> {
    await this.send("421 too many errors");
    await this.send({ kind: "close" });
  }

  async #command(line: string): Promise<void> {
    const [verb = ""] = line.split(" ", 1);
    const command = { verb: verb.toUpperCase(), line, argument: line.slice(verb.length + 1) };
    this.#note(command);
    if (command.verb === "BDAT") return this.#takeChunk(command);
    const code = await this.#answer(command);
    if (command.verb === "MAIL" && code === "2") this.#mail = line;
    if (command.verb === "RCPT" && code === "2") this.#recipients.push(line);
    if (["RSET", "EHLO", "HELO", "LHLO"].includes(command.verb)) this.#forget();
    if (command.verb === "DATA" && code === "3") await this.#takeContent();
  }

  async #takeContent(): Promise<void> {
    const raw = await this.#inbox.content();
    if (raw === undefined) return;
    await this.#took(raw, Buffer.from(raw.toString("latin1").replace(/^\./gm, ""), "latin1"));
  }

  async #takeChunk(command: ScriptedCommand): Promise<void> {
    if (this.#setup.temper.runsChunks && this.#recipients.length === 0)
      return void (await this.#answer({ ...command, verb: "BDAT without recipients" }));
    const [size = "", last] = command.argument.split(" ");
    const chunk = await this.#inbox.count(Number(size));
    if (chunk === undefined) return;
    this.#chunked.push(chunk);
    if (last?.toUpperCase() !== "LAST") await this.#answer(command);
    else await this.#took(Buffer.concat(this.#chunked), Buffer.concat(this.#chunked), command);
  }

  async #took(raw: Buffer, content: Buffer, last?: ScriptedCommand): Promise<void> {
    const recipients = this.#recipients;
    this.messages.push({ mail: this.#mail, recipients, raw, text: content.toString("utf8") });
    this.#forget();
    const asked = last !== undefined && this.#setup.script.replies?.BDAT !== undefined ? last : plain("CONTENT");
    this.#note(plain("CONTENT"));
    this.#errors = 0;
    if (!this.#setup.lmtp) await this.#answer(asked);
    else for (const recipient of recipients) await this.#answer({ ...asked, recipient });
  }

  #forget(): void {
    this.#mail = undefined;
    this.#recipients = [];
    this.#chunked = [];
  }

  /** Answers, and tells the first digit of what was said. */
  async #answer(command: ScriptedCommand): Promise<string | undefined> {
    const { replies } = this.#setup.script;
    const found = replies?.[command.verb] ?? DEFAULTS[command.verb] ?? replies?.["*"] ?? "500 unknown command";
    const reply: Reply = found === EXTENSIONS ? this.#extensions() : found;
    const answer = typeof reply === "function" ? await reply(command, this) : reply;
    if (command.verb === "CONTENT" && this.#setup.temper.behind !== "takes") return this.#judge(answer);
    await this.send(answer);
    const digit = firstDigit(answer);
    if (digit === "4" || digit === "5") this.#errors++;
    return digit;
  }

  /** A verdict on content that came by DATA, and what becomes of commands that came before it. */
  async #judge(answer: Answer): Promise<string | undefined> {
    // What the client wrote in one go may come in several pieces.
    for (let turns = 0; turns < TURNS_TO_READ; turns++) await turn();
    const { replies, rest, isTooMuch } = takeBehind(this.#setup.temper, this.#inbox.pending);
    this.#inbox.replace(rest);
    await this.send(isTooMuch ? { kind: "close" } : answer);
    if (replies !== "") await this.#write([Buffer.from(replies)]);
    return firstDigit(answer);
  }

  #extensions(): Answer {
    const { extensions = [] } = this.#setup.script;
    const lines = ["fake", ...(typeof extensions === "function" ? extensions(this) : extensions)];
    return lines.map((line, index) => `250${index === lines.length - 1 ? " " : "-"}${line}`);
  }

  async #ask(question: Answer, next: (line: string) => Answer | Promise<Answer>): Promise<void> {
    await this.send(question);
    const line = await this.#line();
    if (line !== undefined) await this.send(await next(line));
  }

  async #line(): Promise<string | undefined> {
    const line = await this.#inbox.line();
    if (line === undefined) return undefined;
    const text = line.toString("utf8").replace(/\r?\n$/, "");
    this.lines.push(text);
    return text;
  }

  #note(command: ScriptedCommand): void {
    this.#seen.push(command.verb);
    if (command.verb !== "CONTENT") this.verbs.push(command.verb);
    for (const watcher of this.#watchers) {
      if (watcher.verb !== command.verb) continue;
      watcher.count -= 1;
      if (watcher.count === 0) watcher.resolve();
    }
  }

  async #write(segments: readonly Uint8Array[]): Promise<void> {
    for (const segment of segments.flatMap((one) => cut(one, this.#setup.segments))) {
      if (this.#socket.destroyed || this.#socket.writableEnded) return;
      await new Promise<void>((resolve) => this.#socket.write(segment, () => resolve()));
      for (let turns = 0; turns < TURNS_TO_READ; turns++) await turn();
    }
  }

  async #handshake(): Promise<void> {
    for (const event of ["data", "end", "close"]) this.#raw.removeAllListeners(event);
    // What came before the handshake in clear text is recorded, and goes nowhere.
    const before = this.#inbox.pending;
    if (before.length > 0) this.lines.push(`clear text before TLS: ${before.toString("latin1")}`);
    this.#inbox = new ByteInbox();
    try {
      this.#socket = await this.#secured();
      this.#read(this.#socket);
      this.isSecure = true;
    } catch (error) {
      this.handshakeError = error instanceof Error ? error : new Error(String(error));
      this.#stopped = true;
      this.#markEnded();
    }
  }

  // A TLS server that listens nowhere: it also checks the client's certificate, which a TLSSocket alone does not.
  #secured(): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      // A client that leaves half way is seen only when its FIN closes the server's side too.
      this.#raw.allowHalfOpen = false;
      const server = createServer({ ...this.#setup.tls }, resolve);
      server.on("tlsClientError", reject);
      this.#raw.once("close", () => reject(new Error("the client left during the handshake")));
      server.emit("connection", this.#raw);
    });
  }

  #read(socket: Socket): void {
    const inbox = this.#inbox;
    const over = (): void => {
      inbox.end();
      this.#markEnded();
      // The server has its half open until here; a script that went silent does not hold the socket.
      if (!socket.writableEnded && !socket.destroyed) socket.end();
    };
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.chunks.push(chunk);
      inbox.push(chunk);
    });
    socket.on("end", over).on("close", over).on("error", over);
  }
}

const EXTENSIONS = "extensions";

/** A server that accepts every command. */
const DEFAULTS: Readonly<Record<string, Reply>> = {
  GREETING: "220 fake ESMTP",
  EHLO: EXTENSIONS,
  LHLO: EXTENSIONS,
  HELO: "250 fake",
  MAIL: "250 OK",
  RCPT: "250 OK",
  RSET: "250 OK",
  NOOP: "250 OK",
  DATA: "354 go on",
  BDAT: "250 OK",
  "BDAT without recipients": "503 RCPT first",
  CONTENT: "250 OK",
  STARTTLS: { kind: "all", answers: ["220 go on", { kind: "handshake" }] },
  QUIT: { kind: "all", answers: ["221 bye", { kind: "close" }] },
};

const plain = (verb: string): ScriptedCommand => ({ verb, line: "", argument: "" });

function firstDigit(answer: Answer): string | undefined {
  if (typeof answer === "string") return answer[0];
  if (!("kind" in answer)) return answer[0]?.[0];
  if (answer.kind === "all") return answer.answers.map(firstDigit).find((digit) => digit !== undefined);
  if (answer.kind !== "bytes") return undefined;
  return Buffer.concat(answer.segments.map((one) => Buffer.from(one))).toString("latin1")[0];
}

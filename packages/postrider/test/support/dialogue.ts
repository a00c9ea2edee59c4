/**
 * Dialogues as data: text files that say what goes over the wire and what comes of it.
 *
 *     # a comment
 *     OPTIONS {"username":"tim"}            connection options beside host and port; several lines add up
 *     SEND {"recipients":["b@x.y"]}         one send; several go out at once, in the order of the lines
 *     CONTENT "Subject: x\r\n\r\nx\r\n"     the raw message of the SEND before it, as JSON
 *     S: 220 hello                          a line of the server's
 *     C: EHLO client.example                a line of the client's, exactly
 *     C! MAIL FROM:<a@x.y>                  the same, and the client must have written it with the lines before in one write
 *     RESULT {"accepted":["b@x.y"]}         what becomes of the SEND of the same rank: all that is named must be so
 *
 * The server plays its lines as soon as the client's before them have come; the end of the file is the end of the session.
 */

import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { cut, type Segments } from "./script.js";

export interface DialogueSend {
  readonly delivery: Record<string, unknown>;
  readonly content: string;
  readonly result: Record<string, unknown>;
}

/** A run of lines of one side. */
export interface DialogueTurn {
  readonly side: "C" | "S";
  readonly text: string;
  /** The client's: groups of lines, each to come in one write. */
  readonly writes: readonly string[];
}

export interface Dialogue {
  readonly name: string;
  readonly options: Record<string, unknown>;
  readonly sends: readonly DialogueSend[];
  readonly turns: readonly DialogueTurn[];
}

/** The folder of the package, from wherever the compiled file lies. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}

/** @throws Error that names file and line, for a line that is none of the format. */
export function readDialogue(folder: string, name: string): Dialogue {
  const options: Record<string, unknown> = {};
  const sends: DialogueSend[] = [];
  const results: Record<string, unknown>[] = [];
  const turns: { side: "C" | "S"; text: string; writes: string[] }[] = [];
  const lines = readFileSync(join(folder, name), "utf8").split("\n");
  for (const [index, line] of lines.entries()) {
    const [, word = "", rest = ""] = /^(OPTIONS|SEND|CONTENT|RESULT|[SC]:|C!)(?: (.*))?$/.exec(line) ?? [];
    if (word === "" && line.trim() !== "" && !line.startsWith("#")) throw new Error(`${name}:${index + 1}: ${line}`);
    const last = sends.at(-1);
    if (word === "OPTIONS") Object.assign(options, JSON.parse(rest));
    else if (word === "SEND") sends.push({ delivery: JSON.parse(rest), content: "", result: {} });
    else if (word === "CONTENT" && last !== undefined) sends[sends.length - 1] = { ...last, content: JSON.parse(rest) };
    else if (word === "RESULT") results.push(JSON.parse(rest));
    else if (word !== "") addLine(turns, word, rest);
  }
  return { name, options, sends: sends.map((one, rank) => ({ ...one, result: results[rank] ?? {} })), turns };
}

function addLine(turns: { side: "C" | "S"; text: string; writes: string[] }[], word: string, rest: string): void {
  const side = word.startsWith("C") ? "C" : "S";
  if (turns.at(-1)?.side !== side) turns.push({ side, text: "", writes: [] });
  const last = turns.at(-1);
  if (last === undefined) return;
  last.text += `${rest}\r\n`;
  const joined = word === "C!" ? (last.writes.pop() ?? "") : "";
  last.writes.push(`${joined}${rest}\r\n`);
}

/** Plays the server's half of a dialogue to one client. */
export class DialogueServer {
  /** All that the client wrote. */
  received: Buffer = Buffer.alloc(0);
  /** Where each of the client's writes ended, in `received`. */
  readonly writeEnds: number[] = [];
  /** Settles when the client has left. */
  readonly over: Promise<void>;
  readonly #dialogue: Dialogue;
  readonly #expected: Buffer;
  readonly #segments: Segments;
  readonly #server: Server;
  #socket: Socket | undefined;
  #hasLeft: () => void = () => {};
  #wake: () => void = () => {};
  #ended = false;

  private constructor(dialogue: Dialogue, segments: Segments) {
    this.#dialogue = dialogue;
    this.#expected = Buffer.from(dialogue.turns.map(({ side, text }) => (side === "C" ? text : "")).join(""));
    this.#segments = segments;
    this.over = new Promise((resolve) => {
      this.#hasLeft = resolve;
    });
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  static async start(dialogue: Dialogue, segments: Segments): Promise<DialogueServer> {
    const server = new DialogueServer(dialogue, segments);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("not listening");
    return address.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#socket?.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    this.#socket = socket;
    const end = (): void => {
      this.#ended = true;
      this.#wake();
      this.#hasLeft();
      socket.end();
    };
    socket.on("data", (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.writeEnds.push(this.received.length);
      // A client off the script is left at once; what it wrote tells the rest.
      if (!this.#expected.subarray(0, this.received.length).equals(this.received)) socket.destroy();
      this.#wake();
    });
    socket.on("end", end).on("close", end).on("error", end);
    void this.#play(socket);
  }

  async #play(socket: Socket): Promise<void> {
    let expected = 0;
    for (const { side, text } of this.#dialogue.turns) {
      if (side === "C") {
        expected += Buffer.byteLength(text);
        while (this.received.length < expected && !this.#ended) await this.#more();
      } else {
        for (const segment of cut(Buffer.from(text), this.#segments)) {
          if (socket.writableEnded || socket.destroyed) return;
          await new Promise<void>((resolve) => socket.write(segment, () => resolve()));
          // The first turn may end before the loop polls; after the second the client has read the segment alone.
          await turn();
          await turn();
        }
      }
      if (this.#ended) return;
    }
    socket.end();
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Cuts at places that follow from the seed alone. */
export function randomCuts(seed: number): Segments {
  let state = seed >>> 0;
  // Mulberry32: small, and the same everywhere.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return (data) => {
    const pieces: Uint8Array[] = [];
    for (let start = 0; start < data.length; ) {
      const end = Math.min(data.length, start + 1 + Math.floor(next() ** 3 * 40));
      pieces.push(data.subarray(start, end));
      start = end;
    }
    return pieces;
  };
}

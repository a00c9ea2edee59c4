/**
 * An SMTP server that answers as a test says, and remembers what it was told.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";

/** A reply, `"close"` to hang up instead, or undefined for the usual one. */
export type Answer = string | "close" | undefined;

export interface Script {
  readonly greeting?: string | undefined;
  /** Lines of EHLO after the first. */
  readonly extensions?: readonly string[] | undefined;
  /** Asked for each command line; `"."` is the end of the content. */
  readonly answer?: ((line: string) => Answer | Promise<Answer>) | undefined;
}

export interface Received {
  readonly sender: string;
  readonly recipients: readonly string[];
  /** With LF for line ends, dots unstuffed. */
  readonly content: string;
}

export class ScriptedServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #script: Script;
  /** Command lines, without content. */
  readonly lines: string[] = [];
  /** Messages answered with a 2yz, or whose answer was to hang up. */
  readonly messages: Received[] = [];

  private constructor(script: Script) {
    this.#script = script;
    this.#server = createServer((socket) => void this.#serve(socket));
  }

  /** Listens on a free port of this machine until the test is over. */
  static async start(t: TestContext, script: Script = {}): Promise<ScriptedServer> {
    const one = new ScriptedServer(script);
    one.#server.listen(0, "127.0.0.1");
    await once(one.#server, "listening");
    t.after(() => {
      for (const socket of one.#sockets) socket.destroy();
      one.#server.close();
    });
    return one;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #serve(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
    socket.write(`${this.#script.greeting ?? "220 scripted"}\r\n`);
    const session = { sender: "", recipients: [] as string[], content: undefined as string[] | undefined };
    for await (const line of linesOf(socket)) {
      if (session.content === undefined) {
        this.lines.push(line);
      } else if (line !== ".") {
        session.content.push(line.replace(/^\./, ""));
        continue;
      }
      const answer = (await this.#script.answer?.(line)) ?? this.#usual(line);
      this.#note(line, answer, session);
      if (answer === "close") return void socket.destroy();
      socket.write(`${answer}\r\n`);
      if (answer.startsWith("221")) socket.end();
    }
  }

  #usual(line: string): string {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === "EHLO")
      return ["scripted", ...(this.#script.extensions ?? [])]
        .map((text, index, all) => `250${index === all.length - 1 ? " " : "-"}${text}`)
        .join("\r\n");
    if (verb === "DATA") return "354 go on";
    if (verb === "QUIT") return "221 bye";
    return "250 ok";
  }

  #note(
    line: string,
    answer: string,
    session: { sender: string; recipients: string[]; content: string[] | undefined },
  ): void {
    const isPositive = answer.startsWith("2");
    const address = /<(.*?)>/.exec(line)?.[1] ?? "";
    if (line === "." && session.content !== undefined) {
      if (isPositive || answer === "close") {
        this.messages.push({
          sender: session.sender,
          recipients: session.recipients,
          content: session.content.join("\n"),
        });
      }
      session.content = undefined;
    } else if (/^MAIL/i.test(line) && isPositive) {
      session.sender = address;
      session.recipients = [];
    } else if (/^RCPT/i.test(line) && isPositive) {
      session.recipients.push(address);
    } else if (answer.startsWith("354")) {
      session.content = [];
    }
  }
}

async function* linesOf(socket: Socket): AsyncGenerator<string> {
  let rest = "";
  try {
    for await (const piece of socket.setEncoding("utf8")) {
      const lines = (rest + String(piece)).split("\r\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch {
    // A client that was killed.
  }
}

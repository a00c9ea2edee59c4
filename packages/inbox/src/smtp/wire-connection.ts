/**
 * smtp-server's connection with some of its manners changed: it greets at once, it takes addresses as they are, it keeps the
 * rules of the inbox, and it says what to do where a client would fail or wait without knowing why.
 *
 * RFC 5321 §4.1.2 (form of a path), RFC 6531 (UTF-8 in it).
 */
import type { Socket } from "node:net";
import type { SMTPServer } from "smtp-server";
import { SMTPConnection, type SMTPConnectionOptions } from "smtp-server/lib/smtp-connection.js";
import type { SMTPStream } from "smtp-server/lib/smtp-stream.js";
import { BareLineEnds } from "./bare-line-ends.js";
import { exactText } from "./rule-reply.js";
import type { DropPhase, RuleBook } from "./rules.js";

/** Four times what RFC 5321 §4.5.3.1.3 asks for; it bounds what a list of recipients can cost. */
const MAX_PATH_LENGTH = 1024;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
// Stands in for the address while smtp-server reads the parameters behind it.
const PLACEHOLDER = "<placeholder@localhost>";

type ParsedCommand = ReturnType<SMTPConnection["_parseAddressCommand"]>;

const PHASES: Readonly<Record<string, DropPhase>> = {
  HELO: "hello",
  EHLO: "hello",
  LHLO: "hello",
  STARTTLS: "tls",
  AUTH: "auth",
  MAIL: "mail",
  RCPT: "rcpt",
  DATA: "data",
  QUIT: "quit",
};

/** Answers to commands that this inbox does not offer, by their verb. */
const NOT_OFFERED: Readonly<Record<string, string>> = {
  AUTH: '5.5.1 This inbox has no AUTH: start it with --auth any (option auth: "any"), or send without user name and password',
  STARTTLS: '5.5.1 This inbox has no TLS: start it with --tls starttls (option tls: "starttls"), or send without TLS',
};
const BARE_LINE_ENDS =
  "5.5.2 Lines must end with CRLF. This client ends them with CR or LF alone, so nobody can tell where its message ends; it was not taken";
const NO_TLS =
  '4.7.0 This port has no TLS from the first byte: start the inbox with --tls implicit (option tls: "implicit")';
/** How the first record of a TLS client begins: a handshake of any version. */
const TLS_HANDSHAKE = [0x16, 0x03];

export class WireConnection extends SMTPConnection {
  readonly #rules: RuleBook;

  constructor(server: SMTPServer, socket: Socket, options: SMTPConnectionOptions | undefined, rules: RuleBook) {
    super(server, socket, options);
    this.#rules = rules;
  }

  // PERF: smtp-server waits 100 ms before each greeting to catch spammers; on loopback there are none, and tests connect often.
  override init(): void {
    if (this.#rules.dropsAfter("connect")) this.cut();
    else this._setListeners(() => this.afterDelay(() => this.connectionReady()));
  }

  /** Runs a step when the delay of the rules is over, unless the connection has gone by then. */
  afterDelay(step: () => void): void {
    const ms = this.#rules.delayMs;
    if (ms === 0) return step();
    // It need not keep the program alive: the connection does.
    setTimeout(() => this._socket.destroyed || step(), ms).unref();
  }

  /** Ends the connection without a word. */
  cut(): void {
    this._server.connections.delete(this);
    this._socket.destroy();
  }

  override _onCommand(command: Buffer, callback?: () => void): void {
    // A line of a login that has begun is no command.
    const phase = this._nextHandler === false ? PHASES[verbOf(command)] : undefined;
    if (phase !== undefined && this.#rules.dropsAfter(phase)) return this.cut();
    const advice = this._nextHandler === false ? this.#adviceFor(verbOf(command)) : undefined;
    this.afterDelay(() => {
      if (advice === undefined) return super._onCommand(command, callback);
      super.send(502, advice, false);
      if (callback !== undefined) setImmediate(callback);
    });
  }

  // QUIRK: smtp-server waits for the end of a message for as long as the client is silent; a client that has sent its own
  // idea of an end is silent too.
  override _createParser(): SMTPStream {
    const parser = super._createParser();
    const startDataMode = parser.startDataMode.bind(parser);
    const write = parser._write.bind(parser);
    let lineEnds = new BareLineEnds();
    let isFirst = true;
    parser.startDataMode = (maxBytes) => {
      lineEnds = new BareLineEnds();
      return startDataMode(maxBytes);
    };
    parser._write = (chunk, encoding, next) => {
      const refusal = parser._dataMode
        ? lineEnds.findIn(chunk) && ([521, BARE_LINE_ENDS] as const)
        : isFirst && TLS_HANDSHAKE.every((byte, index) => chunk[index] === byte) && ([421, NO_TLS] as const);
      isFirst = false;
      if (refusal === false) return write(chunk, encoding, next);
      super.send(refusal[0], refusal[1], false);
      this.close();
      next();
    };
    return parser;
  }

  #adviceFor(verb: string): string | undefined {
    return this._server.options.disabledCommands?.includes(verb) === true ? NOT_OFFERED[verb] : undefined;
  }

  // QUIRK: smtp-server puts an enhanced status code of its own in front of every text; a rule's reply is said as it is.
  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    const exact = exactText(data);
    if (exact === undefined) super.send(code, data, context);
    else super.send(code, exact, false);
  }

  // QUIRK: smtp-server turns A-labels into Unicode and refuses quoted local parts that hold "@" or a space. Here the
  // envelope must show what the client sent, so the path is read apart and only the parameters are left to it.
  override _parseAddressCommand(name: string, command: Buffer | string): ParsedCommand {
    const line = command.toString();
    const colon = line.indexOf(":");
    const rest = line.slice(colon + 1).trimStart();
    const end = endOfPath(rest);
    if (colon === -1 || end === undefined) return false;
    const address = rest.slice(1, end);
    const parsed = super._parseAddressCommand(name, `${line.slice(0, colon)}:${PLACEHOLDER}${rest.slice(end + 1)}`);
    return parsed === false ? false : { ...parsed, address };
  }
}

function verbOf(command: Buffer): string {
  return command.toString().split(" ", 1)[0]?.toUpperCase() ?? "";
}

/** Index of the ">" that ends the path at the start of `text`; undefined when there is none. */
export function endOfPath(text: string): number | undefined {
  if (!text.startsWith("<")) return undefined;
  let quoted = false;
  for (let index = 1; index < text.length && index <= MAX_PATH_LENGTH; index += 1) {
    const char = text.charAt(index);
    if (CONTROL.test(char)) return undefined;
    if (char === '"') quoted = !quoted;
    else if (quoted && char === "\\") index += 1;
    else if (quoted) continue;
    else if (char === ">") return /^(?:$|\s)/.test(text.slice(index + 1)) ? index : undefined;
    // Outside quotes a space or "<" is where servers begin to disagree about what the address is.
    else if (char === "<" || char === " ") return undefined;
  }
  return undefined;
}

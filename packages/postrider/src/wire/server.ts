/**
 * The server's half of the wire: command lines to values, content off the wire, replies to bytes.
 *
 * Layer: wire. RFC 5321 §4.1.1 (commands), §4.1.2 (paths), §4.2 (replies), §4.5.2 (transparency), RFC 3461 §4 (xtext).
 */
import { Buffer } from "node:buffer";
import { OptionError } from "../errors/errors.js";
import { findLineFault } from "../text/characters.js";
import { asBuffer } from "../text/line-ends.js";

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const CRLF_DOT: Uint8Array = Buffer.from("\r\n.", "latin1");
const NOTHING: Uint8Array = Buffer.alloc(0);

/** A command line as a server reads it. */
export interface ReceivedCommand {
  /** Upper case; `""` when the line begins with no verb. */
  readonly verb: string;
  /** The text behind the verb, without the spaces around it. */
  readonly argument: string;
}

/**
 * Splits a command line, without its CRLF.
 *
 * @example
 * parseCommand("mail FROM:<ann@example.org>"); // { verb: "MAIL", argument: "FROM:<ann@example.org>" }
 */
export function parseCommand(line: string): ReceivedCommand {
  const [, verb = "", argument = ""] = /^([A-Za-z][A-Za-z0-9-]{0,31})(?:[ \t]+(.*))?$/.exec(line.trimEnd()) ?? [];
  return { verb: verb.toUpperCase(), argument };
}

/** The argument of MAIL or RCPT. */
export interface ReceivedPath {
  /** What stood between the angle brackets, as it was written; `""` is the null path. */
  readonly address: string;
  /** Upper-case keyword -> value; `undefined` where there is none. */
  readonly parameters: ReadonlyMap<string, string | undefined>;
}

/** Four times the limit of RFC 5321 §4.5.3.1.3. SECURITY: bounds what a list of recipients can cost. */
const MAX_PATH_LENGTH = 1024;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const PARAMETER = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([^=\s]+))?$/;

/**
 * Reads the argument of MAIL (`"FROM"`) or RCPT (`"TO"`). The address is not checked further: any text between angle brackets that has
 * no control characters, and no space or bracket outside of quotes. QUIRK: a space behind the colon is accepted.
 *
 * @returns undefined for a syntax error, to be answered with 501.
 * @example
 * parsePath("FROM:<ann@example.org> SIZE=1000", "FROM"); // { address: "ann@example.org", parameters: Map { "SIZE" => "1000" } }
 */
export function parsePath(argument: string, keyword: "FROM" | "TO"): ReceivedPath | undefined {
  const colon = keyword.length;
  if (argument.slice(0, colon).toUpperCase() !== keyword || argument[colon] !== ":") return undefined;
  const text = argument.slice(colon + 1).trimStart();
  const end = endOfPath(text);
  if (end === undefined) return undefined;
  const parameters = new Map<string, string | undefined>();
  for (const word of text.slice(end + 1).split(/[ \t]+/)) {
    if (word === "") continue;
    const [, name, value] = PARAMETER.exec(word) ?? [];
    if (name === undefined || parameters.has(name.toUpperCase())) return undefined;
    parameters.set(name.toUpperCase(), value);
  }
  return { address: text.slice(1, end), parameters };
}

/** Index of the `>` that ends the path at the start of the text; undefined when there is none. */
function endOfPath(text: string): number | undefined {
  if (text[0] !== "<") return undefined;
  let quoted = false;
  for (let index = 1; index < text.length && index <= MAX_PATH_LENGTH; index += 1) {
    const char = text.charAt(index);
    if (CONTROL.test(char)) return undefined;
    if (char === '"') quoted = !quoted;
    else if (quoted && char === "\\") index += 1;
    else if (quoted) continue;
    else if (char === ">") return /^(?:$|[ \t])/.test(text.slice(index + 1)) ? index : undefined;
    // SECURITY: outside quotes a space or "<" is where servers begin to disagree about what the address is.
    else if (char === "<" || char === " ") return undefined;
  }
  return undefined;
}

/** Reverses `encodeXtext` (RFC 3461 §4). @returns undefined when it is no xtext, or no UTF-8. */
export function decodeXtext(text: string): string | undefined {
  if (!/^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/.test(text)) return undefined;
  const bytes = text.replace(/\+(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(bytes, "latin1"));
  } catch {
    return undefined;
  }
}

/**
 * A reply as a server writes it, with its CRLF; the enhanced code stands before the text of each line.
 *
 * @param code three digits, 200 to 599.
 * @throws OptionError for a code that is none, and for a line that would be two, or would hold control characters.
 * @example
 * socket.write(formatReply(250, ["mail.example.org", "PIPELINING", "SIZE 1000"]));
 * socket.write(formatReply(550, "No such user", "5.1.1"));
 */
export function formatReply(code: number, text: string | readonly string[], enhancedCode?: string): string {
  if (!Number.isInteger(code) || code < 200 || code > 599) throw new OptionError("code", "must be from 200 to 599");
  const lines = typeof text === "string" ? [text] : text;
  if (lines.length === 0) throw new OptionError("text", "must have a line");
  const before = enhancedCode === undefined ? "" : `${enhancedCode} `;
  return lines
    .map((line, index) => {
      // A tab is text here (RFC 5321 §4.2).
      const fault = findLineFault((before + line).replaceAll("\t", " "));
      if (fault !== undefined) throw new OptionError(`text[${index}]`, fault);
      return `${code}${index === lines.length - 1 ? " " : "-"}${before}${line}\r\n`;
    })
    .join("");
}

/**
 * Takes the content of DATA off the wire: removes the dots that were doubled, and finds the end. Only CRLF begins and ends a line
 * (SECURITY: a server that takes a bare LF for a line end can be made to see another message in the content).
 *
 * @example
 * const content = new DotUnstuffer();
 * for (const piece of content.push(bytes)) keep(piece);
 * if (content.rest !== undefined) ; // the content is complete; these bytes are commands
 */
export class DotUnstuffer {
  /** What the last byte was: the end of a line, a dot that begins one, CR behind that, CR, or anything else. */
  #state: "line" | "dot" | "dot-cr" | "cr" | "text" = "line";
  #rest: Uint8Array | undefined;

  /** The bytes behind the end of the content; undefined before the end. */
  get rest(): Uint8Array | undefined {
    return this.#rest;
  }

  /** The content in these bytes, as views of them. Call it no more after the end. */
  push(chunk: Uint8Array): Uint8Array[] {
    const bytes = asBuffer(chunk);
    const pieces: Uint8Array[] = [];
    let at = 0;
    while (at < bytes.length && this.#rest === undefined) at = this.#step(bytes, at, pieces);
    return pieces;
  }

  /** One state's share of the bytes. @returns where the next begins. */
  #step(bytes: Buffer, at: number, pieces: Uint8Array[]): number {
    const byte = bytes[at];
    switch (this.#state) {
      case "line":
        this.#state = byte === DOT ? "dot" : "text";
        return byte === DOT ? at + 1 : at;
      case "dot":
        this.#state = byte === CR ? "dot-cr" : "text";
        return byte === CR ? at + 1 : at;
      case "dot-cr":
        if (byte === LF) this.#rest = at + 1 === bytes.length ? NOTHING : bytes.subarray(at + 1);
        // The CR was content after all.
        else pieces.push(Buffer.of(CR));
        this.#state = "cr";
        return byte === LF ? at + 1 : at;
      case "cr":
        if (byte === LF) pieces.push(bytes.subarray(at, at + 1));
        this.#state = byte === LF ? "line" : "text";
        return byte === LF ? at + 1 : at;
      case "text":
        return this.#text(bytes, at, pieces);
    }
  }

  /** PERF: one native search for the end of a line with a dot behind it. */
  #text(bytes: Buffer, at: number, pieces: Uint8Array[]): number {
    const found = bytes.indexOf(CRLF_DOT, at);
    const end = found === -1 ? bytes.length : found + 2;
    pieces.push(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    const isLine = end - at >= 2 && bytes[end - 2] === CR && bytes[end - 1] === LF;
    this.#state = isLine ? "line" : bytes[end - 1] === CR ? "cr" : "text";
    return end;
  }
}

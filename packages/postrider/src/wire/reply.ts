/**
 * Replies: from the server's bytes to values.
 *
 * Layer: wire. RFC 5321 §4.2 (form of a reply), §4.5.3.1.5 (line length), RFC 2034 and 3463 (enhanced codes).
 */
import { Buffer, isUtf8 } from "node:buffer";
import type { SmtpReply } from "../reply.js";
import { asBuffer } from "../text/line-ends.js";

/** Why bytes are not a reply. */
export type ReplyFaultKind = "bad-line" | "code-changed" | "line-too-long" | "reply-too-long";

/** Bytes that are not a reply; nothing after them can be parsed. */
export interface ReplyFault {
  /** What is wrong. */
  readonly fault: ReplyFaultKind;
  /** The start of the line in question. */
  readonly excerpt: string;
}

/** Sixteen times the limit of RFC 5321 §4.5.3.1.5. QUIRK: Exchange sends longer lines than the RFC allows. */
export const MAX_REPLY_LINE_BYTES: number = 8 * 1024;
/** SECURITY: bounds the memory that an endless reply can take. */
export const MAX_REPLY_LINES = 128;

const CR = 0x0d;
const LF = 0x0a;
const ZERO = 0x30;
const SPACE = 0x20;
const HYPHEN = 0x2d;
const EXCERPT_BYTES = 160;
const ENHANCED = /^[245]\.\d{1,3}\.\d{1,3}(?: |$)/;

/**
 * Collects bytes until a reply is complete. It does not know which command the reply answers.
 *
 * QUIRK: lines may end in a bare LF, and a line may be the code alone (RFC 5321 §4.2: the text is optional for clients). A line
 * that is not UTF-8 is read as Latin-1.
 *
 * @example
 * const parser = new ReplyParser();
 * parser.push(Buffer.from("250-first\r\n250 last\r\n"));
 * parser.next();  // { code: 250, lines: ["first", "last"], ... }
 * parser.next();  // undefined: no further reply is whole
 */
export class ReplyParser {
  #bytes: Buffer = Buffer.alloc(0);
  /** Where the next line starts. */
  #start = 0;
  /** How far the search for LF has come. PERF: each byte is searched once, however small the segments are. */
  #searched = 0;
  #code = 0;
  #lines: string[] = [];

  /** Appends received bytes. */
  push(bytes: Uint8Array): void {
    const fresh = asBuffer(bytes);
    if (this.#start === this.#bytes.length) {
      this.#bytes = fresh;
      this.#searched = 0;
    } else {
      this.#bytes = Buffer.concat([this.#bytes.subarray(this.#start), fresh]);
      this.#searched -= this.#start;
    }
    this.#start = 0;
  }

  /** The next complete reply, or a fault; undefined when more bytes are needed. Call it no more after a fault. */
  next(): SmtpReply | ReplyFault | undefined {
    for (;;) {
      const end = this.#bytes.indexOf(LF, this.#searched);
      if (end === -1) {
        this.#searched = this.#bytes.length;
        const pending = this.#bytes.length - this.#start;
        return pending > MAX_REPLY_LINE_BYTES ? this.#fault("line-too-long") : undefined;
      }
      if (end - this.#start > MAX_REPLY_LINE_BYTES) return this.#fault("line-too-long");
      const done = this.#line(this.#start, end > this.#start && this.#bytes[end - 1] === CR ? end - 1 : end);
      if (done !== undefined && "fault" in done) return done;
      this.#start = this.#searched = end + 1;
      if (done !== undefined) return done;
    }
  }

  /** Whether there is the start of a further line or of a multi-line reply. */
  get hasPending(): boolean {
    return this.#start < this.#bytes.length || this.#lines.length > 0;
  }

  /** The start of the pending bytes. */
  get pendingExcerpt(): string {
    const [first] = this.#lines;
    return first === undefined ? this.#excerpt() : `${this.#code}-${first}`.slice(0, EXCERPT_BYTES);
  }

  /** After the end of the stream: a last reply without its CRLF, if its code is complete; returned once. */
  takeCutOff(): SmtpReply | undefined {
    const end = this.#bytes.length;
    const code = readCode(this.#bytes, this.#start, end);
    const known = this.#lines.length > 0 ? this.#code : code;
    if (known === undefined) return undefined;
    const separator = end > this.#start + 3 ? this.#bytes[this.#start + 3] : SPACE;
    const isLine = code === known && (separator === SPACE || separator === HYPHEN);
    if (!isLine && this.#lines.length === 0) return undefined;
    const lines = isLine ? [...this.#lines, decodeText(this.#bytes, this.#start + 4, end)] : this.#lines;
    this.reset();
    return makeReply(known, lines);
  }

  /** Discards everything received in clear text (RFC 3207 §4.2). */
  reset(): void {
    this.#bytes = Buffer.alloc(0);
    this.#start = this.#searched = 0;
    this.#lines = [];
  }

  #line(start: number, end: number): SmtpReply | ReplyFault | undefined {
    const code = readCode(this.#bytes, start, end);
    if (code === undefined) return this.#fault("bad-line");
    const separator = end > start + 3 ? this.#bytes[start + 3] : SPACE;
    if (separator !== SPACE && separator !== HYPHEN) return this.#fault("bad-line");
    const text = decodeText(this.#bytes, start + 4, end);
    const isLast = separator === SPACE;
    // PERF: the usual case is one line, and an array that grows takes six times the memory.
    if (isLast && this.#lines.length === 0) return makeReply(code, [text]);
    if (this.#lines.length === 0) this.#code = code;
    // RFC 5321 §4.2.1: all lines of a reply have the same code.
    else if (code !== this.#code) return this.#fault("code-changed");
    if (this.#lines.push(text) > MAX_REPLY_LINES) return this.#fault("reply-too-long");
    return isLast ? this.#complete() : undefined;
  }

  #complete(): SmtpReply {
    const lines = this.#lines;
    this.#lines = [];
    return makeReply(this.#code, lines);
  }

  #fault(fault: ReplyFaultKind): ReplyFault {
    return { fault, excerpt: this.#excerpt() };
  }

  /** This line only, so that the excerpt does not depend on segmentation. */
  #excerpt(): string {
    const end = this.#bytes.indexOf(LF, this.#start);
    const limit = this.#start + EXCERPT_BYTES;
    return this.#bytes.toString("utf8", this.#start, end === -1 ? limit : Math.min(limit, end + 1));
  }
}

/** A reply from its parts. */
export function makeReply(code: number, lines: readonly string[]): SmtpReply {
  return {
    code,
    enhancedCode: findEnhancedCode(lines),
    lines,
    message: lines.length === 1 ? (lines[0] ?? "") : lines.join("\n"),
  };
}

/** QUIRK: servers with localized texts often send Latin-1. */
function decodeText(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString("utf8", start, end);
  // PERF: the second check runs only for lines that did not decode as UTF-8.
  return text.includes("\ufffd") && !isUtf8(bytes.subarray(start, end)) ? bytes.toString("latin1", start, end) : text;
}

/** First digit 2 to 5, then two more. */
function readCode(bytes: Buffer, start: number, end: number): number | undefined {
  if (end < start + 3) return undefined;
  const [first, second, third] = [digit(bytes[start]), digit(bytes[start + 1]), digit(bytes[start + 2])];
  if (first < 2 || first > 5 || second < 0 || third < 0) return undefined;
  return first * 100 + second * 10 + third;
}

function digit(byte: number | undefined): number {
  const value = (byte ?? 0) - ZERO;
  return value >= 0 && value <= 9 ? value : -1;
}

/** QUIRK: some servers give the enhanced code on a later line only. */
function findEnhancedCode(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    // PERF: the pattern runs only on lines whose second character is a dot.
    if (line.charCodeAt(1) !== 0x2e) continue;
    if (!ENHANCED.test(line)) continue;
    const end = line.indexOf(" ");
    return end === -1 ? line : line.slice(0, end);
  }
  return undefined;
}

/**
 * Message content as the session sees it: bytes that are ready, or a stream that the client pours in.
 *
 * Layer: session. RFC 5321 §4.1.1.4 (DATA), §4.5.2 (transparency), RFC 3030 §2 (BDAT).
 */
import { Buffer } from "node:buffer";
import { DotStuffer, stuffDots } from "../wire/dot-stuffing.js";

/** Content in memory. */
export interface BytesContent {
  readonly kind: "bytes";
  /** Canonical: only CRLF line ends, one at the end. */
  readonly bytes: Uint8Array;
  readonly hasEightBit: boolean;
  /** False only when it is known that no line starts with a dot. */
  readonly hasLeadingDot: boolean;
}

/** Content that is read while it is sent; its chunks must be canonical when joined. */
export interface StreamContent {
  readonly kind: "stream";
  /** Exact, when known beforehand. */
  readonly size: number | undefined;
  /** Undefined: not known before all was read. */
  readonly hasEightBit: boolean | undefined;
}

export type Content = BytesContent | StreamContent;

/** How content is put on the wire. */
export type Framing = "data" | "bdat";

export function contentSize(content: Content): number | undefined {
  return content.kind === "bytes" ? content.bytes.length : content.size;
}

/** Whole content, framed. */
export function writeContent(content: BytesContent, framing: Framing, output: Output): void {
  if (framing === "bdat") {
    output.line(`BDAT ${content.bytes.length} LAST\r\n`);
    output.bytes(content.bytes);
    return;
  }
  output.bytes(content.hasLeadingDot ? stuffDots(content.bytes) : content.bytes);
  output.line(".\r\n");
}

const LF = 0x0a;
/** Commands that change a session, or say 2yz to what was never asked. */
const VERBS: ReadonlySet<string> = new Set(
  "AUTH BDAT BURL DATA EHLO ETRN EXPN HELO HELP LHLO MAIL NOOP QUIT RCPT RSET SAML SEND SOML STAR TURN VRFY XCLI XFOR".split(
    " ",
  ),
);

/**
 * Whether a line of the content could be run as a command.
 *
 * SECURITY: a server that refuses BDAT without reading its octets runs them. PERF: one look at the first letter of each line.
 */
export function hasVerbLine({ bytes }: BytesContent): boolean {
  const text = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0; ; ) {
    let at = start;
    while (text[at] === 0x20 || text[at] === 0x09) at++;
    if (isLetter(text[at]) && VERBS.has(text.toString("latin1", at, at + 4).toUpperCase())) return true;
    const end = text.indexOf(LF, at);
    if (end === -1 || end + 1 >= text.length) return false;
    start = end + 1;
  }
}

/** A to X, in either case: no verb begins with another. */
function isLetter(code: number | undefined): boolean {
  return code !== undefined && (code | 0x20) >= 0x61 && (code | 0x20) <= 0x78;
}

/** PERF: each BDAT costs a line and a reply, so small chunks are collected up to this size. */
const BDAT_CHUNK_BYTES = 64 * 1024;

/** Streamed content, framed chunk by chunk. */
export class ContentWriter {
  readonly framing: Framing;
  readonly #stuffer = new DotStuffer();
  #held: Uint8Array[] = [];
  #heldBytes = 0;

  constructor(framing: Framing) {
    this.framing = framing;
  }

  /** Takes one canonical chunk; returns how many replies it will bring (BDAT answers each chunk). */
  push(chunk: Uint8Array, output: Output): number {
    if (this.framing === "data") {
      output.bytes(this.#stuffer.push(chunk));
      return 0;
    }
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes < BDAT_CHUNK_BYTES) return 0;
    this.#flush("", output);
    return 1;
  }

  /** The end of the content: the lone dot, or the LAST chunk. */
  finish(output: Output): void {
    if (this.framing === "data") output.line(".\r\n");
    else this.#flush(" LAST", output);
  }

  #flush(last: string, output: Output): void {
    output.line(`BDAT ${this.#heldBytes}${last}\r\n`);
    output.bytes(this.#held.length === 1 ? (this.#held[0] as Uint8Array) : Buffer.concat(this.#held));
    this.#held = [];
    this.#heldBytes = 0;
  }
}

/** PERF: copying 64 KiB costs less than a second write; a larger piece is handed over as it is. */
const JOIN_LIMIT_BYTES = 64 * 1024;

export class Output {
  #text = "";
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** Bytes so far, those that were taken included. */
  get length(): number {
    this.#flushText();
    return this.#bytes;
  }

  /** A command line, CRLF included. */
  line(text: string): void {
    this.#text += text;
  }

  bytes(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#flushText();
    this.#bytes += piece.length;
    this.#pieces.push(piece);
  }

  /** Everything so far, each element one write; empty when there is nothing. */
  take(): readonly Uint8Array[] {
    this.#flushText();
    const pieces = this.#pieces;
    if (pieces.length === 0) return pieces;
    this.#pieces = [];
    return pieces.length === 1 ? pieces : join(pieces);
  }

  #flushText(): void {
    if (this.#text === "") return;
    const bytes = Buffer.from(this.#text, "utf8");
    this.#bytes += bytes.length;
    this.#pieces.push(bytes);
    this.#text = "";
  }
}

function join(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  let total = 0;
  for (const piece of pieces) total += piece.length;
  // PERF: what leaves for small messages, which is nearly all that ever leaves.
  if (total <= JOIN_LIMIT_BYTES) return [Buffer.concat(pieces, total)];
  const joined: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  let size = 0;
  const flush = (): void => {
    const [only] = small;
    if (small.length === 1 && only !== undefined) joined.push(only);
    else if (small.length > 1) joined.push(Buffer.concat(small, size));
    small = [];
    size = 0;
  };
  for (const piece of pieces) {
    if (size + piece.length > JOIN_LIMIT_BYTES) flush();
    small.push(piece);
    size += piece.length;
  }
  flush();
  return joined;
}

/**
 * Message content: bytes or a stream, framed for DATA or BDAT, and the output buffer that joins small writes.
 *
 * Layer: session. RFC 5321 §4.1.1.4 (DATA), §4.5.2 (transparency), RFC 3030 §2 (BDAT).
 */
import { Buffer } from "node:buffer";
import { asBuffer } from "../text/line-ends.js";
import { DotStuffer, stuffDots } from "../wire/dot-stuffing.js";

/** PERF: each BDAT costs a line and a reply, so small chunks are joined up to this size. */
const BDAT_CHUNK_BYTES = 64 * 1024;
/** PERF: copying 64 KiB costs less than a second write; a larger piece is written as it is. */
const JOIN_LIMIT_BYTES = 64 * 1024;
const LF = 0x0a;
/** Commands that change a session, or whose 2yz could be taken for another reply; the first four letters. */
const VERBS: ReadonlySet<string> = new Set(
  "AUTH BDAT BURL DATA EHLO ETRN EXPN HELO HELP LHLO MAIL NOOP QUIT RCPT RSET SAML SEND SOML STAR TURN VRFY XCLI XFOR".split(
    " ",
  ),
);

const NOTHING: readonly Uint8Array[] = [];

/** Content in memory. */
export interface BytesContent {
  readonly kind: "bytes";
  /** Canonical: only CRLF line ends, one at the end. */
  readonly bytes: Uint8Array;
  readonly hasEightBit: boolean;
  /** False when no line starts with a dot. */
  readonly hasLeadingDot: boolean;
}

/** Content that is read while it is sent; its joined chunks must be canonical. */
export interface StreamContent {
  readonly kind: "stream";
  /** Bytes; undefined when not known beforehand. */
  readonly size: number | undefined;
  /** Undefined when not known beforehand. */
  readonly hasEightBit: boolean | undefined;
}

export type Content = BytesContent | StreamContent;

/** The command that carries the content. */
export type Framing = "data" | "bdat";

export function contentSize(content: Content): number | undefined {
  return content.kind === "bytes" ? content.bytes.length : content.size;
}

/** Writes content in memory. */
export function writeContent(content: BytesContent, framing: Framing, output: Output): void {
  if (framing === "bdat") {
    output.line(`BDAT ${content.bytes.length} LAST\r\n`);
    output.bytes(content.bytes);
    return;
  }
  output.bytes(content.hasLeadingDot ? stuffDots(content.bytes) : content.bytes);
  output.line(".\r\n");
}

/**
 * Whether a line of the content starts with the verb of a command.
 *
 * SECURITY: a server that refuses BDAT without reading its octets runs them as commands. PERF: one test per line.
 */
export function hasVerbLine({ bytes }: BytesContent): boolean {
  const text = asBuffer(bytes);
  for (let start = 0; ; ) {
    let at = start;
    while (text[at] === 0x20 || text[at] === 0x09) at++;
    if (isLetter(text[at]) && VERBS.has(text.toString("latin1", at, at + 4).toUpperCase())) return true;
    const end = text.indexOf(LF, at);
    if (end === -1 || end + 1 >= text.length) return false;
    start = end + 1;
  }
}

/** Streamed content, framed chunk by chunk. */
export class ContentWriter {
  readonly framing: Framing;
  readonly #stuffer = new DotStuffer();
  #held: Uint8Array[] = [];
  #heldBytes = 0;

  constructor(framing: Framing) {
    this.framing = framing;
  }

  /** Writes one canonical chunk; returns the number of replies due (one for each BDAT). */
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

/** Collects lines and bytes for as few writes as possible. */
export class Output {
  #text = "";
  #pieces: (Uint8Array | string)[] = [];
  #bytes = 0;
  #taken = 0;

  /** Bytes in total, those already taken included. */
  get length(): number {
    return this.#bytes + Buffer.byteLength(this.#text, "utf8");
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

  /** Removes and returns what was collected, each element one write. */
  take(): readonly Uint8Array[] {
    this.#flushText();
    const total = this.#bytes - this.#taken;
    if (total === 0) return NOTHING;
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#taken = this.#bytes;
    // PERF: the usual case, small messages: one write.
    return total <= JOIN_LIMIT_BYTES ? [joinAll(pieces, total)] : join(pieces.map(toBytes));
  }

  #flushText(): void {
    if (this.#text === "") return;
    this.#bytes += Buffer.byteLength(this.#text, "utf8");
    this.#pieces.push(this.#text);
    this.#text = "";
  }
}

function toBytes(piece: Uint8Array | string): Uint8Array {
  return typeof piece === "string" ? Buffer.from(piece, "utf8") : piece;
}

/** PERF: text is encoded where it stands, without a buffer of its own. */
function joinAll(pieces: readonly (Uint8Array | string)[], total: number): Uint8Array {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return toBytes(only);
  const joined = Buffer.allocUnsafe(total);
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === "string") at += joined.write(piece, at, "utf8");
    else {
      joined.set(piece, at);
      at += piece.length;
    }
  }
  return joined;
}

function join(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
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

/** A to X, in either case: no verb begins with another letter. */
function isLetter(code: number | undefined): boolean {
  return code !== undefined && (code | 0x20) >= 0x61 && (code | 0x20) <= 0x78;
}

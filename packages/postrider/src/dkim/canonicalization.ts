/**
 * Canonical forms of header fields and bodies, and the hash of a body.
 *
 * Layer: dkim. RFC 6376 §3.4 and §3.7.
 */
import { Buffer } from "node:buffer";
import { createSha256, type Sha256 } from "../crypto.js";
import { MessageError } from "../errors/errors.js";
import { asBuffer, isCrlf } from "../text/line-ends.js";

/** A canonical form (RFC 6376 §3.4). `"relaxed"`: white space may change on the way. `"simple"`: nothing may. */
export type Canonicalization = "relaxed" | "simple";

/** The canonical forms of the header and of the body, as in the c= tag (RFC 6376 §3.5). */
export type CanonicalizationPair = `${Canonicalization}/${Canonicalization}`;

export const CANONICALIZATION_PAIRS: readonly CanonicalizationPair[] = [
  "relaxed/relaxed",
  "relaxed/simple",
  "simple/relaxed",
  "simple/simple",
];

export function headerCanonicalization(pair: CanonicalizationPair): Canonicalization {
  return pair.startsWith("relaxed") ? "relaxed" : "simple";
}

export function bodyCanonicalization(pair: CanonicalizationPair): Canonicalization {
  return pair.endsWith("relaxed") ? "relaxed" : "simple";
}

/** The field as it is signed, without the line end after it. */
export function canonicalField(field: HeaderField, canonicalization: Canonicalization): string {
  if (canonicalization === "simple") return field.raw;
  const value = field.raw.slice(field.raw.indexOf(":") + 1);
  // PERF: runs become one space first, so that trimming never looks at more than one.
  const text = value.replaceAll("\r\n", "").replace(/[ \t]+/g, " ");
  return `${field.name}:${text.replace(/^ /, "").replace(/ $/, "")}`;
}

export interface HeaderField {
  /** In lower case, without white space before the colon. */
  readonly name: string;
  /** The lines as they stand, one character a byte, folds included, without the last line end. */
  readonly raw: string;
}

// RFC 5322 §3.6.8; white space before the colon is obsolete (§4.5), and relaxed canonicalization takes it away.
const NAME = /^([\x21-\x39\x3b-\x7e]+)[ \t]*:/;

/**
 * @param bytes the header without the empty line after it; a line end at its end may be missing
 * @throws MessageError when it is no header
 */
export function parseHeaderBlock(bytes: Uint8Array): readonly HeaderField[] {
  const text = asBuffer(bytes).toString("latin1");
  if (!isCrlf(text)) throw new MessageError("message", "only CRLF may end a line of a message to be signed");
  if (text === "") return [];
  const lines = (text.endsWith("\r\n") ? text.slice(0, -2) : text).split("\r\n");
  const fields: { name: string; lines: string[] }[] = [];
  for (const line of lines) {
    const name = NAME.exec(line)?.[1];
    if (name !== undefined) fields.push({ name: name.toLowerCase(), lines: [line] });
    else if (isContinuation(line) && fields.length > 0) fields.at(-1)?.lines.push(line);
    else throw new MessageError("message", `line ${lineNumber(fields)} of the header is not a header field`);
  }
  return fields.map((field) => ({ name: field.name, raw: field.lines.join("\r\n") }));
}

function isContinuation(line: string): boolean {
  return line.startsWith(" ") || line.startsWith("\t");
}

function lineNumber(fields: readonly { readonly lines: readonly string[] }[]): number {
  return fields.reduce((lines, field) => lines + field.lines.length, 1);
}

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const CRLF = 0x0d0a;

/** Empty lines at the end do not count, so they are held until a line follows; they are hashed in blocks of this size. */
const LINE_ENDS: Buffer = Buffer.from("\r\n".repeat(4096), "latin1");

/** Takes a body in pieces, cut anywhere; only CRLF line ends. Memory does not grow with the body. */
export class BodyHash {
  readonly #hasher: Sha256;
  readonly #isRelaxed: boolean;
  /** Held line ends: they count only if more of the body follows. */
  #heldLineEnds = 0;
  /** Held white space: it counts only if more of the line follows. */
  #holdsSpace = false;
  #isEmpty = true;

  /** @param hash takes the canonical form. */
  constructor(canonicalization: Canonicalization, hash: Sha256 = createSha256()) {
    this.#hasher = hash;
    this.#isRelaxed = canonicalization === "relaxed";
  }

  update(chunk: Uint8Array): void {
    if (!this.#isRelaxed || this.#isPlain(chunk)) this.#updatePlain(chunk);
    else this.#updateRelaxed(chunk);
  }

  /** The 32 bytes of the hash; called once, last. */
  digest(): Uint8Array {
    // The last line ends, however many, are one; an empty body is one line end when simple, and nothing when relaxed.
    if (!this.#isRelaxed || !this.#isEmpty) this.#hasher.update(LINE_ENDS.subarray(0, 2));
    return this.#hasher.digest();
  }

  /** PERF: attachments are base64, where there is no white space: two scans of the C library in place of a look at each byte. */
  #isPlain(chunk: Uint8Array): boolean {
    const bytes = asBuffer(chunk);
    return !this.#holdsSpace && bytes.indexOf(SPACE) === -1 && bytes.indexOf(TAB) === -1;
  }

  /** Hashes the chunk without the line ends at its start and end, which are counted by their LF. */
  #updatePlain(chunk: Uint8Array): void {
    let start = 0;
    for (; start < chunk.length && isLineEnd(chunk[start]); start++) if (chunk[start] === LF) this.#heldLineEnds++;
    if (start === chunk.length) return;
    let end = chunk.length;
    while (isLineEnd(chunk[end - 1])) end--;
    this.#flush(this.#heldLineEnds);
    this.#heldLineEnds = 0;
    this.#isEmpty = false;
    this.#hasher.update(chunk.subarray(start, end));
    for (let index = end; index < chunk.length; index++) if (chunk[index] === LF) this.#heldLineEnds++;
  }

  /** PERF: indices and locals; an iterator over the bytes and fields in the loop cost ten times as much. */
  #updateRelaxed(chunk: Uint8Array): void {
    // One byte more: the space that was held from the chunk before.
    const canonical = Buffer.allocUnsafe(chunk.length + 1);
    let length = 0;
    let holdsSpace = this.#holdsSpace;
    let heldLineEnds = this.#heldLineEnds;
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index] as number;
      if (byte > SPACE || !isHeld(byte)) {
        if (heldLineEnds > 0) {
          // The buffer has room for the line ends of this chunk, not for those held from earlier chunks.
          if (length === 0) this.#flush(heldLineEnds);
          else for (let left = heldLineEnds; left > 0; left--) length = canonical.writeUInt16BE(CRLF, length);
          heldLineEnds = 0;
        }
        if (holdsSpace) canonical[length++] = SPACE;
        holdsSpace = false;
        canonical[length++] = byte;
      } else if (byte === LF) {
        heldLineEnds++;
        holdsSpace = false;
      } else if (byte !== CR) holdsSpace = true;
    }
    this.#holdsSpace = holdsSpace;
    this.#heldLineEnds = heldLineEnds;
    if (length === 0) return;
    this.#isEmpty = false;
    this.#hasher.update(canonical.subarray(0, length));
  }

  #flush(lineEnds: number): void {
    for (let left = lineEnds * 2; left > 0; left -= LINE_ENDS.length) {
      this.#hasher.update(left < LINE_ENDS.length ? LINE_ENDS.subarray(0, left) : LINE_ENDS);
    }
  }
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === CR || byte === LF;
}

/** White space and line ends, which count only if something follows. */
function isHeld(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === CR || byte === LF;
}

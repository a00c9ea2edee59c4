/**
 * The hash of a body in its canonical form, made while the body passes: the bh= tag.
 *
 * Layer: dkim. RFC 6376 §3.4.3 (simple), §3.4.4 (relaxed), §3.7.
 */
import { Buffer } from "node:buffer";
import type { Canonicalization } from "./canonicalization.js";
import type { CreateHasher, Hasher } from "./hasher.js";

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const CRLF = 0x0d0a;

/** Empty lines are held back until something follows them; this many are hashed at once then. */
const LINE_ENDS: Buffer = Buffer.from("\r\n".repeat(4096), "latin1");

/** Takes a body in pieces, cut anywhere; only CRLF line ends. Memory does not grow with the body. */
export class BodyHash {
  readonly #hasher: Hasher;
  readonly #isRelaxed: boolean;
  /** Line ends that count only when the body goes on. */
  #heldLineEnds = 0;
  /** White space that counts only when the line goes on. */
  #holdsSpace = false;
  #isEmpty = true;

  constructor(canonicalization: Canonicalization, createHasher: CreateHasher) {
    this.#isRelaxed = canonicalization === "relaxed";
    this.#hasher = createHasher();
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
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    return !this.#holdsSpace && bytes.indexOf(SPACE) === -1 && bytes.indexOf(TAB) === -1;
  }

  /** Passes everything on but the line ends at both ends of the chunk, which are counted by their LF. */
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
          // What was held from chunks before has no room here; what this chunk held has.
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

/** White space and line ends: what counts only when something follows. */
function isHeld(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === CR || byte === LF;
}

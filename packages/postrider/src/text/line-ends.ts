/**
 * Line ends: CRLF, lone CR and lone LF all become CRLF, in text, in bytes, and in bytes that come in chunks.
 *
 * Layer: text. RFC 5321 §2.3.8, RFC 5322 §2.3, RFC 2046 §4.1.1. SECURITY: a lone CR or LF left standing is what SMTP smuggling is
 * made of.
 */
import { Buffer } from "node:buffer";

const CR = 0x0d;
const LF = 0x0a;
const EMPTY: Uint8Array = new Uint8Array(0);
const CRLF: Uint8Array = Buffer.from("\r\n", "latin1");

/** Text with CRLF line ends; what is clean already comes back as it is. */
export function toCrlf(text: string): string {
  // PERF: most text has only LF; the plain replacement is twice as fast as the pattern.
  if (!text.includes("\r")) return text.includes("\n") ? text.replaceAll("\n", "\r\n") : text;
  return isCrlf(text) ? text : text.replace(/\r\n|\r|\n/g, "\r\n");
}

/** True when no CR and no LF stands alone. */
export function isCrlf(text: string): boolean {
  return isCanonical(text, "\r", "\n");
}

/** Bytes with CRLF line ends; `after` is the last byte of the chunk before, undefined at the start. Linear. */
export function bytesToCrlf(bytes: Uint8Array, after?: number): Buffer {
  return rewrite(bytes, after === CR);
}

/** Content in chunks, cut anywhere; its state is what the last chunk ended with. */
export class LineEndingNormalizer {
  #afterCr = false;
  #atLineStart = true;

  /** The canonical form of a chunk; the same array when nothing had to change. */
  push(chunk: Uint8Array): Uint8Array {
    if (chunk.length === 0) return chunk;
    const last = chunk[chunk.length - 1];
    const result = this.#afterCr || !isCanonical(chunk, CR, LF) ? rewrite(chunk, this.#afterCr) : chunk;
    this.#afterCr = last === CR;
    this.#atLineStart = last === CR || last === LF;
    return result;
  }

  /** What is missing at the end: CRLF when the last line has no end. */
  finish(): Uint8Array {
    return this.#atLineStart ? EMPTY : CRLF;
  }
}

/** Whole content in memory, its last line ended; the same array when it is canonical already. */
export function normalizeLineEndings(bytes: Uint8Array): Uint8Array {
  const normalizer = new LineEndingNormalizer();
  const body = normalizer.push(bytes);
  const end = normalizer.finish();
  return end.length === 0 ? body : Buffer.concat([body, end]);
}

/** @param skipLf the chunk before ended in a CR, which went out as CRLF already. */
function rewrite(chunk: Uint8Array, skipLf: boolean): Buffer {
  // At the worst every byte is a lone line end and becomes two.
  const output = Buffer.allocUnsafe(chunk.length * 2);
  let written = 0;
  let afterCr = skipLf;
  for (const byte of chunk) {
    if (byte === CR || byte === LF) {
      if (!(byte === LF && afterCr)) {
        output[written++] = CR;
        output[written++] = LF;
      }
      afterCr = byte === CR;
    } else {
      output[written++] = byte;
      afterCr = false;
    }
  }
  return output.subarray(0, written);
}

/** What is searched: text by its characters, bytes by their numbers. */
interface Searchable<Unit> {
  indexOf(unit: Unit, from?: number): number;
}

/** True when each LF has its CR and each CR its LF. PERF: native search, from line to line; a pattern looks at each character. */
function isCanonical<Unit>(content: Searchable<Unit>, cr: Unit, lf: Unit): boolean {
  for (let from = 0; ; ) {
    const nextLf = content.indexOf(lf, from);
    const nextCr = content.indexOf(cr, from);
    if (nextLf === -1) return nextCr === -1;
    // SECURITY: an LF at index 0 has no CR; "none found" (-1) is not the place before it.
    if (nextCr === -1 || nextCr !== nextLf - 1) return false;
    from = nextLf + 1;
  }
}

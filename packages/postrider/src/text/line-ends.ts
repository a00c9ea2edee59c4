/**
 * Normalizes line ends: CRLF, lone CR and lone LF become CRLF, in text, bytes and chunks.
 *
 * Layer: text. RFC 5321 §2.3.8, RFC 5322 §2.3, RFC 2046 §4.1.1. SECURITY: SMTP smuggling needs a lone CR or LF.
 */
import { Buffer } from "node:buffer";

const CR = 0x0d;
const LF = 0x0a;
const EMPTY: Uint8Array = new Uint8Array(0);
const CRLF: Uint8Array = Buffer.from("\r\n", "latin1");

/** A Buffer over the same memory; a Buffer itself. PERF: most bytes are in one already. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Text with CRLF line ends; the same string when nothing changes. */
export function toCrlf(text: string): string {
  // PERF: most text has only LF; replaceAll is twice as fast as the pattern.
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

/** Normalizes chunks, which may end anywhere. */
export class LineEndingNormalizer {
  #afterCr = false;
  #atLineStart = true;

  /** The canonical form of a chunk; the same array when nothing changes. */
  push(chunk: Uint8Array): Uint8Array {
    if (chunk.length === 0) return chunk;
    const last = chunk[chunk.length - 1];
    const result = this.#afterCr || !isCanonical(chunk, CR, LF) ? rewrite(chunk, this.#afterCr) : chunk;
    this.#afterCr = last === CR;
    this.#atLineStart = last === CR || last === LF;
    return result;
  }

  /** CRLF when the last line has no end, else empty. */
  finish(): Uint8Array {
    return this.#atLineStart ? EMPTY : CRLF;
  }
}

/** Normalizes content in memory, with CRLF at its end; the same array when nothing changes. */
export function normalizeLineEndings(bytes: Uint8Array): Uint8Array {
  const normalizer = new LineEndingNormalizer();
  const body = normalizer.push(bytes);
  const end = normalizer.finish();
  return end.length === 0 ? body : Buffer.concat([body, end]);
}

/** @param skipLf the previous chunk ended in a CR, which was written as CRLF. */
function rewrite(chunk: Uint8Array, skipLf: boolean): Buffer {
  // Worst case: every byte is a lone line end and becomes two.
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

/** A string or bytes. */
interface Searchable<Unit> {
  indexOf(unit: Unit, from?: number): number;
}

/** True when each LF follows a CR and each CR precedes an LF. PERF: a native search from line to line. */
function isCanonical<Unit>(content: Searchable<Unit>, cr: Unit, lf: Unit): boolean {
  for (let from = 0; ; ) {
    const nextLf = content.indexOf(lf, from);
    const nextCr = content.indexOf(cr, from);
    if (nextLf === -1) return nextCr === -1;
    // SECURITY: an LF at index 0 has no CR, although -1 (not found) is 0 - 1.
    if (nextCr === -1 || nextCr !== nextLf - 1) return false;
    from = nextLf + 1;
  }
}

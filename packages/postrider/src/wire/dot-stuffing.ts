/**
 * Dot-stuffing (transparency): doubles a dot at the start of a line, so that no line of content is the end-of-data dot.
 *
 * Layer: wire. RFC 5321 §4.5.2. The content must be canonical (only CRLF); chunks may end anywhere.
 */
import { Buffer } from "node:buffer";
import { asBuffer } from "../text/line-ends.js";

const LF = 0x0a;
const DOT = 0x2e;
const LINE_START_DOT: Uint8Array = Buffer.from("\n.", "latin1");

/** Content in chunks; its state is whether the next byte starts a line. */
export class DotStuffer {
  #atLineStart = true;

  /** The chunk with dots doubled; the same array when no line in it starts with one. */
  push(chunk: Uint8Array): Uint8Array {
    if (chunk.length === 0) return chunk;
    const cuts = findLeadingDots(chunk, this.#atLineStart);
    this.#atLineStart = chunk[chunk.length - 1] === LF;
    return cuts.length === 0 ? chunk : doubleAt(chunk, cuts);
  }
}

/** Whole content in memory; the same array when no line starts with a dot. */
export function stuffDots(bytes: Uint8Array): Uint8Array {
  return new DotStuffer().push(bytes);
}

/** Indexes of the dots that start a line. PERF: one native search for both bytes. */
function findLeadingDots(chunk: Uint8Array, atLineStart: boolean): number[] {
  const found = atLineStart && chunk[0] === DOT ? [0] : [];
  const bytes = asBuffer(chunk);
  for (let end = bytes.indexOf(LINE_START_DOT); end !== -1; end = bytes.indexOf(LINE_START_DOT, end + 2)) {
    found.push(end + 1);
  }
  return found;
}

function doubleAt(chunk: Uint8Array, dots: readonly number[]): Uint8Array {
  const output = Buffer.allocUnsafe(chunk.length + dots.length);
  let written = 0;
  let from = 0;
  for (const dot of dots) {
    output.set(chunk.subarray(from, dot), written);
    written += dot - from;
    output[written++] = DOT;
    from = dot;
  }
  output.set(chunk.subarray(from), written);
  return output;
}

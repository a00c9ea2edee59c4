/**
 * Transparency: a dot at the start of a line is doubled, so that no line of content is the end of it.
 *
 * Layer: wire. RFC 5321 §4.5.2. Takes canonical content (only CRLF); cuts between any two bytes are allowed.
 */
import { Buffer } from "node:buffer";

const LF = 0x0a;
const DOT = 0x2e;

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

/** Indexes of the dots that start a line. PERF: dots are rarer than line ends in mail, and found by a native search. */
function findLeadingDots(chunk: Uint8Array, atLineStart: boolean): number[] {
  const found: number[] = [];
  for (let dot = chunk.indexOf(DOT); dot !== -1; dot = chunk.indexOf(DOT, dot + 1)) {
    if (dot === 0 ? atLineStart : chunk[dot - 1] === LF) found.push(dot);
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

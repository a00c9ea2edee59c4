/**
 * Line ends of content: CRLF, lone CR and lone LF all become CRLF, also where a chunk ends between CR and LF.
 *
 * Layer: wire. RFC 5321 §2.3.8. SECURITY: a lone CR or LF left standing is what SMTP smuggling is made of.
 */
import { Buffer } from "node:buffer";

const CR = 0x0d;
const LF = 0x0a;

/** Content in chunks; its state is what the last chunk ended with. */
export class LineEndingNormalizer {
  #afterCr = false;
  #atLineStart = true;

  /** The canonical form of a chunk; the same array when nothing had to change. */
  push(chunk: Uint8Array): Uint8Array {
    if (chunk.length === 0) return chunk;
    const last = chunk[chunk.length - 1];
    const needsWork = this.#afterCr || !isCanonicalInside(chunk);
    const result = needsWork ? this.#rewrite(chunk) : chunk;
    this.#afterCr = last === CR;
    this.#atLineStart = last === CR || last === LF;
    return result;
  }

  /** What is missing at the end: CRLF when the last line has no end. */
  finish(): Uint8Array {
    return this.#atLineStart ? EMPTY : CRLF;
  }

  #rewrite(chunk: Uint8Array): Uint8Array {
    // At the worst every byte is a lone line end and becomes two.
    const output = Buffer.allocUnsafe(chunk.length * 2);
    let written = 0;
    // The CR that ended the chunk before went out as CRLF already.
    let skipLf = this.#afterCr;
    for (const byte of chunk) {
      if (byte === CR || byte === LF) {
        if (!(byte === LF && skipLf)) {
          output[written++] = CR;
          output[written++] = LF;
        }
        skipLf = byte === CR;
      } else {
        output[written++] = byte;
        skipLf = false;
      }
    }
    return output.subarray(0, written);
  }
}

/** Whole content in memory; the same array when it is canonical already. */
export function normalizeLineEndings(bytes: Uint8Array): Uint8Array {
  const normalizer = new LineEndingNormalizer();
  const body = normalizer.push(bytes);
  const end = normalizer.finish();
  return end.length === 0 ? body : Buffer.concat([body, end]);
}

const EMPTY: Uint8Array = new Uint8Array(0);
const CRLF: Uint8Array = Buffer.from("\r\n", "latin1");

/** True when each LF has its CR and each CR its LF, within the chunk. PERF: native search, so long lines cost little. */
function isCanonicalInside(chunk: Uint8Array): boolean {
  let from = 0;
  for (;;) {
    const lf = chunk.indexOf(LF, from);
    const cr = chunk.indexOf(CR, from);
    if (lf === -1) return cr === -1;
    // SECURITY: an LF at index 0 has no CR; "none found" (-1) is not the place before it.
    if (cr === -1 || cr !== lf - 1) return false;
    from = lf + 1;
  }
}

/**
 * Line ends: CRLF, lone CR and lone LF all become CRLF, in text, in bytes, and in bytes that come in pieces.
 *
 * Layer: message. RFC 5322 §2.3, RFC 2046 §4.1.1.
 */
import { Buffer } from "node:buffer";

const LF = 0x0a;
const CR = 0x0d;

/** Text with CRLF line ends; what is clean already comes back as it is. */
export function toCrlf(text: string): string {
  // PERF: most text has only LF; the plain replacement is twice as fast as the pattern.
  if (!text.includes("\r")) return text.includes("\n") ? text.replaceAll("\n", "\r\n") : text;
  return isCrlf(text) ? text : text.replace(/\r\n|\r|\n/g, "\r\n");
}

/** Whether every CR and every LF is part of a CRLF. PERF: jumps from line to line; a pattern looks at each character. */
function isCrlf(text: string): boolean {
  for (let start = 0; ; ) {
    const lf = text.indexOf("\n", start);
    const cr = text.indexOf("\r", start);
    if (lf === -1) return cr === -1;
    if (cr !== lf - 1) return false;
    start = lf + 1;
  }
}

/** Bytes with CRLF line ends; `after` is the last byte of the piece before, undefined at the start. Linear. */
export function bytesToCrlf(bytes: Uint8Array, after?: number): Buffer {
  const room = Buffer.allocUnsafe(bytes.length * 2 + 1);
  let length = 0;
  let last = after;
  for (const byte of bytes) {
    if (byte === LF && last === CR) {
      last = byte;
      continue;
    }
    last = byte;
    if (byte === CR || byte === LF) {
      room[length++] = CR;
      room[length++] = LF;
    } else room[length++] = byte;
  }
  return room.subarray(0, length);
}

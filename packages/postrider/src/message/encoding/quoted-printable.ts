/**
 * quoted-printable: text that stays readable in seven bits.
 *
 * Layer: message. RFC 2045 §6.7.
 */
import { Buffer } from "node:buffer";
import { type ContentScan, scanContent } from "../../text/content-scan.js";

/** Characters in a line, the `=` of a soft line break among them (RFC 2045 §6.7 rule 5). */
const MAX_LINE_LENGTH = 76;
const ROOM = MAX_LINE_LENGTH - 1;

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const EQUALS = 0x3d;
const HEX = Buffer.from("0123456789ABCDEF", "latin1");

// PERF: a table of classes: 0 is literal, 1 is escaped, 2 depends on its neighbours, 3 on the next byte.
const KIND = new Uint8Array(256).fill(1);
for (let byte = 0x21; byte <= 0x7e; byte++) if (byte !== EQUALS) KIND[byte] = 0;
for (const byte of [TAB, LF, CR]) KIND[byte] = 2;
KIND[SPACE] = 3;

/**
 * Encodes bytes. `lineBreaks: "keep"` is for text with CRLF line ends, which stay line ends; `"escape"` is for bytes in
 * which CR and LF are data. The characters of UTF-8 are kept in one line, for readers that decode line by line.
 */
export function encodeQuotedPrintable(
  bytes: Uint8Array,
  lineBreaks: "keep" | "escape",
  scan: ContentScan = scanContent(bytes),
): Buffer {
  const out = Buffer.allocUnsafe(largestLength(scan));
  let length = 0;
  let column = 0;
  for (let index = 0; index < bytes.length; index++) {
    // PERF: the fast path for words with single spaces.
    const stop = Math.min(bytes.length, index + ROOM - column);
    const start = index;
    while (index < stop && isPlain(bytes, index)) out[length++] = bytes[index++] as number;
    column += index - start;
    if (index === bytes.length) break;
    const byte = bytes[index] as number;
    const kind = KIND[byte] as number;
    let width = kind === 0 ? 1 : 3;
    if (kind >= 2) {
      const next = bytes[index + 1];
      if (lineBreaks === "keep" && byte === CR && next === LF) {
        out[length++] = CR;
        out[length++] = LF;
        column = 0;
        index++;
        continue;
      }
      // White space at the end of a line is lost on the way, so it is escaped (RFC 2045 §6.7 rule 3).
      if ((byte === SPACE || byte === TAB) && next !== undefined && next !== CR && next !== LF) width = 1;
    }
    const needed = byte < 0xc0 ? width : 3 * sequenceLength(byte);
    if (column + needed > ROOM) {
      out[length++] = EQUALS;
      out[length++] = CR;
      out[length++] = LF;
      column = 0;
    }
    column += width;
    if (width === 1) out[length++] = byte;
    else {
      out[length++] = EQUALS;
      out[length++] = HEX[byte >> 4] ?? 0;
      out[length++] = HEX[byte & 15] ?? 0;
    }
  }
  return out.subarray(0, length);
}

function isPlain(bytes: Uint8Array, index: number): boolean {
  const kind = KIND[bytes[index] as number];
  return kind === 0 || (kind === 3 && index + 1 < bytes.length && KIND[bytes[index + 1] as number] === 0);
}

/** Bytes of the UTF-8 sequence that this byte begins. */
function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}

/** Every escape takes two more, so does white space at a line's end and every CR and LF; a soft break comes after 64 at the earliest. */
function largestLength(scan: ContentScan): number {
  const encoded = scan.length + 2 * scan.escapedCount + 8 * (scan.lineCount + 1);
  return encoded + 3 * Math.ceil(encoded / (ROOM - 11));
}

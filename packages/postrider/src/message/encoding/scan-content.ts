/**
 * One look at content: everything that decides how it may travel.
 *
 * Layer: message. RFC 2045 §2.7 to §2.9 (7bit, 8bit, binary), RFC 5322 §2.1.1 (998 octets a line).
 */
import { Buffer } from "node:buffer";

/** What one pass over the bytes found. */
export interface ContentScan {
  /** Bytes in all. */
  readonly length: number;
  /** Bytes above 127. */
  readonly eightBitCount: number;
  /** Bytes that quoted-printable writes as `=XX`, white space at the end of a line not counted. */
  readonly escapedCount: number;
  /** Bytes of the longest line, without its end. */
  readonly longestLine: number;
  /** Lines that end; the last one counts only when it has an end. */
  readonly lineCount: number;
  readonly hasNul: boolean;
  readonly hasCrlf: boolean;
  /** A CR that no LF follows. */
  readonly hasBareCr: boolean;
  /** A LF that no CR leads. */
  readonly hasBareLf: boolean;
  /** A space or TAB before the end of a line, or at the very end. */
  readonly hasTrailingSpace: boolean;
  /** True for empty content too: there is no line without an end. */
  readonly endsWithLineBreak: boolean;
}

const NUL = 0x00;
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;

// PERF: text is mostly bytes that mean nothing to us; one lookup skips them (about 1 ns a byte). White space counts only before
// the end of a line, and is looked for there.
const ORDINARY = new Uint8Array(256);
for (let byte = 0x20; byte <= 0x7e; byte++) ORDINARY[byte] = byte === 0x3d ? 0 : 1;
ORDINARY[0x09] = 1;

/** Looks at content once; a string is looked at as UTF-8. Linear. */
export function scanContent(content: Uint8Array | string): ContentScan {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  const { length } = bytes;
  let eightBitCount = 0;
  let escapedCount = 0;
  let longestLine = 0;
  let lineCount = 0;
  let lineStart = 0;
  let hasNul = false;
  let hasCrlf = false;
  let hasBareCr = false;
  let hasBareLf = false;
  let hasTrailingSpace = false;
  for (let index = 0; index < length; index++) {
    const byte = bytes[index] ?? 0;
    if (ORDINARY[byte] === 1) continue;
    if (byte === LF || byte === CR) {
      longestLine = Math.max(longestLine, index - lineStart);
      hasTrailingSpace ||= index > lineStart && isBlank(bytes[index - 1]);
      if (byte === LF) hasBareLf = true;
      else if (bytes[index + 1] === LF) {
        hasCrlf = true;
        index++;
      } else hasBareCr = true;
      lineCount++;
      lineStart = index + 1;
    } else if (byte > 0x7f) {
      eightBitCount++;
      escapedCount++;
    } else {
      escapedCount++;
      hasNul ||= byte === NUL;
    }
  }
  return {
    length,
    eightBitCount,
    escapedCount,
    longestLine: Math.max(longestLine, length - lineStart),
    lineCount,
    hasNul,
    hasCrlf,
    hasBareCr,
    hasBareLf,
    hasTrailingSpace: hasTrailingSpace || (length > lineStart && isBlank(bytes[length - 1])),
    endsWithLineBreak: lineStart === length,
  };
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

/**
 * Scans content in one pass: the facts for its transfer encoding, and for sending it by DATA or BDAT.
 *
 * Layer: text. RFC 2045 §2.7 to §2.9 (7bit, 8bit, binary), RFC 5322 §2.1.1 (998 octets a line), RFC 5321 §2.3.8 (lines), §4.5.2
 * (transparency), RFC 6152 (8BITMIME).
 */
import { Buffer, isAscii } from "node:buffer";
import { asBuffer } from "./line-ends.js";

/** The facts for a transfer encoding. */
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
const DOT = 0x2e;

/** Searched at a time: the native search needs a temporary string of it. */
const BLOCK_BYTES = 64 * 1024;

// PERF: one table lookup skips ordinary bytes (about 1 ns a byte). White space counts only before the end of a line, and is checked
// there.
const ORDINARY = new Uint8Array(256);
for (let byte = 0x20; byte <= 0x7e; byte++) ORDINARY[byte] = byte === 0x3d ? 0 : 1;
ORDINARY[0x09] = 1;

/** Scans content; a string is scanned as UTF-8. Linear. */
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

/** The facts for sending. */
export interface WireScan {
  /** Only CRLF line ends, and one at the end (or nothing at all). */
  readonly isCanonical: boolean;
  /** Some byte is above 127. */
  readonly hasEightBit: boolean;
  /** Some line of the canonical form starts with a dot. */
  readonly hasLeadingDot: boolean;
}

/** Scans for sending. PERF: canonical content costs a third of other content. */
export function scanForWire(bytes: Uint8Array): WireScan {
  const content = asBuffer(bytes);
  return scanCanonical(content) ?? scanBytes(content);
}

/** PERF: a native search from line to line. Undefined when a line is not canonical, or very long. */
function scanCanonical(content: Buffer): WireScan | undefined {
  let hasLeadingDot = false;
  // A bare LF at the first line: the rest is most likely the same.
  if (content[content.indexOf(LF) - 1] !== CR && content.length > 0) return undefined;
  for (let start = 0; start < content.length; ) {
    const end = content.lastIndexOf(LF, start + BLOCK_BYTES - 1) + 1;
    // No line ends in this block.
    if (end <= start) return undefined;
    const text = content.toString("latin1", start, end);
    for (let line = 0; line < text.length; ) {
      const lf = text.indexOf("\n", line);
      const cr = text.indexOf("\r", line);
      if (cr === -1 || cr !== lf - 1) return undefined;
      if (text.charCodeAt(line) === DOT) hasLeadingDot = true;
      line = lf + 1;
    }
    start = end;
  }
  return { isCanonical: true, hasEightBit: !isAscii(content), hasLeadingDot };
}

function scanBytes(bytes: Buffer): WireScan {
  let isCanonical = true;
  let high = 0;
  let hasLeadingDot = false;
  let previous = LF;
  const length = bytes.length;
  // PERF: one comparison for most bytes: above CR only a dot after a line end is special.
  for (let index = 0; index < length; index++) {
    const byte = bytes[index] as number;
    if (byte > CR) {
      high |= byte;
      if (previous <= CR) {
        if (previous === CR) isCanonical = false;
        if (byte === DOT && (previous === LF || previous === CR)) hasLeadingDot = true;
      }
    } else if (byte === LF) {
      if (previous !== CR) isCanonical = false;
    } else if (previous === CR) {
      isCanonical = false;
    }
    previous = byte;
  }
  if (length > 0 && previous !== LF) isCanonical = false;
  return { isCanonical, hasEightBit: high > 0x7f, hasLeadingDot };
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

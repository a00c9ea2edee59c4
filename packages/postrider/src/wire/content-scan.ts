/**
 * One look at content that is in memory: what it needs before it may go out.
 *
 * Layer: wire. RFC 5321 §2.3.8 (lines), §4.5.2 (transparency), RFC 6152 (8BITMIME).
 */

export interface ContentScan {
  /** Only CRLF line ends, and one at the end (or nothing at all). */
  readonly isCanonical: boolean;
  /** Some byte is above 127. */
  readonly hasEightBit: boolean;
  /** Some line of the canonical form starts with a dot. */
  readonly hasLeadingDot: boolean;
}

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;

/** Looks at every byte once. */
export function scanContent(bytes: Uint8Array): ContentScan {
  let isCanonical = true;
  let high = 0;
  let hasLeadingDot = false;
  let previous = LF;
  const length = bytes.length;
  // PERF: one comparison settles nearly every byte of a mail: nothing above CR is special but a dot after a line end.
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

/**
 * Transfer encodings and character sets: their names, and which of them a content needs.
 *
 * Layer: message. RFC 2045 §6, RFC 2046 §4.1.2, RFC 2978 (names of charsets), RFC 6152.
 */

import { Buffer } from "node:buffer";
import { MessageError } from "../../errors/errors.js";
import { codePointName, isWellFormed } from "../../text/characters.js";
import type { ContentScan } from "../../text/content-scan.js";

/** The encodings that content may be given (RFC 2045 §6.1); `binary` would need BINARYMIME and is not among them. */
export type TransferEncoding = "7bit" | "8bit" | "quoted-printable" | "base64";

export const TRANSFER_ENCODINGS: readonly TransferEncoding[] = ["7bit", "8bit", "quoted-printable", "base64"];

/** Bytes in a line, without CRLF (RFC 5322 §2.1.1, RFC 2045 §2.7). */
export const MAX_LINE_BYTES = 998;

/** With one byte in six escaped, quoted-printable and base64 have the same size. */
const ESCAPED_SHARE = 6;

export function isTransferEncoding(text: string): text is TransferEncoding {
  return (TRANSFER_ENCODINGS as readonly string[]).includes(text);
}

/** The transfer encoding of text with CRLF line ends. */
export function chooseTextEncoding(scan: ContentScan, eightBit: boolean): TransferEncoding {
  if (fitsLines(scan)) {
    if (scan.eightBitCount === 0) return "7bit";
    if (eightBit) return "8bit";
  }
  return scan.escapedCount * ESCAPED_SHARE <= scan.length ? "quoted-printable" : "base64";
}

/** Whether the content fits 7bit or 8bit: no line too long, no NUL (RFC 2045 §2.7). */
export function fitsLines(scan: ContentScan): boolean {
  return scan.longestLine <= MAX_LINE_BYTES && !scan.hasNul;
}

/** As `fitsLines`, and all line ends are CRLF, so that the content is sent unchanged. */
export function isExactAsLines(scan: ContentScan): boolean {
  return fitsLines(scan) && !scan.hasBareCr && !scan.hasBareLf;
}

export type Charset = "utf-8" | "us-ascii" | "iso-8859-1";

const NAMES: ReadonlyMap<string, Charset> = new Map([
  ["utf-8", "utf-8"],
  ["utf8", "utf-8"],
  ["us-ascii", "us-ascii"],
  ["ascii", "us-ascii"],
  ["iso-8859-1", "iso-8859-1"],
  ["latin1", "iso-8859-1"],
]);

const LARGEST_UNIT = { "us-ascii": 0x7f, "iso-8859-1": 0xff } as const;

/** The charset of that name, in any letter case; undefined when text cannot be written in it. */
export function findCharset(name: string): Charset | undefined {
  return NAMES.get(name.toLowerCase());
}

/**
 * Encodes text in the charset; a character that it lacks is an error and is not replaced.
 *
 * @throws MessageError (`"message"`) when the charset is unknown or lacks a character.
 */
export function encodeText(text: string, charsetName: string, field: string): Buffer {
  const charset = findCharset(charsetName);
  if (charset === undefined) {
    throw new MessageError(
      field,
      `text cannot be written in the charset ${JSON.stringify(charsetName)}; use "utf-8", or give bytes`,
    );
  }
  if (charset === "utf-8") return Buffer.from(text, "utf8");
  const largest = LARGEST_UNIT[charset];
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) <= largest) continue;
    throw new MessageError(
      field,
      `the charset ${charset} has no ${codePointName(text, index)} (at position ${index}); use charset=utf-8`,
    );
  }
  return Buffer.from(text, "latin1");
}

/** @throws MessageError when the text holds a lone surrogate, which no charset can encode. */
export function checkWellFormed(text: string, field: string): void {
  if (isWellFormed(text)) return;
  throw new MessageError(field, "must not hold a lone surrogate");
}

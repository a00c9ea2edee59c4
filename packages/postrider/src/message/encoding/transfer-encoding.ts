/**
 * Which transfer encoding content travels in: the plainest that it survives.
 *
 * Layer: message. RFC 2045 §6, RFC 6152 (8BITMIME).
 */
import type { ContentScan } from "../../text/content-scan.js";

/** The encodings that content may be given (RFC 2045 §6.1); `binary` would need BINARYMIME and is not among them. */
export type TransferEncoding = "7bit" | "8bit" | "quoted-printable" | "base64";

export const TRANSFER_ENCODINGS: readonly TransferEncoding[] = ["7bit", "8bit", "quoted-printable", "base64"];

/** Bytes in a line, without CRLF (RFC 5322 §2.1.1, RFC 2045 §2.7). */
export const MAX_LINE_BYTES = 998;

/** One byte in six escaped is where quoted-printable and base64 are of the same size. */
const ESCAPED_SHARE = 6;

export function isTransferEncoding(text: string): text is TransferEncoding {
  return (TRANSFER_ENCODINGS as readonly string[]).includes(text);
}

/** For text, whose line ends are CRLF by now. */
export function chooseTextEncoding(scan: ContentScan, eightBit: boolean): TransferEncoding {
  if (fitsLines(scan)) {
    if (scan.eightBitCount === 0) return "7bit";
    if (eightBit) return "8bit";
  }
  return scan.escapedCount * ESCAPED_SHARE <= scan.length ? "quoted-printable" : "base64";
}

/** No line too long, no NUL: what 7bit and 8bit ask for (RFC 2045 §2.7). */
export function fitsLines(scan: ContentScan): boolean {
  return scan.longestLine <= MAX_LINE_BYTES && !scan.hasNul;
}

/** As `fitsLines`, and the line ends are CRLF already, so that the wire changes nothing. */
export function isExactAsLines(scan: ContentScan): boolean {
  return fitsLines(scan) && !scan.hasBareCr && !scan.hasBareLf;
}

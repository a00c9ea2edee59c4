/**
 * The body of a leaf part: its transfer encoding and its bytes.
 *
 * Layer: message. RFC 2045 §6, RFC 2046 §5.2.1 (messages are not encoded).
 */
import { Buffer } from "node:buffer";
import { MessageError } from "../../errors/errors.js";
import { type ContentScan, scanContent } from "../../text/content-scan.js";
import { bytesToCrlf, toCrlf } from "../../text/line-ends.js";
import { type ContentTypeFacts, isComposite, type PartContent } from "../entity.js";
import type { Piece } from "./pieces.js";
import { encodeQuotedPrintable } from "./quoted-printable.js";
import {
  chooseTextEncoding,
  encodeText,
  findCharset,
  fitsLines,
  isExactAsLines,
  MAX_LINE_BYTES,
  type TransferEncoding,
} from "./transfer-encoding.js";

/** Content in a part of its own. */
export type LeafContent = Extract<PartContent, { readonly kind: "text" | "bytes" | "source" }>;

export interface BodyContext {
  readonly type: ContentTypeFacts | undefined;
  /** The Content-Transfer-Encoding of the headers, if there is one. */
  readonly encoding: TransferEncoding | undefined;
  /** Whether bytes above 127 are allowed (8BITMIME). */
  readonly eightBit: boolean;
  /** True at the end of the message: the last line must end in CRLF. */
  readonly last: boolean;
}

export interface Body {
  readonly encoding: TransferEncoding;
  readonly pieces: readonly Piece[];
  readonly hasEightBit: boolean;
}

/** @throws MessageError when the content does not fit its encoding, or the server. */
export function encodeBody(content: LeafContent, context: BodyContext): Body {
  const composite = context.type !== undefined && isComposite(context.type);
  if (content.kind === "source") return composite ? streamComposite(content, context) : streamBody(content, context);
  if (composite) return encodeComposite(content, context);
  return content.kind === "text" ? encodeLines(content, context) : encodeExact(content, context);
}

/** PERF: below this, joining strings is faster than copying buffers. */
const MAX_STRING_LENGTH = 16_384;

function encodeLines(content: Extract<LeafContent, { kind: "text" }>, context: BodyContext): Body {
  let lines = toCrlf(content.text);
  if (context.last && lines !== "" && !lines.endsWith("\r\n")) lines += "\r\n";
  const charset = context.type?.parameters.get("charset") ?? "us-ascii";
  if (isPlain(lines) && mayStay(context.encoding) && findCharset(charset) !== undefined) {
    return { encoding: context.encoding ?? "7bit", pieces: [lines], hasEightBit: false };
  }
  const bytes = encodeText(lines, charset, content.field);
  const scan = scanContent(bytes);
  const encoding = context.encoding ?? chooseTextEncoding(scan, context.eightBit);
  if (encoding === "base64") return asBase64(bytes, context);
  if (encoding === "quoted-printable") {
    const encoded = encodeQuotedPrintable(bytes, "keep", scan);
    const asString = encoded.length < MAX_STRING_LENGTH;
    return { encoding, pieces: [asString ? encoded.toString("latin1") : encoded], hasEightBit: false };
  }
  checkIdentity(encoding, scan, content.field, context);
  const hasEightBit = scan.eightBitCount > 0;
  const asText = lines.length < MAX_STRING_LENGTH && (!hasEightBit || findCharset(charset) === "utf-8");
  return { encoding, pieces: [asText ? lines : bytes], hasEightBit };
}

/** PERF: short ASCII, as most text is, is the same in every charset and fits every encoding, so it is not converted to bytes. */
function isPlain(lines: string): boolean {
  if (lines.length >= MAX_STRING_LENGTH || Buffer.byteLength(lines) !== lines.length || lines.includes("\0"))
    return false;
  if (lines.length <= MAX_LINE_BYTES) return true;
  for (let start = 0; start < lines.length; ) {
    const end = lines.indexOf("\n", start);
    const next = end === -1 ? lines.length : end + 1;
    if (next - start > MAX_LINE_BYTES) return false;
    start = next;
  }
  return true;
}

function mayStay(encoding: TransferEncoding | undefined): boolean {
  return encoding !== "base64" && encoding !== "quoted-printable";
}

// QUIRK: readers convert CRLF to LF and add a line end in all encodings but base64, so only base64 keeps bytes exactly.
function encodeExact(content: Extract<LeafContent, { kind: "bytes" }>, context: BodyContext): Body {
  const { bytes, field } = content;
  const { encoding } = context;
  if (encoding === undefined || encoding === "base64") return asBase64(bytes, context);
  const scan = scanContent(bytes);
  if (encoding === "quoted-printable") return asQuotedPrintable(bytes, scan, context);
  if (scan.hasBareCr || scan.hasBareLf) {
    throw new MessageError(field, `line ends other than CRLF would be changed in ${encoding}; use base64`);
  }
  checkIdentity(encoding, scan, field, context);
  return { encoding, pieces: withLineEnd(bytes, scan, context), hasEightBit: scan.eightBitCount > 0 };
}

/** A part or message as bytes: its lines are sent unchanged, or it is an error. */
function encodeComposite(content: Extract<LeafContent, { kind: "text" | "bytes" }>, context: BodyContext): Body {
  checkComposite(content.field, context);
  const given = content.kind === "text" ? Buffer.from(content.text, "utf8") : content.bytes;
  const clean = isExactAsLines(scanContent(given));
  const bytes = clean ? given : bytesToCrlf(given);
  const scan = scanContent(bytes);
  const encoding = context.encoding ?? (scan.eightBitCount > 0 ? "8bit" : "7bit");
  checkIdentity(encoding, scan, content.field, context);
  return { encoding, pieces: withLineEnd(bytes, scan, context), hasEightBit: scan.eightBitCount > 0 };
}

function streamBody(content: Extract<LeafContent, { kind: "source" }>, context: BodyContext): Body {
  if (context.encoding !== undefined && context.encoding !== "base64") {
    throw new MessageError(content.field, `streamed content is sent as base64, not as ${context.encoding}`);
  }
  const pieces: Piece[] = [{ kind: "source", source: content, encoding: "base64", size: sizeOf(content) }];
  if (context.last) pieces.push("\r\n");
  return { encoding: "base64", pieces, hasEightBit: false };
}

/** The bytes of a stream are not known yet: the widest encoding of the server is declared, and the bytes are checked on the way. */
function streamComposite(content: Extract<LeafContent, { kind: "source" }>, context: BodyContext): Body {
  checkComposite(content.field, context);
  const encoding = context.encoding === "7bit" || !context.eightBit ? "7bit" : "8bit";
  const pieces: Piece[] = [{ kind: "source", source: content, encoding, size: sizeOf(content) }];
  if (context.last) pieces.push("\r\n");
  return { encoding, pieces, hasEightBit: encoding === "8bit" };
}

function asBase64(bytes: Uint8Array, context: BodyContext): Body {
  const pieces: Piece[] = [{ kind: "base64", bytes }];
  if (context.last && bytes.length > 0) pieces.push("\r\n");
  return { encoding: "base64", pieces, hasEightBit: false };
}

function asQuotedPrintable(bytes: Uint8Array, scan: ContentScan, context: BodyContext): Body {
  const keep = context.type?.type === "text" && !scan.hasBareCr && !scan.hasBareLf;
  const pieces: Piece[] = [encodeQuotedPrintable(bytes, keep ? "keep" : "escape", scan)];
  // A soft line break at the end adds nothing to the content.
  if (context.last && bytes.length > 0 && !(keep && scan.endsWithLineBreak)) pieces.push("=\r\n");
  return { encoding: "quoted-printable", pieces, hasEightBit: false };
}

function withLineEnd(bytes: Uint8Array, scan: ContentScan, context: BodyContext): Piece[] {
  return context.last && !scan.endsWithLineBreak ? [bytes, "\r\n"] : [bytes];
}

function checkComposite(field: string, context: BodyContext): void {
  const { type, encoding } = context;
  if (encoding === "7bit" || encoding === "8bit" || encoding === undefined) return;
  throw new MessageError(field, `${type?.type}/${type?.subtype} must not be encoded in ${encoding} (RFC 2045 §6.4)`);
}

function checkIdentity(encoding: TransferEncoding, scan: ContentScan, field: string, context: BodyContext): void {
  if (!fitsLines(scan)) {
    const reason = scan.hasNul
      ? "a NUL byte"
      : `a line of ${scan.longestLine} bytes, above the limit of ${MAX_LINE_BYTES}`;
    throw new MessageError(field, `does not fit ${encoding}: it holds ${reason}; use quoted-printable or base64`);
  }
  if (scan.eightBitCount === 0) return;
  if (encoding === "7bit") throw new MessageError(field, "does not fit 7bit: it holds bytes above 127");
  if (!context.eightBit) {
    throw new MessageError(field, "needs 8bit, but the server does not offer 8BITMIME; use base64 where possible");
  }
}

function sizeOf(content: Extract<LeafContent, { kind: "source" }>): number | undefined {
  const size = content.size();
  if (size === undefined || (Number.isSafeInteger(size) && size >= 0)) return size;
  throw new MessageError(content.field, "the size must be a whole number of bytes");
}

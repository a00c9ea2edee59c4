/**
 * The header section of a message, from bytes to names and values.
 *
 * Layer: message. RFC 5322 §2.2 and §2.2.3 (unfolding), RFC 2047 (encoded words), RFC 6532 (UTF-8).
 */
import { formatAddressList } from "../../address/format.js";
import { parseAddressList } from "../../address/parser.js";
import { MessageError } from "../../errors/errors.js";
import { describe, isBytes } from "../../given/values.js";
import { findHeaderControl } from "../../text/characters.js";
import { decodeEncodedWords } from "../../text/decode-words.js";
import { fieldKind } from "./field.js";
import { trimSpace } from "./field-text.js";

const LF = 0x0a;
const NAME = /^[!-9;-~]+$/;

/** SECURITY: input without an empty line may be a whole mailbox file. */
export const MAX_HEADER_BYTES: number = 4 * 1024 * 1024;

/**
 * The header fields in order: unfolded, decoded, white space around the value removed. Reads up to the empty line, or to
 * the end when there is none; lines may end in CRLF or LF. An address field whose text parses comes back as
 * `formatAddressList` writes it, so that a decoded name cannot become syntax; other values keep their encoded words.
 *
 * @throws MessageError (`"message"`) when a line is not a field, a value holds control characters, or the section is longer
 * than 4 MiB.
 * @example
 * parseHeaders(new TextEncoder().encode("Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\r\nbody"));  // [["Subject", "Grüße"]]
 */
export function parseHeaders(bytes: Uint8Array): [name: string, value: string][] {
  if (!isBytes(bytes)) throw new MessageError("bytes", `must be a Uint8Array, not ${describe(bytes)}`);
  return Array.from(scanFields(bytes), ({ name, value }) => [name, value]);
}

/** A field and its place in the bytes, from `start` to `end` (exclusive), the last line end included. */
export interface ScannedField {
  readonly name: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** As `parseHeaders`, with places. @throws MessageError as `parseHeaders`. */
export function* scanFields(bytes: Uint8Array): Generator<ScannedField, void, undefined> {
  const text = new TextDecoder("utf-8", { ignoreBOM: true });
  let pieces: string[] = [];
  let start = 0;
  let number = 0;
  for (const line of headerLines(bytes)) {
    number += 1;
    const content = text.decode(line.content);
    if (content.startsWith(" ") || content.startsWith("\t")) {
      if (pieces.length === 0)
        throw new MessageError("headers", `line ${number} continues a field, but none precedes it`);
      pieces.push(content);
    } else {
      if (pieces.length > 0) yield readField(pieces.join(""), number - 1, start, line.start);
      pieces = [content];
      start = line.start;
    }
    if (line.isLast && pieces.length > 0) yield readField(pieces.join(""), number, start, line.end);
  }
}

interface HeaderLine {
  /** Without the line end. */
  readonly content: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly isLast: boolean;
}

/** The lines up to the empty one. */
function* headerLines(bytes: Uint8Array): Iterable<HeaderLine> {
  let line = cutLine(bytes, 0);
  while (line.content.length > 0) {
    const next = cutLine(bytes, line.end);
    yield { ...line, isLast: next.content.length === 0 };
    line = next;
  }
}

function cutLine(bytes: Uint8Array, start: number): Omit<HeaderLine, "isLast"> {
  const found = bytes.indexOf(LF, start);
  const end = found === -1 ? bytes.length : found + 1;
  if (end > MAX_HEADER_BYTES) {
    throw new MessageError("headers", `the header section is longer than ${MAX_HEADER_BYTES} bytes`);
  }
  let stop = found === -1 ? end : found;
  if (found > start && bytes[found - 1] === 0x0d) stop -= 1;
  return { content: bytes.subarray(start, stop), start, end };
}

function readField(line: string, number: number, start: number, end: number): ScannedField {
  const colon = line.indexOf(":");
  // White space before the colon is obsolete syntax (RFC 5322 §4.5.8), which readers accept.
  const name = line.slice(0, Math.max(colon, 0)).trimEnd();
  if (!NAME.test(name)) {
    throw new MessageError("headers", `line ${number} is not a header field: ${JSON.stringify(line.slice(0, 80))}`);
  }
  const value = line.slice(colon + 1);
  if (findHeaderControl(value) !== undefined)
    throw new MessageError(name, `holds a control character (line ${number})`);
  return { name, value: decodeValue(name, trimSpace(value)), start, end };
}

function decodeValue(name: string, value: string): string {
  switch (fieldKind(name)) {
    case "text":
    case "phrases":
    case "list-id":
      return decodeEncodedWords(value);
    case "addresses":
    case "mailbox":
      return decodeAddresses(name, value);
    default:
      return value;
  }
}

function decodeAddresses(name: string, value: string): string {
  if (!value.includes("=?")) return value;
  try {
    return formatAddressList(parseAddressList(value, name));
  } catch {
    // The value is kept as it is: code that needs the addresses parses it, and reports the error.
    return value;
  }
}

/**
 * The header section of a message, from bytes to names and values.
 *
 * Layer: message. RFC 5322 §2.2 and §2.2.3 (unfolding), RFC 2047 (encoded words), RFC 6532 (UTF-8).
 */
import { MessageError } from "../../errors.js";
import { formatAddressList } from "../address/format.js";
import { parseAddressList } from "../address/parse.js";
import { decodeEncodedWords } from "./decode-words.js";
import { fieldKind } from "./field-kinds.js";
import { trimSpace } from "./white-space.js";

const LF = 0x0a;
const NAME = /^[!-9;-~]+$/;

/** SECURITY: what comes before the empty line may be a whole mailbox of somebody else's. */
const MAX_HEADER_BYTES = 4 * 1024 * 1024;

/**
 * The header fields in order: unfolded, decoded, white space around the value removed. Reads up to the empty line, or to
 * the end when there is none; lines may end in CRLF or LF. An address field whose text parses comes back as
 * `formatAddressList` writes it, so that a decoded name cannot pass for syntax; any other keeps its encoded words.
 *
 * @throws MessageError (`"message"`) when a line is no field, a value holds control characters, or the section is longer
 * than 4 MiB.
 * @example
 * parseHeaders(new TextEncoder().encode("Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\r\nbody"));  // [["Subject", "Grüße"]]
 */
export function parseHeaders(bytes: Uint8Array): [name: string, value: string][] {
  const fields: [string, string][] = [];
  const text = new TextDecoder("utf-8", { ignoreBOM: true });
  let pieces: string[] = [];
  let number = 0;
  for (const line of headerLines(bytes)) {
    number += 1;
    const content = text.decode(line);
    if (content.startsWith(" ") || content.startsWith("\t")) {
      if (pieces.length === 0) throw new MessageError("headers", `line ${number} continues a field, and there is none`);
      pieces.push(content);
      continue;
    }
    if (pieces.length > 0) fields.push(readField(pieces.join(""), number - 1));
    pieces = [content];
  }
  if (pieces.length > 0) fields.push(readField(pieces.join(""), number));
  return fields;
}

/** Lines without their ends, up to the empty one. */
function* headerLines(bytes: Uint8Array): Iterable<Uint8Array> {
  let start = 0;
  while (start < bytes.length) {
    const found = bytes.indexOf(LF, start);
    const next = found === -1 ? bytes.length : found + 1;
    if (next > MAX_HEADER_BYTES) {
      throw new MessageError("headers", `the header section is longer than ${MAX_HEADER_BYTES} bytes`);
    }
    let end = found === -1 ? bytes.length : found;
    if (end > start && bytes[end - 1] === 0x0d) end -= 1;
    if (end === start) return;
    yield bytes.subarray(start, end);
    start = next;
  }
}

const FORBIDDEN = /[\x00-\x08\x0a-\x1f\x7f]/;

function readField(line: string, number: number): [string, string] {
  const colon = line.indexOf(":");
  // White space before the colon is obsolete (RFC 5322 §4.5.8), and still a header to every reader.
  const name = line.slice(0, Math.max(colon, 0)).trimEnd();
  if (!NAME.test(name)) {
    throw new MessageError("headers", `line ${number} is no header field: ${JSON.stringify(line.slice(0, 80))}`);
  }
  const value = line.slice(colon + 1);
  if (FORBIDDEN.test(value)) throw new MessageError(name, `holds a control character (line ${number})`);
  return [name, decodeValue(name, trimSpace(value))];
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
    // The value stays as it was written: whoever needs the addresses parses it, and gets the error.
    return value;
  }
}

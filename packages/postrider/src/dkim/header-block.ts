/**
 * The header of a message as DKIM sees it: fields in order, each with the very bytes of its lines.
 *
 * Layer: dkim. RFC 5322 §2.2, RFC 6376 §3.5 and §5.4.
 */
import { Buffer } from "node:buffer";
import { MessageError } from "../errors.js";
import { isCrlf } from "../text/line-ends.js";

export interface HeaderField {
  /** In lower case, without white space before the colon. */
  readonly name: string;
  /** The lines as they stand, one character a byte, folds included, without the last line end. */
  readonly raw: string;
}

// RFC 5322 §3.6.8; white space before the colon is obsolete (§4.5), and relaxed canonicalization takes it away.
const NAME = /^([\x21-\x39\x3b-\x7e]+)[ \t]*:/;

/**
 * @param bytes the header without the empty line after it; a line end at its end may be missing
 * @throws MessageError when it is no header
 */
export function parseHeaderBlock(bytes: Uint8Array): readonly HeaderField[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  if (!isCrlf(text)) throw new MessageError("message", "only CRLF may end a line of a message to be signed");
  if (text === "") return [];
  const lines = (text.endsWith("\r\n") ? text.slice(0, -2) : text).split("\r\n");
  const fields: { name: string; lines: string[] }[] = [];
  for (const line of lines) {
    const name = NAME.exec(line)?.[1];
    if (name !== undefined) fields.push({ name: name.toLowerCase(), lines: [line] });
    else if (isContinuation(line) && fields.length > 0) fields.at(-1)?.lines.push(line);
    else throw new MessageError("message", `line ${lineNumber(fields)} of the header is no header field`);
  }
  return fields.map((field) => ({ name: field.name, raw: field.lines.join("\r\n") }));
}

function isContinuation(line: string): boolean {
  return line.startsWith(" ") || line.startsWith("\t");
}

function lineNumber(fields: readonly { readonly lines: readonly string[] }[]): number {
  return fields.reduce((lines, field) => lines + field.lines.length, 1);
}

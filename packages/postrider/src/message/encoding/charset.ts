/**
 * Text to bytes, in the few charsets that are worth sending.
 *
 * Layer: message. RFC 2046 §4.1.2, RFC 2978 (names).
 */
import { Buffer } from "node:buffer";
import { MessageError } from "../../errors.js";
import { codePointName, isWellFormed } from "../../text/characters.js";

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
 * Text in the charset. Nothing is replaced by a question mark.
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

/** @throws MessageError when the text holds half of a surrogate pair, which no charset can write. */
export function checkWellFormed(text: string, field: string): void {
  if (isWellFormed(text)) return;
  throw new MessageError(field, "holds half of a surrogate pair, which is no character");
}

/**
 * Text to bytes, in the few charsets that are worth sending.
 *
 * Layer: message. RFC 2046 §4.1.2, RFC 2978 (names).
 */
import { Buffer } from "node:buffer";
import { MessageError } from "../../errors.js";

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
    const character = text.codePointAt(index) ?? 0;
    throw new MessageError(
      field,
      `the charset ${charset} has no U+${character.toString(16).toUpperCase().padStart(4, "0")} (at position ${index}); use charset=utf-8`,
    );
  }
  return Buffer.from(text, "latin1");
}

interface WellFormed {
  /** In every runtime since ES2024; the type library of ES2023 does not know it. */
  isWellFormed(): boolean;
}

/** @throws MessageError when the text holds half of a surrogate pair, which no charset can write. */
export function checkWellFormed(text: string, field: string): void {
  if ((text as string & WellFormed).isWellFormed()) return;
  throw new MessageError(field, "holds half of a surrogate pair, which is no character");
}

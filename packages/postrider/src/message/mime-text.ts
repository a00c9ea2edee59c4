/**
 * A part of text.
 *
 * Layer: message. RFC 2046 §4.1.
 */
import { MessageError } from "../errors.js";
import { describe } from "../given.js";
import { findCharset } from "./encoding/charset.js";
import { MimePart } from "./mime-part.js";

import { checkSubtype } from "./subtype.js";

/**
 * Text with its subtype and charset. Line ends become CRLF.
 *
 * @example
 * const part = new MimeText("<p>Hello</p>", "html");
 *
 * @throws MessageError (`"message"`) when the text is no string, or the charset is unknown or lacks a character.
 */
export class MimeText extends MimePart {
  constructor(text: string, subtype = "plain", charset = "utf-8") {
    if (typeof text !== "string") throw new MessageError("text", `must be a string, not ${describe(text)}`);
    checkSubtype(subtype);
    super({ content: text, contentType: `text/${subtype}; charset=${checkCharset(charset)}` });
  }
}

function checkCharset(charset: unknown): string {
  const known = typeof charset === "string" ? findCharset(charset) : undefined;
  if (known !== undefined) return known;
  throw new MessageError("charset", `must be utf-8, us-ascii or iso-8859-1, not ${describe(charset)}`);
}

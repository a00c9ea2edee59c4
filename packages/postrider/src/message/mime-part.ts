/**
 * MimePart, MimeMultipart and MimeText: headers and content; a message is a part too.
 *
 * Layer: message. RFC 2045, RFC 2046 §4.1 (text) and §5.1 (multipart).
 */

import { MessageError } from "../errors/errors.js";
import { describe, ownEntries } from "../given/values.js";
import { CONTENT_OPTION_KEYS, type ContentOptions } from "./attachment.js";
import { entityBytes, entityStream } from "./compose.js";
import { type ContentInput, orDiscard } from "./encoding/content-input.js";
import { findCharset } from "./encoding/transfer-encoding.js";
import { type Entity, type GeneratedFields, PART, type PartContent, type PartMark, partKind } from "./entity.js";
import { fillPart } from "./fill-part.js";
import { MessageHeaders } from "./header/headers.js";
import { checkKeys, takeProperties } from "./plain-data.js";
import { randomBoundary } from "./random-token.js";

/** Content and its description. */
export interface MimePartOptions extends ContentOptions {
  /** The content: a string is text whose line ends become CRLF; a message becomes `message/rfc822`. Default: empty. */
  readonly content?: ContentInput | Entity | undefined;
}

/**
 * One part with any content.
 *
 * @example
 * const part = new MimePart({ content: "{}", contentType: "application/json" });
 *
 * @throws MessageError (`"message"`) that names the option that is wrong.
 */
export class MimePart {
  /** The header fields of this part. Without Content-Transfer-Encoding, composing chooses the encoding. */
  readonly headers: MessageHeaders = new MessageHeaders();
  /** @internal */
  content: PartContent<MimePart> = { kind: "none" };
  /** @internal */
  readonly generated: GeneratedFields = { date: undefined, messageId: undefined };
  // Makes the type nominal: an object of the same shape is not assignable.
  readonly #brand = true;

  /** Makes a part; without options it is empty. @throws MessageError that names the option that is wrong. */
  constructor(options?: MimePartOptions) {
    if (options === undefined) return;
    const own = takeProperties(options, MIME_PART_KEYS, "", "a part");
    this.content = orDiscard(own, () => {
      checkKeys(own, MIME_PART_KEYS, "", "a part");
      const { content = "", filename, disposition }: MimePartOptions = own;
      const exact = filename !== undefined || disposition === "attachment";
      return fillPart(this.headers, content, own, { field: "content", path: "", disposition: undefined, exact });
    });
  }

  /** @internal Recognised by other copies of the package. */
  get [PART](): PartMark {
    return "part/1";
  }

  /** The parts of a multipart, in order; empty for any other part. */
  get parts(): readonly MimePart[] {
    return this.#brand && this.content.kind === "parts" ? [...this.content.parts] : [];
  }

  /**
   * The bytes of this part with its headers, in seven bits where the content allows it.
   *
   * @throws MessageError (`"message"`), AddressError (`"address"`) when a header or the content cannot be sent.
   */
  toBytes(): Promise<Uint8Array> {
    return entityBytes(this);
  }

  /** The bytes of `toBytes()` in chunks; streamed content is read as it is consumed. */
  stream(): AsyncIterable<Uint8Array> {
    return entityStream(this);
  }
}

const MIME_PART_KEYS: readonly (keyof MimePartOptions)[] = ["content", ...CONTENT_OPTION_KEYS];

/**
 * Several parts in one: `"mixed"`, `"alternative"` (the best last), `"related"` (the root first) or another subtype.
 *
 * @example
 * const body = new MimeMultipart("alternative");
 * body.attach(new MimeText("Hello")).attach(new MimeText("<p>Hello</p>", "html"));
 *
 * @throws MessageError (`"message"`) when the subtype is invalid, or something other than a part is given.
 */
export class MimeMultipart extends MimePart {
  readonly #parts: MimePart[] = [];

  /**
   * Makes a multipart.
   *
   * @param subtype `"mixed"` (the default), `"alternative"`, `"related"`, `"signed"` or another (RFC 2046 §5.1).
   * @param parts the first parts; default none. `attach` adds more.
   */
  constructor(subtype = "mixed", parts: readonly MimePart[] = []) {
    super();
    checkSubtype(subtype);
    if (!Array.isArray(parts)) throw new MessageError("parts", `must be an array, not ${describe(parts)}`);
    this.headers.set("Content-Type", `multipart/${subtype}`);
    this.content = { kind: "parts", parts: this.#parts, boundary: randomBoundary() };
    for (const part of ownEntries(parts)) this.attach(part as MimePart);
  }

  /** Adds a part at the end. @throws MessageError (`"message"`) for something other than a part. */
  attach(part: MimePart): this {
    if (partKind(part, "part") === undefined)
      throw new MessageError("part", `must be a MimePart, not ${describe(part)}`);
    this.#parts.push(part);
    return this;
  }
}

/**
 * A part of text with its subtype and charset. Line ends become CRLF.
 *
 * @example
 * const part = new MimeText("<p>Hello</p>", "html");
 *
 * @throws MessageError (`"message"`) when the text is not a string, or the charset is unknown or lacks a character.
 */
export class MimeText extends MimePart {
  /**
   * Makes a part of text.
   *
   * @param subtype `"plain"` (the default), `"html"` or another.
   * @param charset `"utf-8"` (the default), `"us-ascii"` or `"iso-8859-1"`.
   */
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

const SUBTYPE = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;

/** @throws MessageError (`"message"`) when the subtype is invalid; parameters are not allowed. */
function checkSubtype(subtype: unknown): asserts subtype is string {
  if (typeof subtype === "string" && SUBTYPE.test(subtype)) return;
  const given = typeof subtype === "string" ? JSON.stringify(subtype.slice(0, 80)) : describe(subtype);
  throw new MessageError("subtype", `${given} is not a subtype such as "plain" or "alternative"`);
}

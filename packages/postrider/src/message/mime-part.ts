/**
 * A part: headers and content. Messages are made of these, and are one themselves.
 *
 * Layer: message. RFC 2045.
 */
import { CONTENT_OPTION_KEYS, type ContentOptions } from "./attachment.js";
import type { ContentInput } from "./content-input.js";
import { type Entity, type GeneratedFields, PART, type PartContent, type PartMark } from "./entity.js";
import { fillPart } from "./fill-part.js";
import { MessageHeaders } from "./header/headers.js";
import { orDiscard } from "./holding.js";
import { checkKeys, takeProperties } from "./plain-data.js";
import { entityBytes, entityStream } from "./serialise.js";

/** What `new MimePart` takes: content and its description. */
export interface MimePartOptions extends ContentOptions {
  /** A string is text, in lines; a message becomes `message/rfc822`. Default: empty. */
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
  /** The fields of this part. Content-Transfer-Encoding is absent while composing may choose it. */
  readonly headers: MessageHeaders = new MessageHeaders();
  /** @internal */
  content: PartContent<MimePart> = { kind: "none" };
  /** @internal */
  readonly generated: GeneratedFields = { date: undefined, messageId: undefined };
  // Makes the class nominal: an object of the same shape is no part.
  readonly #brand = true;

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

  /** The parts inside, when this is a multipart; else none. */
  get parts(): readonly MimePart[] {
    return this.#brand && this.content.kind === "parts" ? [...this.content.parts] : [];
  }

  /**
   * The bytes of this part, with exactly its headers and what MIME needs, in seven bits where the content allows.
   *
   * @throws MessageError (`"message"`), AddressError (`"address"`) when a header or the content cannot be sent.
   */
  toBytes(): Promise<Uint8Array> {
    return entityBytes(this);
  }

  /** The same bytes in pieces; content that is a stream is read as it goes. */
  stream(): AsyncIterable<Uint8Array> {
    return entityStream(this);
  }
}

const MIME_PART_KEYS: readonly (keyof MimePartOptions)[] = ["content", ...CONTENT_OPTION_KEYS];

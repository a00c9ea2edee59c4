/**
 * EmailMessage: a message built step by step, or from its fields.
 *
 * Layer: message. RFC 5322, RFC 2046 §5.1 (mixed, alternative), RFC 2387 (related), RFC 1847 (signed, encrypted).
 */
import { MessageError } from "../errors/errors.js";
import { describe, withoutPrototype } from "../given/values.js";
import {
  ATTACHMENT_KEYS,
  type Attachment,
  CONTENT_OPTION_KEYS,
  type ContentOptions,
  type Disposition,
} from "./attachment.js";
import { messageBytes, messageStream } from "./compose.js";
import { type ContentInput, contentFault, isContentInput, orDiscard, takeContent } from "./encoding/content-input.js";
import { contentTypeFacts, type Entity, isEntity, PART, type PartMark, partKind } from "./entity.js";
import { applyFields } from "./fields/apply-fields.js";
import type { MessageFields } from "./fields/field-types.js";
import { fillPart } from "./fill-part.js";
import { MimePart } from "./mime-part.js";
import { readKeys } from "./plain-data.js";
import { randomBoundary } from "./random-token.js";

/** Content, a part, or content with its description as one object. */
export type AddedContent = ContentInput | MimePart | Attachment;

/** The bytes that `toBytes()` and `stream()` of a message give. */
export interface MessageBytesOptions {
  /**
   * Whether Bcc and Resent-Bcc are part of the bytes: for sendmail -t and HTTP APIs, which take the recipients from the header and
   * remove these fields. SECURITY: nothing else does, so that every recipient could read them. Default false.
   */
  readonly bcc?: boolean | undefined;
}

type AddedInput = ContentInput | Entity;

/** The relation of new content to the content before it. */
type ContentRole = "content" | Container;

type Container = "alternative" | "related" | "mixed";

/** Which containers may be wrapped by which: alternative and related by each other, both by mixed. */
const MAY_HOLD: { readonly [subtype in Container]: readonly string[] } = {
  alternative: ["related"],
  related: ["alternative"],
  mixed: ["alternative", "related"],
};

/**
 * A message. The methods add content: with a second part, the content before it moves into the first part of a multipart. Date,
 * Message-ID and MIME-Version are generated when they are absent, once for each message. Bcc and Resent-Bcc are for the envelope and
 * never leave (RFC 5322 §3.6.3); only `toBytes({ bcc: true })` writes them.
 *
 * @example
 * const message = new EmailMessage({ from: "ann@example.org", to: "bob@example.org", subject: "Lunch?" });
 * message.setContent("At noon?").addAlternative("<p>At noon?</p>", { contentType: "text/html" });
 *
 * @throws MessageError (`"message"`), AddressError (`"address"`) that names the field that is wrong.
 */
export class EmailMessage extends MimePart {
  /**
   * Makes an empty message, or one from its fields, which are read now and not again.
   *
   * @throws MessageError, AddressError that names the field that is wrong.
   */
  constructor(fields?: MessageFields) {
    super();
    if (fields !== undefined) applyFields(this, fields);
  }

  /** @internal Recognised by other copies of the package. */
  override get [PART](): PartMark {
    return "message/1";
  }

  /**
   * Sets or replaces the content; a string is `text/plain` unless `contentType` says otherwise.
   *
   * @throws MessageError (`"message"`) when the message has several parts already.
   */
  setContent(content: AddedContent, options: ContentOptions = {}): this {
    return this.#add("content", content, options);
  }

  /**
   * Adds an alternative form of the content; readers show the last one that they support (RFC 2046 §5.1.4).
   *
   * @throws MessageError (`"message"`) after `addAttachment`: alternatives belong before attachments.
   */
  addAlternative(content: AddedContent, options: ContentOptions = {}): this {
    return this.#add("alternative", content, options);
  }

  /**
   * Adds a part that the html refers to by its `contentId`, such as an image (RFC 2387); disposition `"inline"`.
   *
   * @throws MessageError (`"message"`) after `addAttachment`.
   */
  addRelated(content: AddedContent, options: ContentOptions = {}): this {
    return this.#add("related", content, options);
  }

  /** Adds an attachment; disposition `"attachment"`. @throws MessageError (`"message"`) that names the option that is wrong. */
  addAttachment(content: AddedContent, options: ContentOptions = {}): this {
    return this.#add("mixed", content, options);
  }

  /**
   * Replaces the content by what the function returns, such as a `multipart/signed` or `multipart/encrypted` (RFC 1847). The function gets
   * the content with all its parts and attachments as one part; the other headers stay with the message. `toBytes()` of the part gives
   * the bytes that it has inside a `multipart/signed`. When the function fails, the message is unchanged.
   *
   * @example
   * await message.transformContent(async (part) => new MimeMultipart("signed", [part, await signatureOf(part)]));
   *
   * @throws MessageError (`"message"`) when the function returns something other than a MimePart, or a message; what the function throws.
   */
  async transformContent(change: (content: MimePart) => MimePart | Promise<MimePart>): Promise<this> {
    const part = await change(contentOf(this));
    if (partKind(part, "content") !== "part") {
      throw new MessageError("content", "the function of transformContent must return a MimePart, not an EmailMessage");
    }
    const foreign = [...part.headers].find(([name]) => !isContentField(name));
    if (foreign !== undefined) throw new MessageError(foreign[0], "belongs to a message, not to its content");
    this.#takeContent(part);
    return this;
  }

  /** The message as it goes on the wire; the same each time. @throws MessageError (`"message"`), AddressError (`"address"`) */
  override async toBytes(options: MessageBytesOptions = {}): Promise<Uint8Array> {
    return messageBytes(this, keepsBcc(options));
  }

  /** The message as it goes on the wire, in pieces; the same each time. */
  override stream(options: MessageBytesOptions = {}): AsyncIterable<Uint8Array> {
    return messageStream(this, keepsBcc(options));
  }

  #add(role: ContentRole, content: AddedContent, options: ContentOptions): this {
    if (partKind(content, "content") === "part") {
      readKeys(options, [], "", "a part that is added as it is");
      return this.#place(role, content as MimePart);
    }
    const taken = takeContent(content, ATTACHMENT_KEYS, "content");
    return orDiscard([taken], () => {
      const [input, description] = unpack(taken as AddedContent, options);
      return this.#place(role, makePart(role, input, description));
    });
  }

  #place(role: ContentRole, part: MimePart): this {
    if (role === "content") this.#replaceContent(part);
    else this.#containerOf(role).push(part);
    return this;
  }

  #replaceContent(part: MimePart): void {
    if (this.content.kind === "parts") {
      throw new MessageError("content", "setContent cannot replace several parts; make a new message");
    }
    this.#takeContent(part);
  }

  #takeContent(part: MimePart): void {
    for (const name of contentFields(this)) this.headers.delete(name);
    for (const [name, value] of part.headers) this.headers.append(name, value);
    // A copy of the list: parts added to this message must not be added to the given part.
    this.content = part.content.kind === "parts" ? { ...part.content, parts: [...part.content.parts] } : part.content;
  }

  /** The parts of the outermost multipart of this kind, which is made if needed. */
  #containerOf(container: Container): MimePart[] {
    const { content } = this;
    const type = this.headers.get("Content-Type");
    const facts = type === undefined ? undefined : contentTypeFacts(type, "Content-Type");
    if (content.kind === "parts" && facts?.type === "multipart") {
      if (facts.subtype === container) return content.parts;
      if (!MAY_HOLD[container].includes(facts.subtype)) throw misplaced(container, facts.subtype);
    }
    const parts = this.#moveContent();
    this.headers.append("Content-Type", `multipart/${container}`);
    this.content = { kind: "parts", parts, boundary: randomBoundary() };
    return parts;
  }

  /** Moves the content with its headers into a new part; none when there is no content. */
  #moveContent(): MimePart[] {
    const first = contentOf(this);
    const isEmpty = this.content.kind === "none" && first.headers.size === 0;
    for (const name of contentFields(this)) this.headers.delete(name);
    return isEmpty ? [] : [first];
  }
}

function keepsBcc(options: MessageBytesOptions): boolean {
  const { bcc = false } = readKeys(options, ["bcc"], "", "the options of a message's bytes");
  if (typeof bcc === "boolean") return bcc;
  throw new MessageError("bcc", `must be true or false, not ${describe(bcc)}`);
}

/** The content with its headers, as a part. */
function contentOf(message: EmailMessage): MimePart {
  const part = new MimePart();
  for (const [name, value] of message.headers) if (isContentField(name)) part.headers.append(name, value);
  part.content = message.content;
  return part;
}

const DEFAULT_DISPOSITION: { readonly [role in ContentRole]: Disposition | undefined } = {
  content: undefined,
  alternative: undefined,
  related: "inline",
  mixed: "attachment",
};

/** Text that is shown is sent as lines; attached text byte for byte. A message becomes `message/rfc822`. */
function makePart(role: ContentRole, input: AddedInput, options: ContentOptions): MimePart {
  const disposition = DEFAULT_DISPOSITION[role];
  const exact = disposition !== undefined || options.filename !== undefined || options.disposition === "attachment";
  const part = new MimePart();
  part.content = fillPart(part.headers, input, options, { field: "content", path: "", disposition, exact });
  return part;
}

/** Splits an attachment given as one object into content and options; options given separately take precedence. */
function unpack(content: AddedContent, options: ContentOptions): readonly [AddedInput, ContentOptions] {
  const own: ContentOptions = readKeys(options, CONTENT_OPTION_KEYS, "", "the options of content");
  if (isContentInput(content) || isEntity(content, "content")) return [content, own];
  if (typeof content !== "object" || content === null) throw contentFault(content, "content");
  const attachment = readKeys(content, ATTACHMENT_KEYS, "", "content");
  return [attachment["content"] as AddedInput, withoutPrototype({ ...attachment, ...own })];
}

function isContentField(name: string): boolean {
  return /^content-/i.test(name);
}

function contentFields(part: MimePart): string[] {
  return [...part.headers].map(([name]) => name).filter(isContentField);
}

function misplaced(container: Container, outer: string): MessageError {
  const method = container === "alternative" ? "addAlternative" : "addRelated";
  const rule =
    outer === "mixed"
      ? `call ${method} before addAttachment: an attachment closes the content`
      : `${method} cannot be used on multipart/${outer}`;
  return new MessageError("content", rule);
}

export type { MessageFields, TextContent } from "./fields/field-types.js";

/**
 * The message that the fields describe; they are read now and not again.
 *
 * @throws MessageError (`"message"`), AddressError (`"address"`) that names the field.
 */
export function fromFields(fields: MessageFields): EmailMessage {
  return new EmailMessage(fields);
}

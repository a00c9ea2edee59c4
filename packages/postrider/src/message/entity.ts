/**
 * A part or message as composing sees it: headers, content, generated fields.
 *
 * Layer: message. RFC 2045 §2.4 (entity).
 */
import { MessageError } from "../errors/errors.js";
import type { Reading } from "../given/producer.js";
import { isObject } from "../given/values.js";
import { isAscii } from "../text/characters.js";
import { scanContent } from "../text/content-scan.js";
import { parseContentType } from "./header/content-type.js";
import { fieldNeedsUtf8, formatField } from "./header/field.js";
import { Memo } from "./header/field-text.js";
import type { MessageHeaders } from "./header/headers.js";

/**
 * Marks parts and messages. Copies of the package in one process share the registry of symbols, so that each accepts the messages of the
 * others.
 */
export const PART: unique symbol = Symbol.for("postrider.MimePart") as never;

/** The value of the mark: message or part, and the version of the properties read here. */
export type PartMark = "message/1" | "part/1";

/** A `MimePart` or an `EmailMessage`, of this copy of the package or another (RFC 2045 §2.4). */
export interface Entity {
  /** The header fields of the part. */
  readonly headers: MessageHeaders;
  /** @internal */
  readonly content: PartContent;
  /** @internal */
  readonly generated: GeneratedFields;
}

/** Generated fields, kept from the first composing, so that each later one gives the same bytes. */
export interface GeneratedFields {
  date: string | undefined;
  messageId: string | undefined;
}

/** Content of a part. `field` names it in errors. */
export type PartContent<Part extends Entity = Entity> =
  | { readonly kind: "none" }
  /** Lines of text, written in the charset of Content-Type; line ends become CRLF. */
  | {
      readonly kind: "text";
      readonly text: string;
      readonly field: string;
      /** Generates `text`; must be called before it is read. */
      readonly settle?: (() => Promise<void>) | undefined;
    }
  /** Bytes that must be kept exactly. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly field: string }
  | ({ readonly kind: "source" } & ContentSource)
  | { readonly kind: "parts"; readonly parts: Part[]; readonly boundary: string }
  /** A message inside a message (RFC 2046 §5.2.1). */
  | { readonly kind: "message"; readonly message: Entity; readonly field: string };

/** Content that is read when it is needed. */
export interface ContentSource {
  readonly field: string;
  /**
   * Opens the content for one reading.
   *
   * @throws MessageError when it has been read and cannot be opened again.
   */
  readonly open: () => Reading;
  /** False for a stream, which can be read only once. */
  readonly isRepeatable: boolean;
  /**
   * The number of bytes of a reading, if it is known beforehand; determined anew each time.
   *
   * @throws MessageError when the content is known to be unreadable.
   */
  readonly size: () => number | undefined;
  /** Closes a stream whose reading has not begun. */
  readonly release: () => void;
}

/**
 * Whether the value is a part or a message, of this copy of the package or another; undefined when it is neither.
 *
 * @throws MessageError when it belongs to an incompatible version of the package.
 */
export function partKind(value: unknown, field: string): "message" | "part" | undefined {
  if (!isObject(value)) return undefined;
  const mark = (value as { readonly [PART]?: unknown })[PART];
  if (mark === undefined) return undefined;
  if (mark === "message/1") return "message";
  if (mark === "part/1") return "part";
  throw new MessageError(field, "was made by another version of postrider; use one version, or give its toBytes()");
}

export function isEntity(value: unknown, field: string): value is Entity {
  return partKind(value, field) !== undefined;
}

/** SECURITY: bounds recursion, also for a part that contains itself. */
const MAX_DEPTH = 50;

/** @throws MessageError when the entity contains itself, or is nested too deep. */
export function checkNesting(entity: Entity, around: readonly Entity[]): void {
  if (around.includes(entity)) throw new MessageError("parts", "a part must not hold itself");
  if (around.length > MAX_DEPTH) throw new MessageError("parts", `parts are nested deeper than ${MAX_DEPTH}`);
}

export interface ContentTypeFacts {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** The field as it goes on the wire, with its CRLF. */
  readonly line: string;
}

// PERF: parsing and formatting a Content-Type costs microseconds, and a program uses few different ones.
const memo = new Memo<ContentTypeFacts>();

/** @throws MessageError (`"message"`) when the value is no media type. */
export function contentTypeFacts(value: string, field: string): ContentTypeFacts {
  const known = memo.get(value);
  if (known !== undefined) return known;
  const { type, subtype, parameters } = parseContentType(value, field);
  const facts = { type, subtype, parameters, line: formatField("Content-Type", value, "ascii") };
  checkBoundary(facts, field);
  return memo.keep(value, facts);
}

/** Composite types: their bytes are parts or messages, which must not be encoded (RFC 2045 §6.4; RFC 6532 §3.5 for global). */
export function isComposite(facts: ContentTypeFacts): boolean {
  return facts.type === "multipart" || (facts.type === "message" && !facts.subtype.startsWith("global"));
}

// RFC 2046 §5.1.1: one to seventy of these, the last not a space.
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;

function checkBoundary(facts: ContentTypeFacts, field: string): void {
  const boundary = facts.parameters.get("boundary");
  if (facts.type !== "multipart" || boundary === undefined || BOUNDARY.test(boundary)) return;
  throw new MessageError(field, "the boundary must be 1 to 70 letters, digits or '()+_,-./:=? (RFC 2046)");
}

/** The first header field with an address whose local part is not ASCII, so that SMTPUTF8 is needed; undefined when there is none. */
export function findUtf8Field(message: Entity, keepsBcc = false): string | undefined {
  for (const { name, key, value } of message.headers.fields) {
    if (isAscii(value) || !mayNeedUtf8(value)) continue;
    if ((keepsBcc || !isEnvelopeOnly(key)) && fieldNeedsUtf8(name, value)) return name;
  }
  return undefined;
}

// A local part cannot contain these, except in quoted strings and comments, which are left to the parser.
const SEPARATORS: ReadonlySet<string> = new Set(["<", ">", ",", ";", ":", "@"]);

/** PERF: parsing a field costs 2 µs; a linear scan for a character beyond ASCII before an at sign avoids it for most. */
function mayNeedUtf8(value: string): boolean {
  if (value.includes('"') || value.includes("(")) return true;
  let wide = false;
  for (let index = 0; index < value.length; index++) {
    if (value.charCodeAt(index) > 0x7f) wide = true;
    else if (wide && value[index] === "@") return true;
    else if (wide && SEPARATORS.has(value[index] ?? "")) wide = false;
  }
  return false;
}

/** Whether a header for the wire holds an address with a local part beyond ASCII, so that SMTPUTF8 is needed. */
export function messageNeedsUtf8(message: Entity): boolean {
  return findUtf8Field(message) !== undefined;
}

/** Whether the message needs 8BITMIME: composite content with bytes above 127, or an explicit 8bit encoding. */
export function messageNeedsEightBit(message: Entity): boolean {
  return needsEightBit(message, []);
}

function needsEightBit(entity: Entity, path: readonly Entity[]): boolean {
  const { headers, content } = entity;
  // A part that contains itself is refused when it is written.
  if (path.includes(entity)) return false;
  checkNesting(entity, path);
  if (headers.get("Content-Transfer-Encoding")?.trim().toLowerCase() === "8bit") return true;
  const inner = [...path, entity];
  if (content.kind === "parts") return content.parts.some((part) => needsEightBit(part, inner));
  if (content.kind === "message") return messageNeedsUtf8(content.message) || needsEightBit(content.message, inner);
  const type = headers.get("Content-Type");
  if (content.kind === "none" || type === undefined || !isComposite(contentTypeFacts(type, "Content-Type")))
    return false;
  if (content.kind === "source") return true;
  return scanContent(content.kind === "text" ? content.text : content.bytes).eightBitCount > 0;
}

/** Whether a field is only for the envelope: Bcc and Resent-Bcc are never sent (RFC 5322 §3.6.3). @param name in lower case */
export function isEnvelopeOnly(name: string): boolean {
  return name === "bcc" || name === "resent-bcc";
}

/** What the server accepts. */
export interface ComposeTarget {
  /** Bytes above 127 are allowed in bodies (8BITMIME, RFC 6152). */
  readonly eightBit: boolean;
  /** Headers may be UTF-8 (RFC 6532); used only where an address needs it. */
  readonly utf8: boolean;
  /** Bcc and Resent-Bcc stay in the header of the outermost message. Default false. */
  readonly bcc?: boolean | undefined;
}

export interface ComposedMessage {
  /** The whole message when all of it is in memory; else a function that opens it. Only CRLF line ends. */
  readonly content: Uint8Array | (() => AsyncIterable<Uint8Array>);
  /** Whether `content` may be opened more than once and gives the same bytes; true of bytes. */
  readonly isRepeatable: boolean;
  /** Exact number of bytes; undefined when a part's length is not known before it is read. */
  readonly size: number | undefined;
  /** Whether a body or header holds a byte above 127. */
  readonly hasEightBit: boolean;
  /** False only when it is known that no line starts with a dot. */
  readonly hasLeadingDot: boolean;
  /** Whether an address in the header needs UTF-8 there (RFC 6532), so that the envelope says SMTPUTF8. */
  readonly hasUtf8Headers: boolean;
}

/**
 * What composing needs to know of a part: its headers, its content, and what was made up for it once.
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
 * Marks parts and messages. Two copies of the package in one process share the registry of symbols, so a message of one can be sent by
 * the other.
 */
export const PART: unique symbol = Symbol.for("postrider.MimePart") as never;

/** What the mark says: a whole message or a part, and the form of the properties that are read here. */
export type PartMark = "message/1" | "part/1";

/** A part or a whole message, as the composer sees it. */
export interface Entity {
  readonly headers: MessageHeaders;
  /** @internal */
  readonly content: PartContent;
  /** @internal */
  readonly generated: GeneratedFields;
}

/** Fields that a message lacked when it was first composed: kept, so that every later time gives the same. */
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
      /** Makes `text`, which cannot be read before. */
      readonly settle?: (() => Promise<void>) | undefined;
    }
  /** Bytes that must come out as they went in. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly field: string }
  | ({ readonly kind: "source" } & ContentSource)
  | { readonly kind: "parts"; readonly parts: Part[]; readonly boundary: string }
  /** A message inside a message (RFC 2046 §5.2.1). */
  | { readonly kind: "message"; readonly message: Entity; readonly field: string };

/** Bytes that are read when they are needed. */
export interface ContentSource {
  readonly field: string;
  /**
   * Opens the content for one reading.
   *
   * @throws MessageError when it has been read and cannot be opened again.
   */
  readonly open: () => Reading;
  /** False for a stream that serves once. */
  readonly isRepeatable: boolean;
  /**
   * Bytes that a reading gives, when that is known beforehand; asks anew each time.
   *
   * @throws MessageError when the content is known to be unreadable.
   */
  readonly size: () => number | undefined;
  /** Stops a stream that serves once and that nobody has begun to read. */
  readonly release: () => void;
}

/**
 * Whether the value is a part or a message, of this copy of the package or another; undefined when it is neither.
 *
 * @throws MessageError when it belongs to a copy that is made another way.
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

/** SECURITY: deeper than any reader follows; also the end of a part that holds itself. */
const MAX_DEPTH = 50;

/** @throws MessageError when the entity holds itself, or is nested too deep in those around it. */
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

// PERF: reading and writing a Content-Type costs some microseconds, and a program uses few of them.
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

/** Types whose bytes are themselves parts or messages, which may not be encoded (RFC 2045 §6.4; RFC 6532 §3.5 for global). */
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

/** The first header for the wire in which an address has a local part beyond ASCII; undefined when there is none. */
export function findUtf8Field(message: Entity): string | undefined {
  for (const { name, key, value } of message.headers.fields) {
    if (isAscii(value) || !mayNeedUtf8(value)) continue;
    if (!isEnvelopeOnly(key) && fieldNeedsUtf8(name, value)) return name;
  }
  return undefined;
}

// What a local part does not reach across; quoted strings and comments may hold these, so they are left to the parser.
const SEPARATORS: ReadonlySet<string> = new Set(["<", ">", ",", ";", ":", "@"]);

/** PERF: parsing a field costs 2 µs; a look for a character beyond ASCII before an at sign spares it for most. Linear. */
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

/** Whether the message cannot be written in seven bits: content that may not be encoded, or an encoding that was asked for. */
export function messageNeedsEightBit(message: Entity): boolean {
  return needsEightBit(message, []);
}

function needsEightBit(entity: Entity, path: readonly Entity[]): boolean {
  const { headers, content } = entity;
  // A part that holds itself is refused when it is written.
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

/** Bcc and Resent-Bcc are for the envelope: they never leave (RFC 5322 §3.6.3). Takes the name in lower case. */
export function isEnvelopeOnly(name: string): boolean {
  return name === "bcc" || name === "resent-bcc";
}

/** What the bytes may look like. */
export interface ComposeTarget {
  /** Bytes above 127 may stand in bodies (8BITMIME). */
  readonly eightBit: boolean;
  /** Headers may be UTF-8 (RFC 6532); used only where an address needs it. */
  readonly utf8: boolean;
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

/**
 * Writes the tree of parts: headers, delimiters and bodies, from the outside in.
 *
 * Layer: message. RFC 2046 §5.1 (multipart), §5.2.1 (message/rfc822), RFC 2387 (related), RFC 6532 §3.5 (message/global),
 * RFC 1847 §2.1 (signed).
 */
import { mailboxesOf } from "../address/mailbox.js";
import { parseAddressList } from "../address/parser.js";
import { MessageError } from "../errors/errors.js";
import { isAscii } from "../text/characters.js";
import { asBuffer } from "../text/line-ends.js";
import { encodeBody } from "./encoding/encode-body.js";
import { isBytesPiece, type Piece, type WrittenMessage } from "./encoding/pieces.js";
import { isTransferEncoding, type TransferEncoding } from "./encoding/transfer-encoding.js";
import {
  type ComposeTarget,
  type ContentTypeFacts,
  checkNesting,
  contentTypeFacts,
  type Entity,
  findUtf8Field,
  isEnvelopeOnly,
  type PartContent,
} from "./entity.js";
import { generatedLines } from "./generated-fields.js";
import { formatField, type HeaderForm } from "./header/field.js";
import { Memo } from "./header/field-text.js";
import type { MessageHeaders } from "./header/headers.js";

/** Writes a message with the generated fields it lacks; its last line ends in CRLF. */
export function writeMessage(message: Entity, target: ComposeTarget): WrittenMessage {
  return write(message, target, true);
}

/** Writes a part as in a multipart. */
export function writePart(part: Entity, target: ComposeTarget): WrittenMessage {
  return write(part, target, false);
}

interface Writing {
  readonly pieces: Piece[];
  readonly eightBit: boolean;
  readonly form: HeaderForm;
  /** The entities around this one, outermost first. */
  readonly path: readonly Entity[];
  /** True for a whole message: generated fields are added, and its last line ends in CRLF. */
  readonly isMessage: boolean;
  /** Whether Bcc and Resent-Bcc are written. */
  readonly keepsBcc: boolean;
}

function write(entity: Entity, target: ComposeTarget, isMessage: boolean): WrittenMessage {
  const keepsBcc = target.bcc === true;
  const field = findUtf8Field(entity, keepsBcc);
  if (field !== undefined && !target.utf8) {
    throw new MessageError(field, "an address needs UTF-8 in the header, but the server does not offer SMTPUTF8");
  }
  const pieces: Piece[] = [];
  const form = formOf(field);
  const hasEightBit = writeEntity(entity, { pieces, eightBit: target.eightBit, form, path: [], isMessage, keepsBcc });
  return { pieces, hasEightBit, hasUtf8Headers: field !== undefined };
}

/** @param field that needs UTF-8 */
function formOf(field: string | undefined): HeaderForm {
  return field === undefined ? "ascii" : "utf8";
}

/** Writes the entity; returns whether it has a byte above 127. */
function writeEntity(entity: Entity, writing: Writing): boolean {
  const { content, headers } = entity;
  checkNesting(entity, writing.path);
  const section = writeHeaders(headers, writing.form, writing.keepsBcc);
  const lines = writing.isMessage ? section.lines + generatedLines(entity) : section.lines;
  const hasEightBit = writing.form === "utf8" && !isAscii(lines + section.contentLines);
  if (content.kind === "parts")
    return writeParts(content, { ...section, lines }, inside(entity, writing)) || hasEightBit;
  if (content.kind === "message") {
    return writeEmbedded(content, { ...section, lines }, inside(entity, writing)) || hasEightBit;
  }
  if (content.kind === "none") {
    writing.pieces.push(`${lines}${section.type?.line ?? ""}${section.contentLines}\r\n`);
    return hasEightBit;
  }
  const { type, encoding, contentLines } = section;
  const body = encodeBody(content, { type, encoding, eightBit: writing.eightBit, last: writing.isMessage });
  writing.pieces.push(`${lines}${type?.line ?? ""}${encodingLine(body.encoding)}${contentLines}\r\n`, ...body.pieces);
  return body.hasEightBit || hasEightBit;
}

function inside(entity: Entity, writing: Writing): Writing {
  return { ...writing, path: [...writing.path, entity], keepsBcc: false };
}

function writeParts(
  content: Extract<PartContent, { kind: "parts" }>,
  section: HeaderSection,
  writing: Writing,
): boolean {
  const { pieces } = writing;
  const { parts } = content;
  const type = checkMultipart(section, parts);
  const given = type.parameters.get("boundary");
  const delimiter = `--${given ?? content.boundary}`;
  // RFC 1847 §2.1: signed content must not be re-encoded on the way, so it is written in seven bits; its bytes do not depend on the
  // message around it.
  const isSigned = type.subtype === "signed";
  const eightBit = writing.eightBit && !isSigned;
  const head = pieces.push("") - 1;
  let hasEightBit = false;
  let lead = "";
  for (const part of parts) {
    const start = pieces.push(`${lead}${delimiter}\r\n`);
    const form = isSigned ? formOf(findUtf8Field(part)) : writing.form;
    hasEightBit = writeEntity(part, { ...writing, eightBit, form, isMessage: false }) || hasEightBit;
    if (given !== undefined) checkDelimiter(delimiter, pieces.slice(start));
    lead = "\r\n";
  }
  pieces.push(`\r\n${delimiter}--\r\n`);
  const encoding = hasEightBit ? encodingLine("8bit") : "";
  pieces[head] = `${section.lines}${multipartLine(type, content)}${encoding}${section.contentLines}\r\n`;
  return hasEightBit;
}

function checkMultipart(section: HeaderSection, parts: readonly Entity[]): ContentTypeFacts {
  const { type, encoding } = section;
  if (type?.type !== "multipart") {
    const found = type === undefined ? "absent" : `${type.type}/${type.subtype}`;
    throw new MessageError("Content-Type", `of several parts must be multipart/..., not ${found}`);
  }
  if (encoding === "base64" || encoding === "quoted-printable") {
    throw new MessageError(
      "Content-Transfer-Encoding",
      `a multipart must not be encoded in ${encoding} (RFC 2045 §6.4)`,
    );
  }
  if (parts.length === 0) throw new MessageError("parts", "a multipart needs at least one part (RFC 2046 §5.1)");
  return type;
}

function multipartLine(type: ContentTypeFacts, content: Extract<PartContent, { kind: "parts" }>): string {
  let line = type.line;
  if (!type.parameters.has("boundary")) line = `${line.slice(0, -2)};\r\n boundary="${content.boundary}"\r\n`;
  if (type.subtype !== "related" || type.parameters.has("type")) return line;
  // RFC 2387 §3.1: the type of the root is required.
  const root = contentTypeFacts(content.parts[0]?.headers.get("Content-Type") ?? "text/plain", "Content-Type");
  return `${line.slice(0, -2)};\r\n type="${root.type}/${root.subtype}"\r\n`;
}

/** SECURITY: a given boundary that occurs in a part would end the part there. */
function checkDelimiter(delimiter: string, pieces: readonly Piece[]): void {
  for (const piece of pieces) {
    if (typeof piece === "string" ? !piece.includes(delimiter) : isFree(piece, delimiter)) continue;
    throw new MessageError("Content-Type", "the given boundary may occur in a part; leave it out, and one is made");
  }
}

function isFree(piece: Exclude<Piece, string>, delimiter: string): boolean {
  if (isBytesPiece(piece)) return !asBuffer(piece).includes(delimiter);
  // base64 has no hyphen.
  return piece.kind === "base64" || piece.encoding === "base64";
}

function writeEmbedded(
  content: Extract<PartContent, { kind: "message" }>,
  section: HeaderSection,
  writing: Writing,
): boolean {
  const { message, field } = content;
  const { type, encoding } = section;
  if (type?.type !== "message" || encoding === "base64" || encoding === "quoted-printable") {
    throw new MessageError(field, "a message inside a message has the type message/rfc822 and is not encoded");
  }
  const utf8Field = findUtf8Field(message);
  const needsUtf8 = utf8Field !== undefined;
  if (needsUtf8 && (!writing.eightBit || !type.subtype.startsWith("global"))) {
    throw new MessageError(field, "an address in it needs UTF-8: give it the type message/global, and use 8BITMIME");
  }
  const { pieces } = writing;
  const head = pieces.push("") - 1;
  const form = formOf(utf8Field);
  const hasEightBit = writeEntity(message, { ...writing, form, isMessage: true });
  pieces[head] = `${section.lines}${type.line}${hasEightBit ? encodingLine("8bit") : ""}${section.contentLines}\r\n`;
  return hasEightBit;
}

function encodingLine(encoding: string): string {
  return `Content-Transfer-Encoding: ${encoding}\r\n`;
}

export interface HeaderSection {
  /** All but the Content-* fields. */
  readonly lines: string;
  /** The Content-* fields, without Content-Type and Content-Transfer-Encoding. */
  readonly contentLines: string;
  readonly type: ContentTypeFacts | undefined;
  /** The Content-Transfer-Encoding of the headers, if there is one. */
  readonly encoding: TransferEncoding | undefined;
}

/**
 * Formats the fields in their order.
 *
 * @throws MessageError, AddressError when a field cannot be written, or stands twice where one is allowed.
 */
function writeHeaders(headers: MessageHeaders, form: HeaderForm, keepsBcc: boolean): HeaderSection {
  let lines = "";
  let contentLines = "";
  let type: ContentTypeFacts | undefined;
  let encoding: TransferEncoding | undefined;
  let seen = 0;
  for (const { name, key, value } of headers.fields) {
    const single = SINGLE_FIELDS.get(key) ?? 0;
    if ((seen & single) !== 0) throw new MessageError(name, "must not be given more than once (RFC 5322 §3.6)");
    seen |= single;
    if (!keepsBcc && isEnvelopeOnly(key)) continue;
    if (!key.startsWith("content-")) lines += name === "From" ? fromLine(value, form) : formatField(name, value, form);
    else if (key === "content-type") type = contentTypeFacts(value, name);
    else if (key === "content-transfer-encoding") encoding = readEncoding(value, name);
    else contentLines += formatField(name, value, form);
  }
  if ((seen & AUTHORS) === FROM) checkOneAuthor(headers);
  return { lines, contentLines, type, encoding };
}

/** RFC 5322 §3.6.2: with several authors, Sender is required. */
function checkOneAuthor(headers: MessageHeaders): void {
  const from = headers.get("From") ?? "";
  // PERF: without a comma there is one mailbox.
  if (!from.includes(",") || mailboxesOf(parseAddressList(from, "From")).length < 2) return;
  throw new MessageError("From", "names several mailboxes, so sender must be given too (RFC 5322 §3.6.2)");
}

// PERF: a name beyond ASCII costs 4 µs to read and to encode, and most programs send from one address.
const fromLines: { readonly [form in HeaderForm]: Memo<string> } = { ascii: new Memo(), utf8: new Memo() };

function fromLine(value: string, form: HeaderForm): string {
  return fromLines[form].get(value) ?? fromLines[form].keep(value, formatField("From", value, form));
}

// SECURITY: of two From or Subject fields, some readers show the first, others the last.
const SINGLE_FIELDS: ReadonlyMap<string, number> = new Map(
  [
    "date",
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "bcc",
    "message-id",
    "in-reply-to",
    "references",
    "subject",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "content-id",
    "content-disposition",
    "content-description",
  ].map((name, index) => [name, 1 << index]),
);

const FROM = SINGLE_FIELDS.get("from") ?? 0;
const AUTHORS = FROM | (SINGLE_FIELDS.get("sender") ?? 0);

function readEncoding(value: string, name: string): TransferEncoding {
  const encoding = value.trim().toLowerCase();
  if (isTransferEncoding(encoding)) return encoding;
  throw new MessageError(name, `must be 7bit, 8bit, quoted-printable or base64, not ${JSON.stringify(value)}`);
}

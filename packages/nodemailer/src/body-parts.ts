/**
 * Parts of a message: forms of the text, attachments, calendars.
 *
 * Layer: nodemailer. RFC 2045, RFC 2183 (Content-Disposition), RFC 2392 (Content-ID), RFC 6047 §2.4.
 */
import { MimePart, type MimePartOptions } from "postrider";
import { oneLine } from "./addresses.js";
import { type Access, isFields, type PartContent, type Source, sourceOf, toBuffer } from "./content.js";
import { mailError } from "./errors.js";
import { detectMimeType } from "./mime-funcs.js";
import { pairsOf } from "./mime-node.js";
import { rawPart } from "./raw-part.js";
import type { Attachment, IcalAttachment } from "./types.js";

export interface PartSettings {
  readonly access: Access;
  /** How texts travel, when the message says so. */
  readonly encoding: unknown;
  /** How texts travel that are not ASCII. */
  readonly textEncoding: unknown;
}

type Encoding = NonNullable<MimePartOptions["encoding"]>;

/** Whether the html may link to it. */
export function hasContentId({ cid }: Attachment): boolean {
  return typeof cid === "string" && cid !== "";
}

const SOURCES = ["content", "path", "href"] as const;

/** One form of the content. */
export function textPart(input: unknown, field: string, type: string | undefined, settings: PartSettings): MimePart {
  const options = isFields(input) ? input : {};
  if (isFields(input) && isGiven(input["raw"])) return rawPart(input["raw"], field, settings.access);
  if (isFields(input) && !SOURCES.some((name) => isGiven(input[name])) && !("then" in input)) {
    throw mailError("EMESSAGE", `${field}: is an object without ${SOURCES.join(", ")}`);
  }
  const source = sourceOf(input, field, settings.access);
  const given = contentTypeOf(options["contentType"], source, nameOf(options["filename"]) ?? source.filename);
  const contentType = type === undefined ? (given ?? "text/plain") : (stringOf(options["contentType"]) ?? type);
  const content = isText(contentType) ? asText(source.content) : source.content;
  const encoding = textEncoding(content, options["contentTransferEncoding"], settings);
  const part = new MimePart({ content, contentType: withCharset(inUtf8(contentType, content)), encoding });
  applyHeaders(part, options["headers"]);
  return part;
}

export interface AttachmentSettings extends PartSettings {
  /** It stands beside the html that links to it. */
  readonly isRelated: boolean;
}

export function attachmentPart(attachment: Attachment, index: number, settings: AttachmentSettings): MimePart {
  const field = `attachments[${index}]`;
  if (!isFields(attachment)) throw mailError("EMESSAGE", `${field}: must be an object`);
  if (isGiven(attachment.raw)) return rawPart(attachment.raw, field, settings.access);
  const source = sourceOf(attachment, field, settings.access);
  const filename = attachment.filename === false ? undefined : (nameOf(attachment.filename) ?? source.filename);
  const wanted = contentTypeOf(attachment.contentType, source, filename);
  const contentType = wanted === undefined ? undefined : inUtf8(wanted, source.content);
  const isMessage = /^message\//i.test(contentType ?? "");
  const named = attachment.filename === false ? undefined : (filename ?? defaultName(index, contentType, settings));
  const { contentDisposition, cid } = attachment;
  const isInline =
    contentDisposition === "inline" || (!isGiven(contentDisposition) && (hasContentId(attachment) || isMessage));
  const part = new MimePart({
    content: source.content,
    contentType,
    filename: named,
    contentId: hasContentId(attachment) ? String(cid).replace(/^<(.*)>$/, "$1") : undefined,
    disposition: isInline ? "inline" : "attachment",
    encoding: isMessage ? undefined : attachmentEncoding(source.content, attachment.contentTransferEncoding),
  });
  if (contentDisposition === false) part.headers.delete("Content-Disposition");
  applyHeaders(part, attachment.headers);
  return part;
}

/** `attachment-1.txt`; the ending is that of the type, where it is a known one. */
function defaultName(index: number, contentType: string | undefined, { isRelated }: AttachmentSettings): string {
  const subtype = /^[\w.+-]+\/([\w.+-]+)/.exec(contentType ?? "")?.[1]?.toLowerCase() ?? "";
  const ending = ENDINGS[subtype] ?? (/^[a-z\d]{2,5}$/.test(subtype) ? subtype : "bin");
  return `${isRelated ? "image" : "attachment"}-${index + 1}.${ending}`;
}

const ENDINGS: Readonly<Record<string, string>> = {
  plain: "txt",
  jpeg: "jpg",
  "svg+xml": "svg",
  rfc822: "eml",
  calendar: "ics",
};

export function calendarPart(input: unknown, settings: PartSettings): MimePart {
  const { method } = isFields(input) ? (input as IcalAttachment) : {};
  const word = typeof method === "string" && /^[\w-]+$/.test(method) ? method.toUpperCase() : "PUBLISH";
  const source = sourceOf(input, "icalEvent", settings.access);
  const content = asText(source.content);
  return new MimePart({
    content,
    contentType: `text/calendar; charset=utf-8; method=${word}`,
    encoding: textEncoding(content, undefined, settings),
  });
}

/** The same calendar for readers that know no invitations. */
export function calendarAttachment(input: unknown, settings: PartSettings): MimePart {
  const { filename } = isFields(input) ? (input as IcalAttachment) : {};
  const { content } = sourceOf(input, "icalEvent", settings.access);
  return new MimePart({
    content,
    filename: nameOf(filename) ?? "invite.ics",
    contentType: "application/ics",
    disposition: "attachment",
    encoding: attachmentEncoding(content, undefined),
  });
}

/** Content in memory as text, so that its line ends become those of mail. */
function asText(content: PartContent): PartContent {
  return ArrayBuffer.isView(content) ? toBuffer(content).toString("utf8") : content;
}

function isText(contentType: string): boolean {
  return /^text\//i.test(contentType);
}

/** A string travels as UTF-8, whatever charset its type names. */
function inUtf8(contentType: string, content: PartContent): string {
  if (typeof content !== "string" || !isText(contentType)) return contentType;
  return contentType.replace(/;\s*charset\s*=\s*(?:"[^"]*"|[^;\s]*)/i, "; charset=utf-8");
}

function withCharset(contentType: string): string {
  return isText(contentType) && !/;\s*charset\s*=/i.test(contentType) ? `${contentType}; charset=utf-8` : contentType;
}

function contentTypeOf(given: unknown, source: Source, filename: string | undefined): string | undefined {
  return stringOf(given) ?? source.contentType ?? detectMimeType(filename);
}

function stringOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? oneLine(value) : undefined;
}

function nameOf(filename: unknown): string | undefined {
  return stringOf(filename);
}

const ENCODINGS: ReadonlyMap<string, Encoding> = new Map([
  ["7bit", "7bit"],
  ["8bit", "8bit"],
  ["base64", "base64"],
  ["b", "base64"],
  ["quoted-printable", "quoted-printable"],
  ["q", "quoted-printable"],
]);

function textEncoding(
  content: PartContent,
  own: unknown,
  { encoding, textEncoding }: PartSettings,
): Encoding | undefined {
  // What is not in memory travels as base64.
  if (typeof content !== "string") return undefined;
  const isAscii = !/[^\x00-\x7f]/.test(content);
  const wanted = ENCODINGS.get(String(own ?? encoding ?? (isAscii ? "" : textEncoding)).toLowerCase());
  return fits(wanted, isAscii) ? wanted : undefined;
}

/** Base64 keeps every byte, which is what an attachment is for; others only when they are asked for. */
function attachmentEncoding(content: PartContent, own: unknown): Encoding | undefined {
  if (typeof content !== "string" && !ArrayBuffer.isView(content)) return undefined;
  const wanted = ENCODINGS.get(String(own).toLowerCase());
  return wanted === "7bit" || wanted === "8bit" ? undefined : wanted;
}

/** 7bit for what has eight bits is no encoding that could be meant. */
function fits(wanted: Encoding | undefined, isAscii: boolean): boolean {
  return wanted !== "7bit" || isAscii;
}

function applyHeaders(part: MimePart, headers: unknown): void {
  if (!isGiven(headers)) return;
  for (const [name, value] of pairsOf(headers as Parameters<typeof pairsOf>[0])) part.headers.append(name, value);
}

function isGiven<Value>(value: Value): value is NonNullable<Value> {
  return value !== undefined && value !== null;
}

/**
 * From the fields of a message, as nodemailer has them, to a message of postrider's.
 *
 * Layer: nodemailer. RFC 5322 §3.6, RFC 2046 §5.1 (mixed, alternative), RFC 2387 (related), RFC 6047 (calendar).
 */
import { EmailMessage, MimeMultipart, MimePart, parseHeaders } from "postrider";
import { type Entry, oneLine, readAddresses } from "./addresses.js";
import { attachmentPart, calendarAttachment, calendarPart, hasContentId, textPart } from "./body-parts.js";
import { type Access, sourceOf } from "./content.js";
import { toNodemailerError } from "./errors.js";
import { listFields } from "./list-fields.js";
import { MimeNode, pairsOf } from "./mime-node.js";
import type { Attachment, SendMailOptions } from "./types.js";

/** What is read of a message beside its fields. */
export interface ComposeOptions {
  readonly strict?: boolean | undefined;
}

export declare namespace MailComposer {
  export type Options = SendMailOptions;
}

/** Compiles a message without sending it. */
export class MailComposer {
  mail: SendMailOptions;
  message: MimeNode | false = false;
  readonly #strict: boolean;

  constructor(mail: SendMailOptions = {}, { strict = false }: ComposeOptions = {}) {
    this.mail = mail;
    this.#strict = strict;
  }

  /** @throws an error with nodemailer's codes that names the field */
  compile(): MimeNode {
    try {
      this.message = compileMessage(this.mail, this.#strict);
      return this.message;
    } catch (error) {
      throw toNodemailerError(error);
    }
  }

  /** The attachments: related are those with a `cid`, when there is html. */
  getAttachments(findRelated = false): { attached: Attachment[]; related: Attachment[] } {
    const all = this.mail.attachments ?? [];
    if (!findRelated) return { attached: [...all], related: [] };
    return {
      attached: all.filter((one) => !hasContentId(one)),
      related: all.filter((one) => hasContentId(one)),
    };
  }

  /** The forms of the content beside text and html. */
  getAlternatives(): Attachment[] {
    return [...(this.mail.alternatives ?? [])];
  }
}

export const ADDRESS_FIELDS = [
  ["from", "From"],
  ["sender", "Sender"],
  ["to", "To"],
  ["cc", "Cc"],
  ["bcc", "Bcc"],
  ["replyTo", "Reply-To"],
] as const;

function compileMessage(mail: SendMailOptions, strict: boolean): MimeNode {
  const access: Access = {
    files: !strict && mail.disableFileAccess !== true,
    urls: !strict && mail.disableUrlAccess !== true,
  };
  const message = addressed(mail, strict);
  applyHeaders(message, mail, strict);
  const node = new MimeNode(message, { strict });
  node.disableFileAccess = !access.files;
  node.disableUrlAccess = !access.urls;
  const { raw } = mail;
  if (raw !== undefined && raw !== null) node.setRaw(sourceOf(raw, "raw", access).content);
  else setContent(message, mail, access);
  if (mail.envelope !== undefined && mail.envelope !== null) node.setEnvelope(mail.envelope);
  // The envelope names the author, as nodemailer's does, where postrider's names the one of the field Sender.
  else if (message.headers.has("Sender")) node.setEnvelope(node.getEnvelope());
  return node;
}

type Fields = ConstructorParameters<typeof EmailMessage>[0];

/** A message with its address fields. PERF: what postrider takes as it is is parsed there, and not here too. */
function addressed(mail: SendMailOptions, strict: boolean): EmailMessage {
  const plain = plainAddresses(mail);
  if (plain !== undefined) {
    try {
      return new EmailMessage(plain);
    } catch {
      // It may still have one reading, or an error that names the entry.
    }
  }
  return new EmailMessage(readAllAddresses(mail, strict) as Fields);
}

/** Undefined when the fields are more than texts and lists of texts. */
function plainAddresses(mail: SendMailOptions): Fields | undefined {
  const { from, sender } = mail;
  if (isGiven(sender) || typeof from !== "string" || from.includes(",")) return undefined;
  const found: Record<string, unknown> = {};
  for (const [field] of ADDRESS_FIELDS) {
    const value: unknown = mail[field];
    if (!isGiven(value)) continue;
    if (!isText(value) && !(Array.isArray(value) && value.every(isText))) return undefined;
    found[field] = value;
  }
  return found as Fields;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function readAllAddresses(mail: SendMailOptions, strict: boolean): Record<string, readonly Entry[]> {
  const found: Record<string, readonly Entry[]> = {};
  for (const [field] of ADDRESS_FIELDS) {
    const entries = readAddresses(mail[field], field, { strict });
    if (entries.length > 0) found[field] = entries;
  }
  const { from = [], sender } = found;
  // RFC 5322 §3.6.2: several authors need a sender, and the first is the one that nodemailer's envelope names.
  if (from.length > 1 && sender === undefined && !strict) found["sender"] = from.slice(0, 1);
  return found;
}

/** Names in `headers` that a field of the message sets. */
const FIELD_NAMES: ReadonlyMap<string, keyof SendMailOptions> = new Map([
  ...ADDRESS_FIELDS.map(([field, name]) => [name.toLowerCase(), field] as const),
  ["subject", "subject"],
  ["date", "date"],
  ["message-id", "messageId"],
  ["in-reply-to", "inReplyTo"],
  ["references", "references"],
]);

function applyHeaders(message: EmailMessage, mail: SendMailOptions, strict: boolean): void {
  const { headers } = message;
  const { subject, inReplyTo, references, messageId, date, priority, list, xMailer } = mail;
  if (isGiven(subject) && subject !== "")
    headers.set("Subject", strict ? subject : readable(oneLine(String(subject)).trimEnd()));
  if (isGiven(messageId) && messageId !== "") set(message, { messageId });
  if (isGiven(date)) set(message, { date: toDate(date) });
  if (isGiven(inReplyTo)) setIds(message, "inReplyTo", inReplyTo);
  if (isGiven(references)) setIds(message, "references", references);
  if (isGiven(priority)) applyPriority(message, priority);
  if (isGiven(list)) for (const [name, value] of listFields(list)) headers.append(name, value);
  if (typeof xMailer === "string" && xMailer !== "") headers.set("X-Mailer", oneLine(xMailer));
  if (!isGiven(mail.headers)) return;
  for (const [name, value] of pairsOf(mail.headers as Parameters<typeof pairsOf>[0])) {
    const field = FIELD_NAMES.get(name.toLowerCase());
    if (field !== undefined && isGiven(mail[field])) continue;
    if (field === "subject" || field === undefined) headers.append(name, strict ? value : readable(value));
    else headers.set(name, value);
  }
}

function isGiven<Value>(value: Value): value is NonNullable<Value> {
  return value !== undefined && value !== null;
}

/** Empty text is none: many programs fill both forms in. */
function hasContent<Value>(value: Value): value is NonNullable<Value> {
  return isGiven(value) && (value as unknown) !== "" && (value as unknown) !== false;
}

/** Sets fields by postrider's own rules for them. */
function set({ headers }: EmailMessage, fields: ConstructorParameters<typeof EmailMessage>[0]): void {
  for (const [name, value] of new EmailMessage(fields).headers) headers.set(name, value);
}

function setIds(message: EmailMessage, field: "inReplyTo" | "references", value: unknown): void {
  const given: readonly unknown[] = Array.isArray(value) ? value : [value];
  const ids = given.flatMap((one) =>
    String(isAddress(one) ? one.address : one)
      .split(/[\s,]+/)
      .filter((id) => id !== ""),
  );
  if (ids.length > 0) set(message, { [field]: ids });
}

function isAddress(value: unknown): value is { address: string } {
  return typeof value === "object" && value !== null && "address" in value;
}

function applyPriority(message: EmailMessage, priority: unknown): void {
  const word = String(priority).toLowerCase();
  // Another word is no priority, for nodemailer too.
  if (word === "high" || word === "low") set(message, { priority: word });
}

function toDate(value: Date | string | number): Date {
  return typeof value === "string" || typeof value === "number" ? new Date(value) : value;
}

/** A value that is encoded already says what it means by its encoded words (RFC 2047). */
function readable(value: string): string {
  if (!value.includes("=?")) return value;
  const [decoded] = parseHeaders(Buffer.from(`Subject: ${value}\r\n\r\n`));
  return decoded?.[1] ?? value;
}

/** Mixed, around alternative, around related: each only where it is needed. */
function setContent(message: EmailMessage, mail: SendMailOptions, access: Access): void {
  const { text, html, watchHtml, amp, icalEvent, attachments, alternatives } = mail;
  const settings = { access, encoding: mail.encoding, textEncoding: mail.textEncoding };
  const parts: MimePart[] = [];
  if (hasContent(text)) parts.push(textPart(text, "text", "text/plain", settings));
  if (hasContent(watchHtml)) parts.push(textPart(watchHtml, "watchHtml", "text/watch-html", settings));
  if (hasContent(amp)) parts.push(textPart(amp, "amp", "text/x-amp-html", settings));
  const all = [attachments ?? []].flat().filter(isGiven);
  const isRelated = (one: Attachment): boolean => hasContent(html) && hasContentId(one);
  if (hasContent(html)) {
    const root = textPart(html, "html", "text/html", settings);
    const related = all.flatMap((one, index) =>
      isRelated(one) ? [attachmentPart(one, index, { ...settings, isRelated: true })] : [],
    );
    parts.push(related.length === 0 ? root : new MimeMultipart("related", [root, ...related]));
  }
  if (hasContent(icalEvent)) parts.push(calendarPart(icalEvent, settings));
  for (const [index, one] of [alternatives ?? []].flat().entries())
    parts.push(textPart(one, `alternatives[${index}]`, undefined, settings));
  const attached = all.flatMap((one, index) =>
    isRelated(one) ? [] : [attachmentPart(one, index, { ...settings, isRelated: false })],
  );
  if (hasContent(icalEvent)) attached.push(calendarAttachment(icalEvent, settings));
  const body = parts.length > 1 ? [new MimeMultipart("alternative", parts)] : parts;
  const [first = new MimePart({ content: "", contentType: "text/plain; charset=utf-8" })] = [...body, ...attached];
  message.setContent(body.length + attached.length > 1 ? new MimeMultipart("mixed", [...body, ...attached]) : first);
}

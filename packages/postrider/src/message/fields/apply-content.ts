/**
 * The content fields of a literal (text, AMP, html, calendar, attachments) as mixed > related > alternative, only as deep as needed.
 *
 * Layer: message. RFC 2046 §5.1, RFC 2387, RFC 6047 §2.4.
 */
import { isError, MessageError } from "../../errors/errors.js";
import { describe, isObject, isPromise, withoutPrototype } from "../../given/values.js";
import { importPeer } from "../../optional-peer.js";
import { ATTACHMENT_KEYS, type Attachment, type ContentOptions } from "../attachment.js";
import { isContentInput, takeContent } from "../encoding/content-input.js";
import type { TransferEncoding } from "../encoding/transfer-encoding.js";
import type { PartContent } from "../entity.js";
import { fillPart } from "../fill-part.js";
import type { MessageHeaders } from "../header/headers.js";
import { MimeMultipart, MimePart } from "../mime-part.js";
import { readKeys } from "../plain-data.js";
import { randomBoundary } from "../random-token.js";
import { CALENDAR_KEYS, type CalendarText, readCalendar } from "./calendar.js";
import type { MessageFields, TextContent } from "./field-types.js";

/** The EmailMessage that gets the content. */
export interface ContentTarget {
  readonly headers: MessageHeaders;
  /** @internal */
  content: PartContent<MimePart>;
}

/** One form of the content. */
interface Text {
  readonly content: string;
  readonly options: ContentOptions;
  readonly field: "text" | "amp" | "html" | "calendar";
  /** True when `content` is html, and is converted to text when the message is composed. */
  readonly isAuto?: boolean;
}

export function applyContent(target: ContentTarget, fields: MessageFields): void {
  const html = readText(fields.html, "html");
  const calendar = fields.calendar === undefined ? undefined : readCalendar(fields.calendar, "calendar");
  const { related, mixed } = sortAttachments(fields.attachments, html?.content);
  if (calendar?.filename !== undefined) mixed.push(calendarAttachment(calendar));
  // The best last (RFC 2046 §5.1.4).
  const forms = [readPlain(fields.text, html), readAmp(fields), html, calendar && calendarText(calendar)];
  const bodies = forms.filter((one) => one !== undefined);
  const [only] = bodies;
  if (bodies.length < 2 && related.length === 0 && mixed.length === 0) {
    if (only !== undefined) target.content = fillText(target.headers, only);
    return;
  }
  let subtype = "alternative";
  let parts = bodies.map(textPart);
  for (const [container, added] of [["related", related] as const, ["mixed", mixed] as const]) {
    if (added.length === 0) continue;
    parts = parts.length > 1 ? [new MimeMultipart(subtype, parts), ...added] : [...parts, ...added];
    subtype = container;
  }
  target.headers.set("Content-Type", `multipart/${subtype}`);
  target.content = { kind: "parts", parts, boundary: randomBoundary() };
}

/**
 * Reads all content fields before any is checked, so that the streams in later fields are closed when an earlier field is wrong.
 *
 * @param own the fields; changed in place
 */
export function takeContents(own: Record<string, unknown>): void {
  for (const field of Object.keys(own)) {
    const value = own[field];
    const known = typeof value === "object" ? TAKEN.get(field) : undefined;
    if (known !== undefined) own[field] = takeContent(value, known, field);
  }
}

const TEXT_KEYS: readonly (keyof TextContent)[] = ["content", "encoding", "charset"];
const TAKEN: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["text", TEXT_KEYS],
  ["amp", TEXT_KEYS],
  ["html", TEXT_KEYS],
  ["calendar", CALENDAR_KEYS],
  ["attachments", ATTACHMENT_KEYS],
]);
const SUBTYPES = { text: "plain", amp: "x-amp-html", html: "html" } as const;
const TEXT_OPTIONS: { readonly [field in keyof typeof SUBTYPES]: ContentOptions } = {
  // PERF: shared, so that no copy is made each time.
  text: withoutPrototype({ contentType: "text/plain; charset=utf-8" }),
  amp: withoutPrototype({ contentType: "text/x-amp-html; charset=utf-8" }),
  html: withoutPrototype({ contentType: "text/html; charset=utf-8" }),
};

function readText(value: unknown, field: keyof typeof SUBTYPES): Text | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string") return { content: value, options: TEXT_OPTIONS[field], field };
  if (isContentInput(value) || isPromise(value) || !isObject(value)) {
    throw new MessageError(field, `must be a string, or an object with content, not ${describe(value)}`);
  }
  const { content, encoding, charset = "utf-8" } = readKeys(value, TEXT_KEYS, field, `${field} that is an object`);
  if (typeof content !== "string") {
    throw new MessageError(`${field}.content`, `must be a string, not ${describe(content)}`);
  }
  if (typeof charset !== "string" || !/^[\w-]{1,40}$/.test(charset)) {
    throw new MessageError(`${field}.charset`, 'must be the name of a charset, such as "utf-8"');
  }
  // The encoding is checked where the part is made.
  return {
    content,
    options: { encoding: encoding as TransferEncoding, contentType: `text/${SUBTYPES[field]}; charset=${charset}` },
    field,
  };
}

function readPlain(value: unknown, html: Text | undefined): Text | undefined {
  if (value !== "auto") return readText(value, "text");
  if (html !== undefined) return { ...html, options: TEXT_OPTIONS.text, field: "text", isAuto: true };
  throw new MessageError("text", '"auto" is made from html, which is missing; the word itself is { content: "auto" }');
}

// QUIRK: AMP stands before the html, because readers that do not know it show the last alternative.
function readAmp({ amp, html, text }: MessageFields): Text | undefined {
  const read = readText(amp, "amp");
  if (read === undefined || html !== undefined || text !== undefined) return read;
  throw new MessageError("amp", "needs html or text beside it, for readers that do not know AMP");
}

function calendarText({ text, contentType }: CalendarText): Text {
  return { content: text, options: { contentType }, field: "calendar" };
}

/** As application/ics, so that readers do not take it for a second invitation. */
function calendarAttachment({ text, filename }: CalendarText): MimePart {
  const part = new MimePart();
  const context = { field: "calendar.content", path: "calendar", disposition: "attachment", exact: true } as const;
  part.content = fillPart(part.headers, text, { filename, contentType: "application/ics" }, context);
  return part;
}

function textPart(text: Text): MimePart {
  const part = new MimePart();
  part.content = fillText(part.headers, text);
  return part;
}

function fillText(headers: MessageHeaders, { content, options, field, isAuto }: Text): PartContent<never> {
  const filled = fillPart(headers, isAuto ? "" : content, options, {
    field,
    path: field,
    disposition: undefined,
    exact: false,
  });
  return isAuto ? autoText(content, field) : filled;
}

interface SortedAttachments {
  readonly related: MimePart[];
  readonly mixed: MimePart[];
}

/** An attachment that the html links to becomes a related part. */
function sortAttachments(value: unknown, html: string | undefined): SortedAttachments {
  if (value === undefined) return { related: [], mixed: [] };
  if (!Array.isArray(value)) throw new MessageError("attachments", `must be an array, not ${describe(value)}`);
  const links = html === undefined || value.length === 0 ? undefined : findContentIds(html);
  const related: MimePart[] = [];
  const mixed: MimePart[] = [];
  for (const [index, one] of (value as unknown[]).entries()) {
    const path = `attachments[${index}]`;
    const options = readKeys(one, ATTACHMENT_KEYS, path, "an attachment");
    const { content, contentId }: Partial<Attachment> = options;
    if (content === undefined) throw new MessageError(`${path}.content`, "is missing");
    const isLinked = contentId !== undefined && links?.has(contentId) === true;
    const disposition = isLinked ? "inline" : "attachment";
    const part = new MimePart();
    const context = { field: `${path}.content`, path, disposition, exact: true } as const;
    part.content = fillPart(part.headers, content, options, context);
    (isLinked ? related : mixed).push(part);
  }
  return { related, mixed };
}

/** A `cid:` link up to its end in an attribute, in CSS or in text. Linear: no backtracking. */
const LINK = /cid:([^"'\s<>()\\]+)/gi;

/** The identifiers that the html links to, percent-decoded, without `cid:`. */
function findContentIds(html: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, link = ""] of html.matchAll(LINK)) {
    const id = link.replaceAll("&amp;", "&");
    found.add(id);
    found.add(percentDecode(id));
  }
  return found;
}

function percentDecode(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

type HtmlToTextOptions = import("html-to-text").HtmlToTextOptions;
/** The function of html-to-text that is used. */
export type HtmlToTextModule = Pick<typeof import("html-to-text"), "convert">;

type TextPart = Extract<PartContent, { readonly kind: "text" }>;

/** Above this length html-to-text truncates the html and logs a warning. */
const MAX_HTML_LENGTH = 16 * 1024 * 1024;

// Images and their cid: links have no text form; links must not be upper-cased; the window of the reader wraps the lines.
const OPTIONS: HtmlToTextOptions = {
  wordwrap: false,
  selectors: [
    { selector: "img", format: "skip" },
    { selector: "a", options: { hideLinkHrefIfSameAsText: true } },
    ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({ selector, options: { uppercase: false } })),
  ],
};

/** Text content that is made from the html when it is settled, once. */
export function autoText(html: string, field: string, load?: () => Promise<HtmlToTextModule>): TextPart {
  if (html.length > MAX_HTML_LENGTH) {
    throw new MessageError(field, `"auto" takes html of at most ${MAX_HTML_LENGTH} characters`);
  }
  let text: string | undefined;
  return {
    kind: "text",
    field,
    get text() {
      if (text === undefined) throw new MessageError(field, '"auto" is read before it was made');
      return text;
    },
    settle: async () => {
      text ??= convert(await loaded(field, load), html, field);
    },
  };
}

async function loaded(field: string, load?: () => Promise<HtmlToTextModule>): Promise<HtmlToTextModule> {
  try {
    return await (load === undefined ? importPeer<HtmlToTextModule>("html-to-text") : load());
  } catch (cause) {
    throw new MessageError(field, '"auto" needs the package html-to-text: npm install html-to-text', { cause });
  }
}

function convert(module: HtmlToTextModule, html: string, field: string): string {
  try {
    return module.convert(html, OPTIONS);
  } catch (cause) {
    const reason = isError(cause) ? cause.message : String(cause);
    throw new MessageError(field, `html-to-text cannot read the html: ${reason}`, { cause });
  }
}

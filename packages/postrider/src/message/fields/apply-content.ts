/**
 * Text, html and attachments of the literal: mixed > related > alternative, only as deep as needed.
 *
 * Layer: message. RFC 2046 §5.1, RFC 2387.
 */
import { MessageError } from "../../errors.js";
import { ATTACHMENT_KEYS, type Attachment, type ContentOptions } from "../attachment.js";
import type { PartContent } from "../entity.js";
import { fillPart } from "../fill-part.js";
import type { MessageHeaders } from "../header/headers.js";
import { MimeMultipart } from "../mime-multipart.js";
import { MimePart } from "../mime-part.js";
import { checkKeys, describe } from "../plain-data.js";
import { randomBoundary } from "../random-token.js";
import { findContentIds } from "./content-id-links.js";
import type { MessageFields, TextContent } from "./field-types.js";

/** What the content is put into: an EmailMessage, seen from here. */
export interface ContentTarget {
  readonly headers: MessageHeaders;
  /** @internal */
  content: PartContent<MimePart>;
}

interface Text {
  readonly content: string;
  readonly options: ContentOptions;
  readonly field: "text" | "html";
}

export function applyContent(target: ContentTarget, fields: MessageFields): void {
  const text = readText(fields.text, "text");
  const html = readText(fields.html, "html");
  const { related, mixed } = sortAttachments(fields.attachments, html?.content);
  const bodies = [text, html].filter((one) => one !== undefined);
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

const TEXT_KEYS: readonly (keyof TextContent)[] = ["content", "encoding", "charset"];
const TEXT_OPTIONS: { readonly [field in Text["field"]]: ContentOptions } = {
  text: { contentType: "text/plain; charset=utf-8" },
  html: { contentType: "text/html; charset=utf-8" },
};

function readText(value: unknown, field: Text["field"]): Text | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string") return { content: value, options: TEXT_OPTIONS[field], field };
  checkKeys(value, TEXT_KEYS, field, `${field} that is an object`);
  const { content, encoding, charset = "utf-8" } = value as TextContent;
  if (typeof content !== "string") {
    throw new MessageError(`${field}.content`, `must be a string, not ${describe(content)}`);
  }
  if (typeof charset !== "string" || !/^[\w-]{1,40}$/.test(charset)) {
    throw new MessageError(`${field}.charset`, 'must be the name of a charset, such as "utf-8"');
  }
  const subtype = field === "text" ? "plain" : "html";
  return { content, options: { encoding, contentType: `text/${subtype}; charset=${charset}` }, field };
}

function textPart(text: Text): MimePart {
  const part = new MimePart();
  part.content = fillText(part.headers, text);
  return part;
}

function fillText(headers: MessageHeaders, { content, options, field }: Text): PartContent<never> {
  return fillPart(headers, content, options, { field, path: field, exact: false });
}

interface SortedAttachments {
  readonly related: readonly MimePart[];
  readonly mixed: readonly MimePart[];
}

const NO_ATTACHMENTS: SortedAttachments = { related: [], mixed: [] };

/** Related are those that the html links to. */
function sortAttachments(value: unknown, html: string | undefined): SortedAttachments {
  if (value === undefined) return NO_ATTACHMENTS;
  if (!Array.isArray(value)) throw new MessageError("attachments", `must be an array, not ${describe(value)}`);
  const links = html === undefined || value.length === 0 ? undefined : findContentIds(html);
  const related: MimePart[] = [];
  const mixed: MimePart[] = [];
  for (const [index, one] of (value as unknown[]).entries()) {
    const path = `attachments[${index}]`;
    checkKeys(one, ATTACHMENT_KEYS, path, "an attachment");
    const { content, ...options } = one as Attachment;
    if (content === undefined) throw new MessageError(`${path}.content`, "is missing");
    const isLinked = options.contentId !== undefined && links?.has(options.contentId) === true;
    const disposition = isLinked ? "inline" : "attachment";
    const part = new MimePart();
    const context = { field: `${path}.content`, path, disposition, exact: true } as const;
    part.content = fillPart(part.headers, content, options, context);
    (isLinked ? related : mixed).push(part);
  }
  return { related, mixed };
}

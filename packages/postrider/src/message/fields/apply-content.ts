/**
 * Text, html and attachments of the literal: mixed > related > alternative, only as deep as needed.
 *
 * Layer: message. RFC 2046 §5.1, RFC 2387.
 */
import { MessageError } from "../../errors.js";
import { ATTACHMENT_KEYS, type Attachment, type ContentOptions } from "../attachment.js";
import { checkKeys, describe } from "../plain-data.js";
import { findContentIds } from "./content-id-links.js";
import type { MessageFields, TextContent } from "./field-types.js";

/** What the content is put into: an EmailMessage, seen from here. */
export interface ContentTarget {
  /** @internal */
  addContent(role: ContentRole, content: Attachment, path: string): void;
}

/** What a piece of content is to the ones before it. */
export type ContentRole = "content" | "alternative" | "related" | "mixed";

const TEXT_KEYS: readonly (keyof TextContent)[] = ["content", "encoding", "charset"];

export function applyContent(target: ContentTarget, fields: MessageFields): void {
  const text = toTextContent(fields.text, "text", "plain");
  const html = toTextContent(fields.html, "html", "html");
  const attachments = checkAttachments(fields.attachments);
  if (text !== undefined) target.addContent("content", text, "text");
  if (html !== undefined) target.addContent(text === undefined ? "content" : "alternative", html, "html");
  if (attachments.length === 0) return;
  const linked = html === undefined ? undefined : findContentIds(html.content);
  const isLinked = (one: Attachment): boolean => one.contentId !== undefined && linked?.has(one.contentId) === true;
  // Related ones stand with the html, so all of them come before the first attachment.
  for (const role of ["related", "mixed"] as const) {
    for (const [index, one] of attachments.entries()) {
      if (isLinked(one) === (role === "related")) target.addContent(role, one, `attachments[${index}]`);
    }
  }
}

interface TextAttachment extends Attachment {
  readonly content: string;
}

function toTextContent(value: unknown, field: string, subtype: string): TextAttachment | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string") return { content: value, contentType: `text/${subtype}; charset=utf-8` };
  checkKeys(value, TEXT_KEYS, field, `${field} that is an object`);
  const { content, encoding, charset = "utf-8" } = value as TextContent;
  if (typeof content !== "string")
    throw new MessageError(`${field}.content`, `must be a string, not ${describe(content)}`);
  if (typeof charset !== "string" || !/^[\w-]{1,40}$/.test(charset)) {
    throw new MessageError(`${field}.charset`, 'must be the name of a charset, such as "utf-8"');
  }
  const options: ContentOptions = { encoding, contentType: `text/${subtype}; charset=${charset}` };
  return { content, ...options };
}

function checkAttachments(value: unknown): readonly Attachment[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new MessageError("attachments", `must be an array, not ${describe(value)}`);
  return value.map((one: unknown, index) => {
    const field = `attachments[${index}]`;
    checkKeys(one, ATTACHMENT_KEYS, field, "an attachment");
    const attachment = one as Attachment;
    if (attachment.content === undefined) throw new MessageError(`${field}.content`, "is missing");
    return attachment;
  });
}

/**
 * The HTML of a message, made fit for its frame: pictures of the message itself put in, nothing fetched from elsewhere unless
 * the reader asks for it.
 */
import { Buffer } from "node:buffer";
import type { InboxMessage } from "../message.js";
import { remoteOrigins } from "./remote-content.js";

const CID = /\bcid:([^\s"'<>)]{1,998})/gi;
const PICTURE = /^image\/(?:png|jpeg|gif|webp|svg\+xml|bmp|avif)$/;
// SECURITY: some elements reach out before any policy is asked: links preconnect, frames open a connection that the policy
// then leaves unused. A refresh leaves the frame, a base moves every address. Under another name the browser knows none of
// them. The policy of the response blocks all the rest.
const REACHES_OUT = /<(?=\/?(?:link|meta|base|iframe|frame|fencedframe|portal|object|embed)\b)/gi;

/** SECURITY: a small message can name one large picture a million times. */
const MAX_INLINED_LENGTH = 32 * 1024 * 1024;

/** Links open beside the inbox; the frame itself goes nowhere. */
const LINK_TARGET = '<base target="_blank">';
/** Anything in front of it would change how the browser lays the page out. */
const DOCTYPE = /^\s{0,99}<!doctype[^>]{0,999}>/i;

/** What the frame may do: open what the reader clicks, outside of any sandbox; no scripts, no forms, no origin. */
const FRAME_PERMISSIONS = "allow-popups allow-popups-to-escape-sandbox";

/** The document to show in a sandboxed frame. */
export function frameContent(message: InboxMessage): string {
  const pictures = picturesById(message);
  let room = MAX_INLINED_LENGTH;
  const content = (message.html ?? "").replace(REACHES_OUT, "<x-").replace(CID, (reference, id: string) => {
    const picture = pictures.get(id) ?? pictures.get(decoded(id));
    if (picture === undefined || picture.length > room) return reference;
    room -= picture.length;
    return picture;
  });
  const doctype = DOCTYPE.exec(content)?.[0] ?? "";
  return doctype + LINK_TARGET + content.slice(doctype.length);
}

/** The policy of that document. `remote`: also pictures, fonts, audio and video from the places that the reader was told. */
export function framePolicy(message: InboxMessage, remote: boolean): string {
  const places = remote
    ? remoteOrigins(message.html ?? "")
        .map((origin) => ` ${origin}`)
        .join("")
    : "";
  return [
    `sandbox ${FRAME_PERMISSIONS}`,
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `img-src data:${places}`,
    `font-src data:${places}`,
    `media-src data:${places}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
  ].join("; ");
}

function picturesById(message: InboxMessage): ReadonlyMap<string, string> {
  const pictures = new Map<string, string>();
  for (const { contentId, contentType, content } of message.attachments) {
    if (contentId === undefined || !PICTURE.test(contentType)) continue;
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    pictures.set(contentId, `data:${contentType};base64,${bytes.toString("base64")}`);
  }
  return pictures;
}

// RFC 2392: in a URL the id is percent-encoded.
function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

/**
 * The HTML of a message, made fit for its frame: pictures of the message itself put in, nothing fetched from elsewhere.
 */
import { Buffer } from "node:buffer";
import type { InboxMessage } from "../message.js";

const CID = /\bcid:([^\s"'<>)]{1,998})/gi;
const PICTURE = /^image\/(?:png|jpeg|gif|webp|svg\+xml|bmp|avif)$/;
// SECURITY: some elements reach out before any policy is asked: links preconnect, frames open a connection that the policy
// then leaves unused. A refresh leaves the frame, a base moves every address. Under another name the browser knows none of
// them. The policy of the response blocks all the rest.
const REACHES_OUT = /<(?=\/?(?:link|meta|base|iframe|frame|fencedframe|portal|object|embed)\b)/gi;

/** SECURITY: a small message can name one large picture a million times. */
const MAX_INLINED_LENGTH = 32 * 1024 * 1024;

/** The document to show in a sandboxed frame. */
export function frameContent(message: InboxMessage): string {
  const pictures = picturesById(message);
  let room = MAX_INLINED_LENGTH;
  return (message.html ?? "").replace(REACHES_OUT, "<x-").replace(CID, (reference, id: string) => {
    const picture = pictures.get(id) ?? pictures.get(decoded(id));
    if (picture === undefined || picture.length > room) return reference;
    room -= picture.length;
    return picture;
  });
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

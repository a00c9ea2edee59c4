/**
 * What the HTML of a message refers to: parts of the message, and places elsewhere.
 *
 * RFC 2392 (cid: URLs).
 */
import type { InboxMessage } from "../message.js";
import type { ApiCheck } from "../web/api-types.js";
import { remoteContent } from "../web/remote-content.js";

const CID = /\bcid:([^\s"'<>)]{1,998})/gi;
const MAX_NAMED = 5;

export function checkCidReferences({ html = "", attachments }: InboxMessage): ApiCheck {
  const about = { id: "cid" };
  const wanted = new Set(Array.from(html.matchAll(CID), ([, id = ""]) => decoded(id)));
  const present = new Set(attachments.flatMap(({ contentId }) => (contentId === undefined ? [] : [contentId])));
  const missing = [...wanted].filter((id) => !present.has(id));
  if (missing.length > 0)
    return {
      ...about,
      level: "problem",
      title: "A picture of the message is missing",
      detail: `The HTML refers to ${named(missing)}, and no part has that Content-ID.`,
    };
  const unused = attachments.flatMap(({ contentId, disposition }) =>
    contentId !== undefined && disposition === "inline" && !wanted.has(contentId) ? [contentId] : [],
  );
  if (unused.length > 0)
    return {
      ...about,
      level: "note",
      title: "An inline part is not used",
      detail: `The HTML does not refer to ${named(unused)}; readers see an attachment.`,
    };
  if (wanted.size === 0)
    return { ...about, level: "ok", title: "Pictures of the message", detail: "The HTML refers to none." };
  return {
    ...about,
    level: "ok",
    title: "Pictures of the message",
    detail: `All ${wanted.size} that the HTML refers to are there.`,
  };
}

export function checkRemoteContent({ html = "" }: InboxMessage): ApiCheck {
  const about = { id: "remote" };
  const { addresses } = remoteContent(html);
  const insecure = addresses.filter((address) => address.startsWith("http:"));
  if (insecure.length > 0)
    return {
      ...about,
      level: "warning",
      title: "Remote content without TLS",
      detail: `${insecure.length} of ${addresses.length} addresses begin with http: and many readers do not load them.`,
    };
  if (addresses.length > 0)
    return {
      ...about,
      level: "note",
      title: "Remote content",
      detail: `${addresses.length === 1 ? "1 address is" : `${addresses.length} addresses are`} fetched when the message is read, if the reader allows it.`,
    };
  return { ...about, level: "ok", title: "No remote content", detail: "The HTML fetches nothing when it is read." };
}

function named(ids: readonly string[]): string {
  const more = ids.length > MAX_NAMED ? ` and ${ids.length - MAX_NAMED} more` : "";
  return (
    ids
      .slice(0, MAX_NAMED)
      .map((id) => `cid:${id}`)
      .join(", ") + more
  );
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

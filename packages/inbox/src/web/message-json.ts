/**
 * Messages as the HTTP API says them.
 */
import type { InboxMessage } from "../message.js";
import type { ApiMessage, ApiSummary } from "./api-types.js";
import { htmlText } from "./html-text.js";
import { remoteContent } from "./remote-content.js";

const SNIPPET_LENGTH = 160;
/** Cut before the spaces are: a megabyte of text is not folded for one line. */
const SNIPPET_SOURCE = 600;

export function messageSummary(message: InboxMessage, read: boolean): ApiSummary {
  const { id, receivedAt, envelope, from, to, cc, bcc, subject, size, secure, username, parseError } = message;
  return {
    id,
    receivedAt: receivedAt.toISOString(),
    read,
    envelope,
    from,
    to,
    cc,
    bcc,
    subject,
    snippet: snippetOf(message),
    size,
    attachments: message.attachments.length,
    secure,
    username,
    parseError,
  };
}

export function messageDetails(message: InboxMessage, read: boolean): ApiMessage {
  const path = `/api/messages/${message.id}`;
  const { addresses, loadable } = remoteContent(message.html ?? "");
  return {
    ...messageSummary(message, read),
    messageId: message.messageId,
    date: message.date?.toISOString(),
    headers: message.headers.fields,
    text: message.text,
    html: message.html,
    attachments: message.attachments.map(({ content, ...facts }, index) => ({
      ...facts,
      size: content.byteLength,
      url: `${path}/attachments/${index}`,
    })),
    remote: addresses,
    loadable,
    raw: `${path}.eml`,
  };
}

// PERF: a list has a thousand messages, and the words of HTML are not found for free.
const snippets = new WeakMap<InboxMessage, string>();

function snippetOf(message: InboxMessage): string {
  const known = snippets.get(message);
  if (known !== undefined) return known;
  const source = message.text ?? htmlText(message.html ?? "");
  const snippet = source.slice(0, SNIPPET_SOURCE).replace(/\s+/g, " ").trim().slice(0, SNIPPET_LENGTH);
  snippets.set(message, snippet);
  return snippet;
}

/**
 * Messages as the HTTP API says them.
 */
import type { InboxMessage } from "../message.js";
import type { ApiMessage, ApiSummary } from "./api-types.js";
import { htmlText } from "./html-text.js";
import { remoteAddresses } from "./remote-content.js";

const SNIPPET_LENGTH = 160;
/** Cut before the spaces are: a megabyte of text is not folded for one line. */
const SNIPPET_SOURCE = 600;

export function messageSummary(message: InboxMessage, read: boolean): ApiSummary {
  const { id, receivedAt, envelope, from, to, cc, subject, size, secure, username, parseError } = message;
  return {
    id,
    receivedAt: receivedAt.toISOString(),
    read,
    envelope,
    from,
    to,
    cc,
    subject,
    snippet: snippetOf(message.text ?? htmlText(message.html ?? "")),
    size,
    attachments: message.attachments.length,
    secure,
    username,
    parseError,
  };
}

export function messageDetails(message: InboxMessage, read: boolean): ApiMessage {
  const path = `/api/messages/${message.id}`;
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
    remote: remoteAddresses(message.html ?? ""),
    raw: `${path}.eml`,
  };
}

function snippetOf(text: string): string {
  return text.slice(0, SNIPPET_SOURCE).replace(/\s+/g, " ").trim().slice(0, SNIPPET_LENGTH);
}

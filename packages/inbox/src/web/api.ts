/**
 * Messages as JSON, for scripts: `GET /api/messages` and `GET /api/messages/:id`.
 */
import type { InboxMessage } from "../message.js";

/** One line of the list. */
export function messageSummary(message: InboxMessage): Record<string, unknown> {
  const { id, receivedAt, envelope, from, to, cc, subject, size, secure, username, parseError } = message;
  return {
    id,
    receivedAt,
    envelope,
    from,
    to,
    cc,
    subject,
    size,
    attachments: message.attachments.length,
    secure,
    username,
    parseError,
  };
}

/** All of a message but its bytes, which are at `raw` and at the `url` of each attachment. */
export function messageDetails(message: InboxMessage): Record<string, unknown> {
  const path = `/api/messages/${message.id}`;
  return {
    ...messageSummary(message),
    messageId: message.messageId,
    date: message.date,
    headers: message.headers.fields,
    text: message.text,
    html: message.html,
    attachments: message.attachments.map(({ content, ...facts }, index) => ({
      ...facts,
      size: content.byteLength,
      url: `${path}/attachments/${index}`,
    })),
    raw: `${path}.eml`,
  };
}

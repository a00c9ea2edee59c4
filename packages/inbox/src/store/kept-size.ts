/**
 * How much memory a kept message takes: its bytes, what was parsed from them, and the objects around both.
 */
import type { InboxMessage } from "../message.js";

/** Bytes of a small object of V8 with its place in a list; a field, an address or an attachment is one or two of them. */
const OBJECT_BYTES = 64;
/** What a message takes before there is anything in it. */
const MESSAGE_BYTES = 512;

/** Bytes, close to what the message takes and seldom less. */
export function keptSize(message: InboxMessage): number {
  const { raw, envelope, text = "", html = "", subject = "", messageId = "", attachments, headers } = message;
  const strings = [envelope.sender, ...envelope.recipients, text, html, subject, messageId];
  for (const { name, address } of [...message.to, ...message.cc]) strings.push(name, address);
  for (const { name, value } of headers) strings.push(name, value);
  const content = attachments.reduce((sum, one) => sum + one.content.byteLength + 2 * OBJECT_BYTES, 0);
  return MESSAGE_BYTES + raw.byteLength + content + strings.reduce((sum, one) => sum + stringSize(one), 0);
}

// V8 takes one byte a character where all are Latin-1, and two otherwise.
function stringSize(text: string): number {
  return OBJECT_BYTES / 2 + text.length * (/[^\u0000-\u00ff]/.test(text) ? 2 : 1);
}

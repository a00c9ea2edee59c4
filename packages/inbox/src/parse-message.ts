/**
 * From the bytes of a message to an InboxMessage.
 */
import PostalMime, { type Address, addressParser, type Email, type Header } from "postal-mime";
import { InboxHeaders } from "./inbox-headers.js";
import type { InboxAddress, InboxAttachment, InboxEnvelope, InboxMessage } from "./message.js";

/** A message as the SMTP side hands it over. */
export interface Delivery {
  readonly id: string;
  readonly receivedAt: Date;
  readonly envelope: InboxEnvelope;
  readonly raw: Uint8Array;
  readonly secure: boolean;
  readonly username: string | undefined;
}

/** Parses a delivery; never rejects: what cannot be parsed is kept with `parseError`. */
export async function parseMessage(delivery: Delivery): Promise<InboxMessage> {
  const facts = { ...delivery, size: delivery.raw.byteLength };
  try {
    return { ...facts, ...contentOf(await PostalMime.parse(delivery.raw)), parseError: undefined };
  } catch (error) {
    return { ...facts, ...NO_CONTENT, parseError: error instanceof Error ? error.message : String(error) };
  }
}

type Content = Omit<InboxMessage, keyof Delivery | "size" | "parseError">;

const NO_CONTENT: Content = {
  from: undefined,
  to: [],
  cc: [],
  subject: undefined,
  messageId: undefined,
  date: undefined,
  text: undefined,
  html: undefined,
  attachments: [],
  headers: headersOf([]),
};

function contentOf(email: Email): Content {
  return {
    from: mailboxes(email.headers, "from")[0],
    to: mailboxes(email.headers, "to"),
    cc: mailboxes(email.headers, "cc"),
    subject: email.subject,
    messageId: email.messageId,
    date: dateOf(email.date),
    text: email.text,
    html: email.html,
    attachments: email.attachments.map(attachmentOf),
    headers: headersOf(email.headers),
  };
}

function mailboxes(headers: readonly Header[], key: string): InboxAddress[] {
  return headers
    .filter((header) => header.key === key)
    .flatMap((header) => addressParser(header.value, { flatten: true }).flatMap(mailboxOf));
}

function mailboxOf(address: Address): InboxAddress[] {
  return address.address === undefined ? [] : [{ name: address.name, address: address.address }];
}

function dateOf(value: string | undefined): Date | undefined {
  const date = value === undefined ? undefined : new Date(value);
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
}

function attachmentOf(attachment: Email["attachments"][number]): InboxAttachment {
  const { content } = attachment;
  return {
    filename: attachment.filename ?? undefined,
    contentType: attachment.mimeType,
    contentId: attachment.contentId?.replace(/^\s*<|>\s*$/g, ""),
    disposition: attachment.disposition ?? undefined,
    content: typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content),
  };
}

function headersOf(fields: readonly Header[]): InboxHeaders {
  return new InboxHeaders(fields.map((field) => ({ name: field.originalKey, value: field.value })));
}

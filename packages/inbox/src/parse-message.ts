/**
 * From the bytes of a message to an InboxMessage: which part is the text, which the HTML, and that all others are attachments.
 *
 * RFC 2183 (disposition and file name), RFC 2046 §5.1.4 (alternatives).
 */
import { type Address, addressParser, decodeWords } from "postal-mime";
import { blindCopies } from "./blind-copies.js";
import { InboxHeaders } from "./inbox-headers.js";
import type { InboxAddress, InboxAttachment, InboxEnvelope, InboxMessage } from "./message.js";
import { decodedBytes, decodedText } from "./mime/decode-part.js";
import { type MimePart, splitMessage } from "./mime/split-message.js";
import { keptSize } from "./store/kept-size.js";

/** A message as the SMTP side hands it over. */
export interface Delivery {
  readonly id: string;
  readonly receivedAt: Date;
  readonly envelope: InboxEnvelope;
  readonly raw: Uint8Array;
  readonly secure: boolean;
  readonly username: string | undefined;
}

/**
 * Parses a delivery; never rejects: what cannot be parsed is kept with `parseError`.
 *
 * @param maxKept bytes that the message may take in memory once it is parsed.
 */
export async function parseMessage(
  delivery: Delivery,
  maxKept: number = Number.POSITIVE_INFINITY,
): Promise<InboxMessage> {
  try {
    const content = contentOf(await splitMessage(delivery.raw));
    const parsed = messageOf(delivery, { ...(await content), parseError: undefined });
    if (keptSize(parsed) <= maxKept) return parsed;
    return unparsed(delivery, "Parsed, it would take more memory than maxBytes allows.");
  } catch (error) {
    return unparsed(delivery, error instanceof Error ? error.message : String(error));
  }
}

/** A message of which only the envelope and the bytes are known, and why. */
export function unparsed(delivery: Delivery, parseError: string): InboxMessage {
  return messageOf(delivery, { ...NO_CONTENT, parseError });
}

type Content = Omit<InboxMessage, keyof Delivery | "size" | "bcc">;

const NO_CONTENT: Omit<Content, "parseError"> = {
  from: undefined,
  to: [],
  cc: [],
  subject: undefined,
  messageId: undefined,
  date: undefined,
  text: undefined,
  html: undefined,
  attachments: [],
  headers: new InboxHeaders([]),
};

function messageOf(delivery: Delivery, content: Content): InboxMessage {
  const bcc = content.parseError === undefined ? blindCopies({ ...content, envelope: delivery.envelope }) : [];
  return { ...delivery, size: delivery.raw.byteLength, ...content, bcc };
}

async function contentOf(parts: readonly MimePart[]): Promise<Omit<Content, "parseError">> {
  const headers = new InboxHeaders(parts[0]?.fields ?? []);
  return {
    from: mailboxes(headers, "From")[0],
    to: mailboxes(headers, "To"),
    cc: mailboxes(headers, "Cc"),
    subject: decodedField(headers, "Subject"),
    messageId: decodedField(headers, "Message-ID"),
    date: dateOf(headers.get("Date")),
    ...(await bodiesOf(parts.filter(({ isLeaf }) => isLeaf))),
    headers,
  };
}

/**
 * The first text and the first HTML that are not files are what the reader sees. Every other leaf is an attachment: a second
 * text in an alternative, a text with a file name, a message within the message. Nothing is joined and nothing left out.
 */
async function bodiesOf(leaves: readonly MimePart[]): Promise<Pick<Content, "text" | "html" | "attachments">> {
  let text: string | undefined;
  let html: string | undefined;
  const attachments: InboxAttachment[] = [];
  for (const leaf of leaves) {
    if (leaf.type === "text/plain" && !isFile(leaf) && text === undefined) text = nonEmpty(await decodedText(leaf));
    else if (leaf.type === "text/html" && !isFile(leaf) && html === undefined) html = nonEmpty(await decodedText(leaf));
    else attachments.push(await attachmentOf(leaf));
  }
  return { text, html, attachments };
}

function isFile({ filename, disposition }: MimePart): boolean {
  return filename !== undefined || disposition === "attachment";
}

function nonEmpty(text: string): string | undefined {
  return text === "" ? undefined : text;
}

async function attachmentOf(leaf: MimePart): Promise<InboxAttachment> {
  const id = new InboxHeaders(leaf.fields).get("Content-ID");
  return {
    filename: leaf.filename,
    contentType: leaf.type,
    contentId: id?.replace(/^<|>$/g, ""),
    disposition: leaf.disposition,
    content: await decodedBytes(leaf),
  };
}

function mailboxes(headers: InboxHeaders, name: string): InboxAddress[] {
  return headers.getAll(name).flatMap((value) => addressParser(value, { flatten: true }).flatMap(mailboxOf));
}

function mailboxOf(address: Address): InboxAddress[] {
  return address.address === undefined ? [] : [{ name: address.name, address: address.address }];
}

function decodedField(headers: InboxHeaders, name: string): string | undefined {
  const value = headers.get(name) ?? "";
  return value === "" ? undefined : decodeWords(value);
}

function dateOf(value: string | undefined): Date | undefined {
  const date = value === undefined ? undefined : new Date(value);
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
}

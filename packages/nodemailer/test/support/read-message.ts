/**
 * A message as two parsers read it, without what is made anew each time.
 */
import { simpleParser } from "mailparser";
import PostalMime, { addressParser, decodeWords } from "postal-mime";
import type { Arrived } from "./recording-server.js";

export interface ReadMessage {
  readonly envelope: unknown;
  readonly headers: readonly string[];
  readonly mailparser: unknown;
  readonly postalMime: unknown;
}

/** Made by each library in its own way, or without meaning for a reader; what stands in Content-Disposition is compared as read. */
const OWN = new Set([
  "date",
  "message-id",
  "content-type",
  "content-transfer-encoding",
  "content-disposition",
  "mime-version",
]);

/** @param keeps the fields that the message itself sets */
export async function readMessage({ from, to, raw }: Arrived, keeps: readonly string[] = []): Promise<ReadMessage> {
  const postal = await PostalMime.parse(raw, { attachmentEncoding: "arraybuffer" });
  const parsed = await simpleParser(raw, { skipImageLinks: true });
  const headers = postal.headers
    .filter(({ key }) => !OWN.has(key) || keeps.includes(key))
    .map(({ key, value }) => `${key}: ${meaning(key, value)}`)
    .sort();
  return {
    envelope: { from, to },
    headers,
    postalMime: {
      text: joined(postal.text),
      html: links(joined(postal.html)),
      attachments: postal.attachments.map((one) => ({
        filename: one.filename,
        type: one.mimeType,
        disposition: one.disposition,
        related: one.related === true,
        cid: ownId(one.contentId),
        content: contentOf(one.mimeType, Buffer.from(one.content as ArrayBuffer)),
      })),
    },
    mailparser: {
      from: parsed.from?.value,
      to: [parsed.to ?? []].flat().flatMap((one) => one.value),
      subject: parsed.subject,
      text: joined(parsed.text),
      html: links(joined(parsed.html === false ? undefined : parsed.html)),
      attachments: parsed.attachments.map((one) => ({
        filename: one.filename,
        type: one.contentType,
        disposition: one.contentDisposition,
        cid: ownId(one.cid),
        content: contentOf(one.contentType, one.content),
      })),
    },
  };
}

const ADDRESSES = new Set(["from", "sender", "to", "cc", "bcc", "reply-to"]);

/** Quotes and encodings are the writer's; what a reader shows is not. */
function meaning(key: string, value: string): string {
  if (ADDRESSES.has(key)) return JSON.stringify(addressParser(value));
  if (key === "date") return new Date(value).toISOString();
  const text = decodeWords(value).replace(/\s+/g, " ").trim();
  return key === "list-id" ? text.replace(/^"(.*)" </, "$1 <") : text;
}

const trimmed = (text: string | undefined): string | undefined => text?.replace(/\r\n/g, "\n").replace(/\n+$/, "");

/** Text and inline attachments in one: the parsers put them together by the line ends that they have. */
const joined = (text: string | undefined): string | undefined => trimmed(text)?.replace(/\n{2,}/g, "\n\n");

/** Text by its lines, the last of which may be ended or not; all else byte for byte. */
function contentOf(type: string, content: Buffer): string {
  if (!/^(?:text\/calendar|message\/|text\/x-|text\/watch-html)/.test(type)) return content.toString("base64");
  return trimmed(content.toString("utf8")) ?? "";
}

/** Identifiers that a library made itself, for images that stood in the html. */
const links = (html: string | undefined): string | undefined => html?.replace(/cid:[\da-f-]{16,}@[\w.]+/g, "cid:made");

function ownId(id: string | undefined): string | undefined {
  return id?.replace(/^<?([\da-f-]{16,})@[\w.]+>?$/, "made");
}

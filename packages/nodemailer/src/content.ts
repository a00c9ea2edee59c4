/**
 * Content in every form that nodemailer takes, as what a MimePart reads: memory, streams, files, `data:` URIs and URLs.
 *
 * Layer: nodemailer. RFC 2397 (data URIs), RFC 9110 (the GET for `href`).
 */
import { Buffer } from "node:buffer";
import { basename } from "node:path";
import { dataUriAttachment, fileAttachment, type MimePartOptions } from "postrider";
import { mailError } from "./errors.js";

/** What a MimePart takes as content. */
export type PartContent = NonNullable<MimePartOptions["content"]>;

/** Whether data may name files and URLs. */
export interface Access {
  readonly files: boolean;
  readonly urls: boolean;
}

export interface Source {
  readonly content: PartContent;
  /** Of the path or the URL. */
  readonly filename?: string | undefined;
  /** Of a `data:` URI. */
  readonly contentType?: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !isBytes(value) && !isStream(value);
}

function isBytes(value: unknown): value is Uint8Array | ArrayBuffer {
  return ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === "[object ArrayBuffer]";
}

function isStream(value: unknown): value is AsyncIterable<Uint8Array> {
  if (typeof value !== "object" || value === null) return false;
  return Symbol.asyncIterator in value || typeof (value as { getReader?: unknown }).getReader === "function";
}

/**
 * Finds where the content comes from; nothing is read yet.
 *
 * @throws EFILEACCESS, EURLACCESS, EMESSAGE
 */
export function sourceOf(input: unknown, field: string, access: Access): Source {
  if (typeof input === "string" || isBytes(input) || isStream(input)) return { content: input as PartContent };
  if (typeof input === "number" || typeof input === "boolean") return { content: String(input) };
  if (input === undefined || input === null) return { content: "" };
  // Read when the message is: content that is waited for.
  if (isPromise(input)) return { content: (() => input) as PartContent };
  if (!isFields(input))
    throw mailError("EMESSAGE", `${field}: must be text, bytes, a stream or an object with content`);
  const { content, path, href, encoding } = input;
  const link = hrefOf(href) ?? hrefOf(path);
  if (content !== undefined && content !== null) return { ...sourceOf(decoded(content, encoding), field, access) };
  if (link === undefined) return { content: "" };
  if (/^data:/i.test(link)) return fromDataUri(link);
  if (/^https?:/i.test(link)) return fromUrl(link, field, input, access);
  if (!access.files) throw mailError("EFILEACCESS", `${field}: file access is disabled: ${link.slice(0, 200)}`);
  const path_ = /^file:/i.test(link) ? new URL(link) : link;
  return { content: fileAttachment(path_).content as PartContent, filename: basename(String(path_)) };
}

/** A Buffer over the same memory. */
export function toBuffer(view: ArrayBufferView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

function hrefOf(value: unknown): string | undefined {
  if (typeof value === "string" && value !== "") return value;
  const href = typeof value === "object" && value !== null ? (value as { href?: unknown }).href : undefined;
  return typeof href === "string" && href !== "" ? href : undefined;
}

/** A string in base64, hex and their like is bytes; in UTF-8 it is text. */
function decoded(content: unknown, encoding: unknown): unknown {
  if (typeof content !== "string" || typeof encoding !== "string") return content;
  const name = encoding.toLowerCase().replace(/[^a-z\d]/g, "");
  if (name === "utf8" || !Buffer.isEncoding(encoding)) return content;
  return Buffer.from(content, encoding);
}

function fromDataUri(uri: string): Source {
  // Base64 of browsers and templates holds line breaks, spaces and no padding.
  const comma = uri.indexOf(",");
  const isBase64 = /;base64$/i.test(uri.slice(0, Math.max(comma, 0)));
  if (!isBase64) {
    const { content, contentType } = dataUriAttachment(uri);
    return { content: content as PartContent, contentType };
  }
  const { contentType } = dataUriAttachment(`${uri.slice(0, comma)},`);
  return { content: Buffer.from(decodeURIComponent(uri.slice(comma + 1)), "base64"), contentType };
}

function fromUrl(link: string, field: string, { httpHeaders }: Fields, access: Access): Source {
  if (!access.urls) throw mailError("EURLACCESS", `${field}: URL access is disabled: ${link.slice(0, 200)}`);
  const headers = isFields(httpHeaders) ? (httpHeaders as Record<string, string>) : {};
  const open = async () => {
    const answer = await fetch(link, { headers }).catch((cause: unknown) => {
      throw mailError("EFETCH", `${field}: ${link.slice(0, 200)} cannot be fetched`, { cause });
    });
    if (answer.ok && answer.body !== null) return answer.body;
    await answer.body?.cancel();
    throw mailError("EFETCH", `${field}: ${link.slice(0, 200)} returned HTTP status ${answer.status}`);
  };
  const filename = basename(new URL(link).pathname);
  return { content: open, filename: filename === "" ? undefined : decodeURIComponent(filename) };
}

/** Reads content to its end. */
export async function readContent(input: unknown, field: string, access: Access): Promise<string | Buffer> {
  const { content } = sourceOf(await input, field, access);
  return readPart(content);
}

async function readPart(content: unknown): Promise<string | Buffer> {
  if (typeof content === "function") return readPart(await (content as () => unknown)());
  if (typeof content === "string") return content;
  if (ArrayBuffer.isView(content)) return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (isBytes(content)) return Buffer.from(content as ArrayBuffer);
  const pieces: Buffer[] = [];
  for await (const piece of content as AsyncIterable<Uint8Array | string>) {
    pieces.push(typeof piece === "string" ? Buffer.from(piece) : Buffer.from(piece));
  }
  return Buffer.concat(pieces);
}

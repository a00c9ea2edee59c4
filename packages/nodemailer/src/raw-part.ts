/**
 * Parts that are ready made, header and all: in memory, or as a stream of which only the header is read before.
 *
 * Layer: nodemailer. RFC 2045 §6.7 and §6.8.
 */
import { Buffer } from "node:buffer";
import { MimePart, type MimePartOptions, parseHeaders } from "postrider";
import { type Access, type PartContent, sourceOf, toBuffer } from "./content.js";
import { mailError } from "./errors.js";

type Encoding = NonNullable<MimePartOptions["encoding"]>;

/** A longer header is none. */
const MAX_HEADER_BYTES = 256 * 1024;

/** A ready made part whose header has been read. */
export class OpenedPart {
  readonly head: Buffer;
  readonly body: AsyncIterable<Uint8Array>;
  /** Closes the stream, also when nothing was read of the body. */
  readonly close: () => Promise<unknown>;

  constructor(head: Buffer, body: AsyncIterable<Uint8Array>, close: () => Promise<unknown>) {
    this.head = head;
    this.body = body;
    this.close = close;
  }
}

/** Reads the header of a part that is not in memory. @throws EMESSAGE when it does not end */
export async function openPart(raw: unknown, field: string, access: Access): Promise<OpenedPart | Buffer> {
  const { content } = sourceOf(await raw, field, access);
  const opened: unknown = typeof content === "function" ? await content() : content;
  if (typeof opened === "string") return Buffer.from(opened);
  if (ArrayBuffer.isView(opened)) return toBuffer(opened);
  const chunks = (opened as AsyncIterable<Uint8Array | string>)[Symbol.asyncIterator]();
  let read = Buffer.alloc(0);
  for (;;) {
    const next = await chunks.next();
    if (next.done === true) return read;
    read = Buffer.concat([read, typeof next.value === "string" ? Buffer.from(next.value) : next.value]);
    const end = headerEnd(read);
    if (end !== undefined) {
      const close = async (): Promise<unknown> => chunks.return?.();
      return new OpenedPart(read.subarray(0, end.start), rest(read.subarray(end.stop), chunks), close);
    }
    if (read.length > MAX_HEADER_BYTES)
      throw mailError("EMESSAGE", `${field}: its header does not end within ${MAX_HEADER_BYTES} bytes`);
  }
}

async function* rest(
  first: Buffer,
  chunks: AsyncIterator<Uint8Array | string>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield first;
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next())
    yield typeof next.value === "string" ? Buffer.from(next.value) : next.value;
}

/** A part that is ready made. Its content is decoded, so that it is encoded for this message. */
export function rawPart(raw: unknown, field: string, access: Access): MimePart {
  if (isOpened(raw)) return streamedPart(raw);
  const { content } = sourceOf(raw, `${field}.raw`, access);
  const bytes =
    typeof content === "string" ? Buffer.from(content) : ArrayBuffer.isView(content) ? toBuffer(content) : undefined;
  if (bytes === undefined)
    throw mailError("EMESSAGE", `${field}.raw: must be text or bytes; only sendMail reads streams`);
  const end = headerEnd(bytes);
  const body = end === undefined ? Buffer.alloc(0) : bytes.subarray(end.stop);
  const { headers, contentType, encoding } = readHeader(end === undefined ? bytes : bytes.subarray(0, end.start));
  return filled(headers, {
    content: decode(body, encoding),
    contentType,
    encoding: isEncoded(encoding) ? encoding : isComposite(contentType) ? identity(body) : undefined,
  });
}

/** Another copy of the package may have opened it. */
function isOpened(value: unknown): value is OpenedPart {
  return typeof value === "object" && value !== null && "head" in value && "body" in value;
}

/** What is streamed travels as base64; a part with parts inside, as it is. */
function streamedPart({ head, body, close }: OpenedPart): MimePart {
  const { headers, contentType, encoding } = readHeader(head);
  const bytes = decoded(body, encoding);
  const iterator: AsyncIterableIterator<Uint8Array> = {
    next: () => bytes.next(),
    // A generator that has not begun would close nothing.
    return: async () => {
      await close();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return filled(headers, { content: iterator as PartContent, contentType });
}

function filled(headers: readonly (readonly [string, string])[], options: MimePartOptions): MimePart {
  const part = new MimePart(options);
  for (const [name, value] of headers) {
    if (!/^content-(?:type|transfer-encoding)$/i.test(name)) part.headers.append(name, value);
  }
  return part;
}

function readHeader(head: Buffer) {
  const headers = parseHeaders(Buffer.concat([head, Buffer.from("\r\n\r\n")]));
  const fieldOf = (wanted: string): string | undefined => headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
  return {
    headers,
    contentType: fieldOf("content-type") ?? "text/plain",
    encoding: fieldOf("content-transfer-encoding")?.toLowerCase(),
  };
}

function headerEnd(bytes: Buffer): { readonly start: number; readonly stop: number } | undefined {
  const end = /\r?\n\r?\n/.exec(bytes.toString("latin1", 0, MAX_HEADER_BYTES + 4));
  return end === null ? undefined : { start: end.index, stop: end.index + end[0].length };
}

function isEncoded(encoding: string | undefined): encoding is "base64" | "quoted-printable" {
  return encoding === "base64" || encoding === "quoted-printable";
}

function isComposite(contentType: string): boolean {
  return /^(?:multipart|message)\//i.test(contentType);
}

function identity(body: Buffer): Encoding {
  return body.some((byte) => byte > 127) ? "8bit" : "7bit";
}

async function* decoded(
  body: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let kept = "";
  for await (const chunk of body) {
    if (!isEncoded(encoding)) {
      yield chunk;
      continue;
    }
    const text = kept + toBuffer(chunk).toString("latin1");
    const whole = encoding === "base64" ? wholeGroups(text) : text.lastIndexOf("\n") + 1;
    kept = text.slice(whole);
    if (whole > 0) yield decode(Buffer.from(text.slice(0, whole), "latin1"), encoding);
  }
  if (kept !== "") yield decode(Buffer.from(kept, "latin1"), encoding);
}

/** Where the last whole group of four characters ends. */
function wholeGroups(text: string): number {
  let surplus = (text.match(/[A-Za-z\d+/=]/g) ?? []).length % 4;
  let end = text.length;
  while (surplus > 0) {
    end--;
    if (/[A-Za-z\d+/=]/.test(text[end] ?? "")) surplus--;
  }
  return end;
}

function decode(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === "base64") return Buffer.from(body.toString("latin1"), "base64");
  if (encoding !== "quoted-printable") return body;
  const text = body.toString("latin1").replace(/[ \t]*=[ \t]*\r?\n/g, "");
  return Buffer.from(
    text.replace(/=([\dA-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );
}

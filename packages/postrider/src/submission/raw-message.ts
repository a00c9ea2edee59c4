/**
 * Raw messages: bytes that the caller has written, sent as they are but for line ends.
 *
 * Layer: submission. RFC 5321 §2.3.8, RFC 6152 (8BITMIME).
 */
import { Buffer } from "node:buffer";
import { MessageError, SmtpNotSupportedError } from "../errors.js";
import type { BytesContent } from "../protocol/content.js";
import { findSurrogateFault } from "../text/characters.js";
import { scanForWire } from "../text/content-scan.js";
import { LineEndingNormalizer, normalizeLineEndings } from "../text/line-ends.js";
import type { Capabilities } from "../wire/capabilities.js";
import { checkRawBeginning } from "./raw-beginning.js";
import type { Delivery, OpenedContent } from "./submission.js";

/** A web stream of bytes, as far as it matters here. */
export interface ByteStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
  };
}

/** The whole message, headers and body: text (as UTF-8), bytes, a web stream, or any iterable of bytes (Node's Readable too). */
export type RawMessage = string | Uint8Array | ByteStream | AsyncIterable<Uint8Array>;

export function isRawMessage(message: unknown): message is RawMessage {
  return (
    typeof message === "string" || message instanceof Uint8Array || isByteStream(message) || isAsyncIterable(message)
  );
}

/**
 * Reads what is in memory at once; a stream is opened when the server is known.
 *
 * @param hasUtf8Headers for a message whose header was read; else nobody looks
 */
export function rawContent(message: RawMessage, hasUtf8Headers = false): Pick<Delivery, "open" | "close"> {
  if (typeof message === "string") return fixed(textBytes(message), hasUtf8Headers);
  if (message instanceof Uint8Array) return fixed(message, hasUtf8Headers);
  let source: AsyncIterator<unknown> | undefined;
  let whole: BytesContent | undefined;
  let isGivenUp = false;
  return {
    open: async (capabilities) => {
      if (whole !== undefined) return { content: whole, hasUtf8Headers, source: undefined };
      if (source !== undefined) {
        throw new MessageError("message", "is a stream that was read already; give a new one for each send");
      }
      source = iterateBytes(message);
      const opened = await openStream(source, capabilities, hasUtf8Headers);
      // SECURITY: a source that was told to stop ends early; what came so far is not the message.
      if (isGivenUp) throw new MessageError("message", "is a stream that was given up while it was read");
      // Short enough to be in memory: it can go out a second time, should the connection not take it.
      if (opened.content.kind === "bytes") whole = opened.content;
      return opened;
    },
    close: () => {
      isGivenUp = source !== undefined && whole === undefined;
      void Promise.resolve(source?.return?.()).catch(() => undefined);
    },
  };
}

/** Content in memory, made canonical. */
function bytesContent(bytes: Uint8Array): BytesContent {
  const scan = scanForWire(bytes);
  const canonical = scan.isCanonical ? bytes : normalizeLineEndings(bytes);
  return { kind: "bytes", bytes: canonical, hasEightBit: scan.hasEightBit, hasLeadingDot: scan.hasLeadingDot };
}

function fixed(bytes: Uint8Array, hasUtf8Headers: boolean): Pick<Delivery, "open" | "close"> {
  checkRawBeginning(bytes);
  return {
    open: () => ({ content: bytesContent(bytes), hasUtf8Headers, source: undefined }),
    close: () => undefined,
  };
}

export function textBytes(text: string): Uint8Array {
  const bytes = Buffer.from(text, "utf8");
  // U+FFFD in the bytes is either the caller's own or the encoder's repair of a lone surrogate.
  const fault = bytes.includes("\ufffd", 0, "utf8") ? findSurrogateFault(text) : undefined;
  if (fault !== undefined) throw new MessageError("message", fault);
  return bytes;
}

/** Enough to know most messages whole, so that SIZE and BODY are exact; and small enough to hold for each connection. */
const LOOKAHEAD_BYTES = 64 * 1024;

async function openStream(
  source: AsyncIterator<unknown>,
  capabilities: Capabilities,
  hasUtf8Headers: boolean,
): Promise<OpenedContent> {
  try {
    return { ...(await readAhead(source, capabilities)), hasUtf8Headers };
  } catch (error) {
    // What the source makes of being told to stop is not what went wrong.
    void Promise.resolve(source.return?.()).catch(() => undefined);
    throw error;
  }
}

async function readAhead(
  source: AsyncIterator<unknown>,
  capabilities: Capabilities,
): Promise<Omit<OpenedContent, "hasUtf8Headers">> {
  const head: Uint8Array[] = [];
  let size = 0;
  while (size < LOOKAHEAD_BYTES) {
    const next = await source.next();
    if (next.done === true) {
      checkRawBeginning(head);
      return { content: bytesContent(Buffer.concat(head, size)), source: undefined };
    }
    const chunk = checkChunk(next.value);
    head.push(chunk);
    size += chunk.length;
  }
  checkRawBeginning(head);
  return {
    content: { kind: "stream", size: undefined, hasEightBit: undefined },
    source: canonicalChunks(head, source, capabilities.extensions.has("8BITMIME")),
  };
}

/**
 * The head that was read ahead, then the rest, canonical. Not a generator: asked to stop, it must tell the source at once,
 * also before the first chunk and while one is awaited.
 */
function canonicalChunks(
  head: readonly Uint8Array[],
  source: AsyncIterator<unknown>,
  allowsEightBit: boolean,
): AsyncIterator<Uint8Array, undefined> {
  const normalizer = new LineEndingNormalizer();
  const ahead = [...head].reverse();
  let isEnded = false;
  const canonical = (chunk: Uint8Array): IteratorResult<Uint8Array, undefined> => {
    if (!allowsEightBit && chunk.some((byte) => byte > 0x7f)) throw eightBitError();
    return { done: false, value: normalizer.push(chunk) };
  };
  return {
    next: async () => {
      if (isEnded) return { done: true, value: undefined };
      const held = ahead.pop();
      if (held !== undefined) return canonical(held);
      const next = await source.next();
      if (next.done !== true) return canonical(checkChunk(next.value));
      isEnded = true;
      return { done: false, value: normalizer.finish() };
    },
    return: async () => {
      const wasEnded = isEnded;
      isEnded = true;
      if (!wasEnded) await source.return?.();
      return { done: true, value: undefined };
    },
  };
}

export function checkChunk(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new MessageError("message", `must be a stream of bytes (Uint8Array), not of ${typeof chunk}s`, {
    phase: "content",
  });
}

function eightBitError(): SmtpNotSupportedError {
  return new SmtpNotSupportedError("8BITMIME", {
    reason: "The message has bytes above 127 and the server does not offer 8BITMIME",
    phase: "content",
    hint: "Encode the content as quoted-printable or base64",
  });
}

function isByteStream(value: unknown): value is ByteStream {
  return typeof value === "object" && value !== null && "getReader" in value && typeof value.getReader === "function";
}

function isAsyncIterable(value: unknown): value is AsyncIterable<Uint8Array> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

export function iterateBytes(stream: ByteStream | AsyncIterable<Uint8Array>): AsyncIterator<unknown> {
  if (isAsyncIterable(stream)) return stream[Symbol.asyncIterator]();
  const reader = stream.getReader();
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done ? { done: true, value: undefined } : { done: false, value };
    },
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

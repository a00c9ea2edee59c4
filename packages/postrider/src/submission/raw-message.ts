/**
 * Raw messages: content that the caller wrote, sent unchanged except for line ends.
 *
 * Layer: submission. RFC 5321 §2.3.8, RFC 6152 (8BITMIME), RFC 4155 (mbox), RFC 3629 §6 (byte order mark).
 */
import { Buffer } from "node:buffer";
import { MessageError, SmtpNotSupportedError } from "../errors/errors.js";
import { HeldStream, ownBytes, Reading } from "../given/producer.js";
import {
  type BlobLike,
  type ByteStream,
  type BytesLike,
  isAsyncIterable,
  isBlobLike,
  isByteStream,
  isBytes,
  isResponseLike,
  type ResponseLike,
} from "../given/values.js";
import type { BytesContent } from "../session/content.js";
import { findSurrogateFault } from "../text/characters.js";
import { scanForWire } from "../text/content-scan.js";
import { LineEndingNormalizer, normalizeLineEndings } from "../text/line-ends.js";
import type { Capabilities } from "../wire/capabilities.js";
import type { OpenedContent, Progress, Submission } from "./submission.js";

const RULES = { field: "message", takesText: false };
/** Most messages fit, so that their SIZE and BODY are exact; small enough for every connection to hold. */
const LOOKAHEAD_BYTES = 64 * 1024;
/** Bytes that the checks of the beginning need. */
const LOOK_BYTES = 16;
const BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";
const UTF_16 = /^(?:\u00ff\u00fe|\u00fe\u00ff|\u0000[^\u0000]|[^\u0000]\u0000)/;
// "From :" is an obsolete form of a field (RFC 5322 §4.5).
const MBOX = /^From (?![ \t]*:)/;

/**
 * The whole message, headers and body: text (as UTF-8), bytes in any form, a Blob, a web stream, the Response of `fetch`, or any async
 * iterable of bytes (Node's Readable too).
 */
export type RawMessage = string | BytesLike | BlobLike | ResponseLike | ByteStream | AsyncIterable<BytesLike>;

export function isRawMessage(message: unknown): message is RawMessage {
  if (typeof message === "string" || isBytes(message) || isByteStream(message) || isAsyncIterable(message)) return true;
  return isBlobLike(message) || isResponseLike(message);
}

/**
 * Copies bytes; other forms are returned unchanged.
 *
 * SECURITY: dots and line ends are checked before the bytes are written, so the caller must not be able to change them in between.
 *
 * @throws MessageError when the buffer was transferred
 */
export function takeRawMessage(message: RawMessage): RawMessage {
  return isBytes(message) ? ownBytes(message, "message") : message;
}

/**
 * Checks content in memory at once; a stream is opened when the server is known.
 *
 * @param message from `takeRawMessage`
 * @param hasUtf8Headers known only for a message whose header was read
 * @param isInternal the chunks of a stream come from this package, and need no copy
 * @throws MessageError when the text has a lone surrogate, or the stream was read or closed
 */
export function rawContent(
  message: RawMessage,
  hasUtf8Headers = false,
  isInternal = false,
): Pick<Submission, "open" | "close" | "isStreamed"> {
  if (typeof message === "string") return fixed(textBytes(message), hasUtf8Headers);
  if (isBytes(message)) return fixed(message as Uint8Array, hasUtf8Headers);
  const { open, release } = openerOf(message, isInternal);
  let reading: Reading | undefined;
  let whole: BytesContent | undefined;
  return {
    isStreamed: true,
    open: async (capabilities, progress) => {
      if (whole !== undefined) return { content: whole, hasUtf8Headers, source: undefined };
      reading = open();
      const opened = await openStream(reading, capabilities, hasUtf8Headers, progress);
      // Short enough to be in memory, so it can be sent again.
      if (opened.content.kind === "bytes") whole = opened.content;
      return opened;
    },
    close: () => {
      void reading?.return();
      release();
    },
  };
}

/** A Blob can be read again, a stream only once. */
export function openerOf(
  message: Exclude<RawMessage, string | BytesLike>,
  isInternal = false,
): { readonly open: () => Reading; readonly release: () => void } {
  const rules = { ...RULES, isInternal };
  if (isBlobLike(message)) return { open: () => new Reading(() => message, rules), release: () => undefined };
  const held = new HeldStream(message, rules);
  return { open: () => held.open(), release: () => held.release() };
}

export function textBytes(text: string): Uint8Array {
  const bytes = Buffer.from(text, "utf8");
  // U+FFFD in the bytes is in the text, or the encoder's replacement of a lone surrogate.
  const fault = bytes.includes("\ufffd", 0, "utf8") ? findSurrogateFault(text) : undefined;
  if (fault !== undefined) throw new MessageError("message", fault);
  return bytes;
}

/**
 * Checks the first bytes of a message in memory, or of the first chunks of a stream.
 *
 * @throws MessageError for a byte order mark, UTF-16, an mbox line or an empty line.
 */
export function checkRawBeginning(message: Uint8Array | readonly Uint8Array[]): void {
  if (ArrayBuffer.isView(message) && beginsPlainly(message)) return;
  const fault = findFault(firstBytes(message).toString("latin1"));
  if (fault !== undefined) throw new MessageError("message", fault);
}

/** Content in memory, made canonical. */
function bytesContent(bytes: Uint8Array): BytesContent {
  const scan = scanForWire(bytes);
  const canonical = scan.isCanonical ? bytes : normalizeLineEndings(bytes);
  return { kind: "bytes", bytes: canonical, hasEightBit: scan.hasEightBit, hasLeadingDot: scan.hasLeadingDot };
}

function fixed(bytes: Uint8Array, hasUtf8Headers: boolean): Pick<Submission, "open" | "close" | "isStreamed"> {
  checkRawBeginning(bytes);
  return {
    isStreamed: false,
    open: () => ({ content: bytesContent(bytes), hasUtf8Headers, source: undefined }),
    close: () => undefined,
  };
}

async function openStream(
  source: Reading,
  capabilities: Capabilities,
  hasUtf8Headers: boolean,
  progress: Progress | undefined,
): Promise<OpenedContent> {
  const head: Uint8Array[] = [];
  let size = 0;
  while (size < LOOKAHEAD_BYTES) {
    const next = await source.next();
    progress?.();
    if (next.done === true) {
      checkRawBeginning(head);
      return { content: bytesContent(Buffer.concat(head, size)), hasUtf8Headers, source: undefined };
    }
    head.push(next.value);
    size += next.value.length;
  }
  checkRawBeginning(head);
  return {
    content: { kind: "stream", size: undefined, hasEightBit: undefined },
    hasUtf8Headers,
    source: canonicalChunks(head, source, capabilities.extensions.has("8BITMIME")),
  };
}

/**
 * The head that was read, then the rest, canonical. Not a generator, so that `return()` stops the source at once, also before the first
 * chunk and while one is awaited.
 */
function canonicalChunks(
  head: readonly Uint8Array[],
  source: Reading,
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
      if (next.done !== true) return canonical(next.value);
      isEnded = true;
      return { done: false, value: normalizer.finish() };
    },
    return: () => {
      isEnded = true;
      return source.return();
    },
  };
}

function eightBitError(): SmtpNotSupportedError {
  return new SmtpNotSupportedError("8BITMIME", {
    reason: "The message has bytes above 127 and the server does not offer 8BITMIME",
    phase: "content",
    hint: "Encode the content as quoted-printable or base64",
  });
}

/** PERF: nearly every message begins with two ASCII letters, and not with "F". */
function beginsPlainly(bytes: Uint8Array): boolean {
  const [first, second] = [bytes[0] ?? 0, bytes[1] ?? 0];
  return first >= 0x41 && first <= 0x7a && first !== 0x46 && second >= 0x41 && second <= 0x7a;
}

function firstBytes(message: Uint8Array | readonly Uint8Array[]): Buffer {
  if (ArrayBuffer.isView(message)) return Buffer.from(message.subarray(0, LOOK_BYTES));
  let first = Buffer.alloc(0);
  for (const chunk of message) {
    if (first.length >= LOOK_BYTES) break;
    first = Buffer.concat([first, chunk.subarray(0, LOOK_BYTES)]);
  }
  return first;
}

function findFault(text: string): string | undefined {
  if (text.startsWith(BYTE_ORDER_MARK)) {
    return "begins with a byte order mark (U+FEFF), which would belong to the name of the first field: remove it";
  }
  if (UTF_16.test(text)) return "is UTF-16 text, as its first bytes say; a message is ASCII or UTF-8";
  if (MBOX.test(text))
    return 'begins with a line "From ...", which belongs to an mbox file and not to the message: remove it';
  if (/^[\r\n]/.test(text)) {
    return "begins with an empty line, which ends the header before its first field: remove it";
  }
  return undefined;
}

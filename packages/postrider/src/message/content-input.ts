/**
 * What a caller may give as content, and how it is read: once, or as often as it can be opened.
 *
 * Layer: message.
 */
import { Buffer } from "node:buffer";
import { MessageError } from "../errors.js";
import { checkWellFormed } from "./encoding/charset.js";
import type { ContentSource, Entity } from "./entity.js";
import { MessageHeaders } from "./header/headers.js";
import { describe } from "./plain-data.js";

/** A web stream of bytes; a Node Readable is an `AsyncIterable`. */
export interface ByteStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
    releaseLock(): void;
  };
}

/** A Blob or a File. */
export interface BlobLike {
  readonly size: number;
  readonly type: string;
  readonly name?: string | undefined;
  arrayBuffer(): Promise<ArrayBuffer>;
  stream(): unknown;
}

/** Bytes that come in pieces. A piece that is a string stands for its UTF-8. */
export type ContentStream = ByteStream | AsyncIterable<Uint8Array | string> | Iterable<Uint8Array>;

/** Opens content: called once for each reading, so that the message can be composed and sent again. */
export interface ContentOpener {
  (): OpenedContent | Promise<OpenedContent>;
  /** Bytes that a reading gives, when known; lets the size be announced to the server. */
  readonly size?: number | undefined;
}

/**
 * Marks, on a ContentOpener, another way to open it whose pieces hold only until the next one is asked for. PERF: for whoever
 * encodes each piece at once; a gigabyte then passes through one buffer.
 */
export const BORROW: unique symbol = Symbol("postrider.borrow");

export type OpenedContent = string | Uint8Array | BlobLike | ContentStream;

/** Content of a part: held in memory, a stream that serves once, or a function that opens one. */
export type ContentInput = OpenedContent | ContentOpener;

export function isEntity(value: unknown): value is Entity {
  return typeof value === "object" && value !== null && "headers" in value && value.headers instanceof MessageHeaders;
}

export function isBlobLike(value: unknown): value is BlobLike {
  if (typeof value !== "object" || value === null) return false;
  const { size, arrayBuffer, stream } = value as Partial<BlobLike>;
  return typeof size === "number" && typeof arrayBuffer === "function" && typeof stream === "function";
}

/** True for everything that `openContent` can read; a function is believed. */
export function isContentInput(value: unknown): value is ContentInput {
  if (typeof value === "string" || typeof value === "function" || value instanceof Uint8Array) return true;
  return isBlobLike(value) || isContentStream(value);
}

/** What to say of a value that is no content. */
export function contentFault(value: unknown, field: string): MessageError {
  const kinds = "a string, bytes, a Blob, a stream or a function that opens one";
  return new MessageError(field, `must be ${kinds}, not ${describe(value)}`);
}

/** An array of pieces is in memory already: it is checked and joined now. */
export function joinPieces(pieces: readonly unknown[], field: string): Uint8Array {
  return Buffer.concat(pieces.map((piece) => toBytes(piece, field)));
}

/** Content that is not in memory, as a source that says no when it cannot be read a second time. */
export function toContentSource(input: Exclude<ContentInput, string | Uint8Array>, field: string): ContentSource {
  const openers = sourceOf(input);
  let opened = false;
  return {
    field,
    isRepeatable: !openers.once,
    size: openers.size,
    open: () => {
      if (opened && openers.once) {
        throw new MessageError(field, "the stream has been read already; pass a function that opens it");
      }
      opened = true;
      return readPieces(openers.open, field);
    },
  };
}

interface Openers {
  readonly open: () => OpenedContent | Promise<OpenedContent>;
  readonly size: () => number | undefined;
  readonly once: boolean;
}

function sourceOf(input: Exclude<ContentInput, string | Uint8Array>): Openers {
  if (typeof input === "function") {
    const borrow = (input as ContentOpener & { readonly [BORROW]?: ContentOpener })[BORROW];
    return { open: borrow ?? input, size: () => input.size, once: false };
  }
  if (isBlobLike(input)) return { open: () => input, size: () => input.size, once: false };
  return { open: () => input, size: () => undefined, once: true };
}

/** Reads to the end. What goes wrong is a MessageError that names the field; leaving early closes the source. */
async function* readPieces(open: Openers["open"], field: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    const content: unknown = await open();
    if (typeof content === "string" || content instanceof Uint8Array) yield toBytes(content, field);
    else for await (const piece of piecesOf(content, field)) yield toBytes(piece, field);
  } catch (error) {
    if (error instanceof MessageError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new MessageError(field, `reading it failed: ${reason}`, { cause: error, phase: "content" });
  }
}

function piecesOf(content: unknown, field: string): AsyncIterable<unknown> | Iterable<unknown> {
  const stream = isBlobLike(content) ? content.stream() : content;
  if (isByteStream(stream)) return readByteStream(stream);
  if (isIterable(stream)) return stream;
  throw new MessageError(field, `the function must open bytes or a stream of bytes, not ${describe(content)}`);
}

// QUIRK: web streams are async iterable in Node, but not in every runtime.
async function* readByteStream(stream: ByteStream): AsyncGenerator<unknown, void, undefined> {
  const reader = stream.getReader();
  let finished = false;
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    finished = true;
  } catch (error) {
    finished = true;
    throw error;
  } finally {
    if (!finished) await reader.cancel();
    reader.releaseLock();
  }
}

function toBytes(piece: unknown, field: string): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
  if (typeof piece === "string") {
    checkWellFormed(piece, field);
    return Buffer.from(piece, "utf8");
  }
  throw new MessageError(field, `a piece of the stream is ${describe(piece)}; bytes are wanted`, { phase: "content" });
}

function isContentStream(value: unknown): value is ContentStream {
  return isByteStream(value) || isIterable(value);
}

function isByteStream(value: unknown): value is ByteStream {
  return typeof value === "object" && value !== null && "getReader" in value && typeof value.getReader === "function";
}

function isIterable(value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> {
  return typeof value === "object" && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);
}

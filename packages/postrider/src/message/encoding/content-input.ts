/**
 * Content as callers give it: types, checks, and its conversion to a source.
 *
 * Layer: message.
 */
import { Buffer } from "node:buffer";
import { MessageError } from "../../errors/errors.js";
import { discardDeeply, HeldStream, ownBytes, Reading } from "../../given/producer.js";
import {
  type BlobLike,
  type ByteStream,
  type BytesLike,
  describe,
  describeKind,
  isAsyncIterable,
  isBlobLike,
  isByteStream,
  isBytes,
  isIterable,
  isObject,
  isResponseLike,
  ownEntries,
  type ResponseLike,
} from "../../given/values.js";
import { type ContentSource, isEntity } from "../entity.js";
import { listenDeeply, takeProperties } from "../plain-data.js";
import { checkWellFormed } from "./transfer-encoding.js";

/** Bytes in chunks; a chunk that is a string stands for its UTF-8. Can be read once. */
export type ContentStream = ByteStream | AsyncIterable<BytesLike | string> | Iterable<BytesLike>;

/** A function that opens content, called once for each reading, so that a message can be sent again. */
export interface ContentOpener {
  /** Opens the content for one reading. */
  (): OpenedContent | Promise<OpenedContent>;
  /** The number of bytes of a reading, if it is known; the message size is then announced to the server (SIZE, RFC 1870). */
  readonly size?: number | undefined;
}

/**
 * Marks, on a ContentOpener, a second opener whose chunks are valid only until the next one is requested. PERF: for a consumer that
 * encodes each chunk at once; a gigabyte then passes through one buffer.
 */
export const BORROW: unique symbol = Symbol("postrider.borrow");

/** Content that can be read once, or from memory any number of times. A string stands for its UTF-8. */
export type OpenedContent = string | BytesLike | BlobLike | ResponseLike | ContentStream;

/** Content of a part: held in memory, a stream that serves once, or a function that opens one. */
export type ContentInput = OpenedContent | ContentOpener;

/** Whether a value is content; the result of a function is checked when it is called. */
export function isContentInput(value: unknown): value is ContentInput {
  if (typeof value === "string" || typeof value === "function" || isBytes(value)) return true;
  return isBlobLike(value) || isResponseLike(value) || isContentStream(value);
}

/** The error for a value that is not content. */
export function contentFault(value: unknown, field: string): MessageError {
  const kinds = "a string, bytes, a Blob, a stream or a function that opens one";
  return new MessageError(field, `must be ${kinds}, not ${describe(value)}`);
}

/** Checks, copies and joins an array of chunks. */
export function joinPieces(pieces: readonly unknown[], field: string): Uint8Array {
  return Buffer.concat(pieces.map((piece) => toBytes(piece, field)));
}

/** Makes a source of content that is not in memory; a second reading of a stream is a MessageError. */
export function toContentSource(input: Exclude<ContentInput, string | BytesLike>, field: string): ContentSource {
  const rules = { field, takesText: true };
  if (typeof input === "function") {
    const borrow = (input as ContentOpener & { readonly [BORROW]?: ContentOpener })[BORROW];
    const isInternal = borrow !== undefined;
    return repeatable(
      field,
      () => new Reading(borrow ?? input, { ...rules, isInternal }),
      () => input.size,
    );
  }
  if (isBlobLike(input))
    return repeatable(
      field,
      () => new Reading(() => input, rules),
      () => input.size,
    );
  const held = new HeldStream(input, rules);
  const size = (): undefined => held.check() as undefined;
  return { field, isRepeatable: false, open: () => held.open(), size, release: () => held.release() };
}

function repeatable(field: string, open: () => Reading, size: () => number | undefined): ContentSource {
  return { field, isRepeatable: true, open, size, release: () => undefined };
}

function toBytes(piece: unknown, field: string): Uint8Array {
  if (isBytes(piece)) return ownBytes(piece, field);
  if (typeof piece === "string") {
    checkWellFormed(piece, field);
    return Buffer.from(piece, "utf8");
  }
  throw new MessageError(field, `the stream must yield bytes, not ${describeKind(piece)}`, {
    phase: "content",
  });
}

function isContentStream(value: unknown): value is ContentStream {
  return isByteStream(value) || isAsyncIterable(value) || isIterable(value);
}

/**
 * Reads a field with content once: the own properties of an object with `content`, the entries of an array.
 *
 * @param known the names of these properties
 * @throws MessageError when a property cannot be read
 */
export function takeContent(value: unknown, known: readonly string[], field: string): unknown {
  if (typeof value === "string") return value;
  listenDeeply(value);
  if (isEntity(value, field) || (isContentInput(value) && !Array.isArray(value))) return value;
  if (!Array.isArray(value)) return isDescribed(value) ? takeProperties(value, known, field, field) : value;
  const taken: unknown[] = [];
  return orDiscard(taken, () => {
    for (const [index, one] of ownEntries(value).entries()) taken.push(takeContent(one, known, `${field}[${index}]`));
    return taken;
  });
}

function isDescribed(value: unknown): value is object {
  return isObject(value) && "content" in value;
}

/** Calls `make`; if it throws, the streams in `taken` are closed. @throws what `make` throws */
export function orDiscard<Made>(taken: unknown, make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    discardDeeply(taken);
    throw error;
  }
}

/**
 * What a caller may give as content, and how it is read: once, or as often as it can be opened.
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

/** Bytes that come in pieces. A piece that is a string stands for its UTF-8. */
export type ContentStream = ByteStream | AsyncIterable<BytesLike | string> | Iterable<BytesLike>;

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

export type OpenedContent = string | BytesLike | BlobLike | ResponseLike | ContentStream;

/** Content of a part: held in memory, a stream that serves once, or a function that opens one. */
export type ContentInput = OpenedContent | ContentOpener;

/** True for everything that can be read; a function is believed. */
export function isContentInput(value: unknown): value is ContentInput {
  if (typeof value === "string" || typeof value === "function" || isBytes(value)) return true;
  return isBlobLike(value) || isResponseLike(value) || isContentStream(value);
}

/** What to say of a value that is no content. */
export function contentFault(value: unknown, field: string): MessageError {
  const kinds = "a string, bytes, a Blob, a stream or a function that opens one";
  return new MessageError(field, `must be ${kinds}, not ${describe(value)}`);
}

/** An array of pieces is in memory already: it is checked, copied and joined now. */
export function joinPieces(pieces: readonly unknown[], field: string): Uint8Array {
  return Buffer.concat(pieces.map((piece) => toBytes(piece, field)));
}

/** Content that is not in memory, as a source that says no when it cannot be read a second time. */
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
  throw new MessageError(field, `a piece of the stream is ${describeKind(piece)}; bytes are wanted`, {
    phase: "content",
  });
}

function isContentStream(value: unknown): value is ContentStream {
  return isByteStream(value) || isAsyncIterable(value) || isIterable(value);
}

/**
 * What a field with content holds, read once: of an object with `content` its own properties, of an array its entries.
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

/** Does something with what was taken; when that fails, the streams in it are stopped. @throws what `make` throws */
export function orDiscard<Made>(taken: unknown, make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    discardDeeply(taken);
    throw error;
  }
}

/**
 * Assembles the written pieces into the bytes of the message: one Buffer, or a stream.
 *
 * Layer: message.
 */
import { Buffer } from "node:buffer";
import { MessageError } from "../../errors/errors.js";
import type { Reading } from "../../given/producer.js";
import { Base64Encoder, base64Length, writeBase64 } from "../../text/base64.js";
import { bytesToCrlf } from "../../text/line-ends.js";
import type { ComposedMessage, ContentSource } from "../entity.js";
import { MAX_LINE_BYTES } from "./transfer-encoding.js";

/** Bytes to be written as base64 directly into the buffer of the message. */
export interface Base64Piece {
  readonly kind: "base64";
  readonly bytes: Uint8Array;
}

/** Text, plain bytes, bytes to be encoded, or content still to be read. */
export type Piece = string | Uint8Array | Base64Piece | SourcePiece;

export interface WrittenMessage {
  readonly pieces: readonly Piece[];
  /** When false, the strings are ASCII. */
  readonly hasEightBit: boolean;
  readonly hasUtf8Headers: boolean;
}

export function assemble(written: WrittenMessage): ComposedMessage {
  const { pieces, hasEightBit, hasUtf8Headers } = written;
  if (pieces.every(isText)) return assembleText(pieces.join(""), written);
  const known = { hasEightBit, hasLeadingDot: true, hasUtf8Headers };
  if (pieces.some(isSource)) {
    const isRepeatable = pieces.every((piece) => !isSource(piece) || piece.source.isRepeatable);
    return { content: () => new PieceStream(pieces), isRepeatable, size: totalSize(written), ...known };
  }
  const content = joinPieces(written);
  return { content, isRepeatable: true, size: content.length, ...known };
}

/** PERF: for most messages: dots are searched in the string, and one call makes the bytes. */
function assembleText(text: string, { hasEightBit, hasUtf8Headers }: WrittenMessage): ComposedMessage {
  const content = Buffer.from(text, encodingOf(hasEightBit));
  const hasLeadingDot = text.includes("\n.") || text.startsWith(".");
  return { content, isRepeatable: true, size: content.length, hasEightBit, hasLeadingDot, hasUtf8Headers };
}

/** PERF: latin1 writes one byte for each character without inspecting it. */
function encodingOf(hasEightBit: boolean): "utf8" | "latin1" {
  return hasEightBit ? "utf8" : "latin1";
}

function joinPieces(written: WrittenMessage): Buffer {
  const target = Buffer.allocUnsafe(totalSize(written) ?? 0);
  const encoding = encodingOf(written.hasEightBit);
  let offset = 0;
  for (const piece of written.pieces) {
    if (typeof piece === "string") offset += target.write(piece, offset, encoding);
    else if (isBytesPiece(piece)) {
      target.set(piece, offset);
      offset += piece.length;
    } else if (piece.kind === "base64") offset = writeBase64(piece.bytes, target, offset);
  }
  return target;
}

function totalSize(written: WrittenMessage): number | undefined {
  let total = 0;
  for (const piece of written.pieces) {
    const size = pieceSize(piece, written.hasEightBit);
    if (size === undefined) return undefined;
    total += size;
  }
  return total;
}

function pieceSize(piece: Piece, hasEightBit: boolean): number | undefined {
  if (typeof piece === "string") return hasEightBit ? Buffer.byteLength(piece, "utf8") : piece.length;
  if (isBytesPiece(piece)) return piece.length;
  if (piece.kind === "base64") return base64Length(piece.bytes.length);
  return piece.encoding === "base64" && piece.size !== undefined ? base64Length(piece.size) : undefined;
}

/** Not a generator: `return()` must close the current source at once, also while a chunk is pending. */
class PieceStream implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #pieces: readonly Piece[];
  readonly #chunks: AsyncGenerator<Uint8Array, undefined, undefined>;
  #reading: Reading | undefined;

  /** @throws MessageError when a source is known to be unreadable */
  constructor(pieces: readonly Piece[]) {
    for (const piece of pieces) if (isSource(piece)) piece.source.size();
    this.#pieces = pieces;
    this.#chunks = streamPieces(pieces, (reading) => {
      this.#reading = reading;
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    return this.#chunks.next();
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    void this.#reading?.return();
    for (const piece of this.#pieces) if (isSource(piece)) piece.source.release();
    return this.#chunks.return(undefined);
  }
}

/** Constant memory: each chunk is made when the one before was taken. */
async function* streamPieces(
  pieces: readonly Piece[],
  began: (reading: Reading) => void,
): AsyncGenerator<Uint8Array, undefined, undefined> {
  let text = "";
  for (const piece of pieces) {
    if (typeof piece === "string") {
      text += piece;
      continue;
    }
    if (text !== "") yield Buffer.from(text, "utf8");
    text = "";
    if (isBytesPiece(piece)) yield piece;
    else if (piece.kind === "base64") yield* encodeInBlocks(piece.bytes);
    else yield* readSource(piece, began);
  }
  if (text !== "") yield Buffer.from(text, "utf8");
  return undefined;
}

const BLOCK_BYTES = 57 * 4096;

function* encodeInBlocks(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  const encoder = new Base64Encoder();
  for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
    const block = encoder.push(bytes.subarray(start, start + BLOCK_BYTES));
    if (block.length > 0) yield block;
  }
  const rest = encoder.end();
  if (rest.length > 0) yield rest;
}

/** Bytes of Postrider itself, in any realm. */
export function isBytesPiece(piece: Piece): piece is Uint8Array {
  return ArrayBuffer.isView(piece);
}

function isText(piece: Piece): piece is string {
  return typeof piece === "string";
}

function isSource(piece: Piece): piece is SourcePiece {
  return typeof piece === "object" && "kind" in piece && piece.kind === "source";
}

export interface SourcePiece {
  readonly kind: "source";
  readonly source: ContentSource;
  /** `"7bit"` and `"8bit"` are for parts and messages as content, which may not be encoded. */
  readonly encoding: "base64" | "7bit" | "8bit";
  /** The announced number of bytes, before encoding. */
  readonly size: number | undefined;
}

/**
 * Opens the source and yields its bytes as they are on the wire.
 *
 * @param began called with the reading, which can be stopped while a chunk is pending
 *
 * @throws MessageError when it cannot be read, has another size than announced, or does not fit its encoding; the end of
 * the message must not be sent then.
 */
async function* readSource(
  piece: SourcePiece,
  began: (reading: Reading) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { source, size } = piece;
  const encoder = piece.encoding === "base64" ? new Base64Encoder() : new LineChecker(source.field, piece.encoding);
  let total = 0;
  const reading = source.open();
  if (piece.encoding === "base64") reading.overwrite();
  began(reading);
  for await (const bytes of reading) {
    total += bytes.length;
    if (size !== undefined && total > size) break;
    const encoded = encoder.push(bytes);
    if (encoded.length > 0) yield encoded;
  }
  if (size !== undefined && total !== size) {
    const than = total > size ? "more than" : `${total} instead of`;
    throw new MessageError(source.field, `gave ${than} the ${size} bytes that were announced`, { phase: "content" });
  }
  const rest = encoder.end();
  if (rest.length > 0) yield rest;
}

const NUL = 0x00;
const LF = 0x0a;
const CR = 0x0d;

/** Makes line ends CRLF; content that the encoding does not allow is a MessageError. */
class LineChecker {
  readonly #field: string;
  readonly #largest: number;
  #last: number | undefined;
  #column = 0;

  constructor(field: string, encoding: "7bit" | "8bit") {
    this.#field = field;
    this.#largest = encoding === "7bit" ? 0x7f : 0xff;
  }

  push(bytes: Uint8Array): Uint8Array {
    for (const byte of bytes) {
      if (byte === CR || byte === LF) this.#column = 0;
      else if (++this.#column > MAX_LINE_BYTES) throw this.#fault(`a line has more than ${MAX_LINE_BYTES} bytes`);
      if (byte > this.#largest) throw this.#fault("it holds bytes above 127, which the server does not accept");
      if (byte === NUL) throw this.#fault("it holds a NUL byte");
    }
    const lines = bytesToCrlf(bytes, this.#last);
    this.#last = bytes.at(-1) ?? this.#last;
    return lines;
  }

  end(): Uint8Array {
    return new Uint8Array(0);
  }

  #fault(reason: string): MessageError {
    return new MessageError(this.#field, `a part of type message or multipart cannot be encoded, and ${reason}`, {
      phase: "content",
    });
  }
}

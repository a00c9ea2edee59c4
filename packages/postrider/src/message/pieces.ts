/**
 * From the pieces that writing left behind to the bytes of the message: one Buffer, or a stream.
 *
 * Layer: message.
 */
import { Buffer } from "node:buffer";
import type { Reading } from "../producer.js";
import { Base64Encoder, base64Length, writeBase64 } from "../text/base64.js";
import type { ComposedMessage } from "./composed.js";
import { readSource, type SourcePiece } from "./source-piece.js";

/** Bytes that are written as base64 when their place in the message is known. */
export interface Base64Piece {
  readonly kind: "base64";
  readonly bytes: Uint8Array;
}

/** Text, bytes as they are, bytes to be encoded, or content that is yet to be read. */
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

/** PERF: nearly every message: its dots are looked for in the string, and its bytes made by one call. */
function assembleText(text: string, { hasEightBit, hasUtf8Headers }: WrittenMessage): ComposedMessage {
  const content = Buffer.from(text, encodingOf(hasEightBit));
  const hasLeadingDot = text.includes("\n.") || text.startsWith(".");
  return { content, isRepeatable: true, size: content.length, hasEightBit, hasLeadingDot, hasUtf8Headers };
}

/** PERF: one byte for each character needs no look at the character. */
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

/** Not a generator: asked to stop, it must tell the source that is being read at once, also while a chunk is awaited. */
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

/** Memory stays flat: each piece is made when the one before has been taken. */
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

/** Our own bytes, whatever the realm of Buffer is. */
export function isBytesPiece(piece: Piece): piece is Uint8Array {
  return ArrayBuffer.isView(piece);
}

function isText(piece: Piece): piece is string {
  return typeof piece === "string";
}

function isSource(piece: Piece): piece is SourcePiece {
  return typeof piece === "object" && "kind" in piece && piece.kind === "source";
}

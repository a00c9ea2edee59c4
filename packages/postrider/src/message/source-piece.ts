/**
 * Content that is read while the message goes out: encoded, counted and checked on the way.
 *
 * Layer: message. RFC 2045 §6.8, RFC 2046 §5.2.1.
 */
import { MessageError } from "../errors.js";
import type { Reading } from "../producer.js";
import { Base64Encoder } from "../text/base64.js";
import { bytesToCrlf } from "../text/line-ends.js";
import { MAX_LINE_BYTES } from "./encoding/transfer-encoding.js";
import type { ContentSource } from "./entity.js";

export interface SourcePiece {
  readonly kind: "source";
  readonly source: ContentSource;
  /** `"7bit"` and `"8bit"` are for parts and messages as content, which may not be encoded. */
  readonly encoding: "base64" | "7bit" | "8bit";
  /** Bytes that were announced, before encoding. */
  readonly size: number | undefined;
}

/**
 * Opens the source and gives its bytes as they go on the wire.
 *
 * @param began told of the reading, which can be stopped there while a chunk is awaited
 *
 * @throws MessageError when it cannot be read, has another size than announced, or does not fit its encoding; the message
 * must not be ended then.
 */
export async function* readSource(
  piece: SourcePiece,
  began: (reading: Reading) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { source, size } = piece;
  const encoder = piece.encoding === "base64" ? new Base64Encoder() : new LineChecker(source.field, piece.encoding);
  let total = 0;
  const reading = source.open();
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

/** Makes line ends CRLF, and lets nothing pass that the encoding does not allow. */
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
      if (byte > this.#largest)
        throw this.#fault("it holds bytes above 127, which this server does not take as they are");
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

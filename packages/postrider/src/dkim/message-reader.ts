/**
 * One pass over a message: keeps the header, hashes the body in each canonical form.
 *
 * Layer: dkim. RFC 6376 §3.7, RFC 5322 §2.1.
 */
import { Buffer } from "node:buffer";
import { MessageError } from "../errors/errors.js";
import { BodyHash, type Canonicalization, type HeaderField, parseHeaderBlock } from "./canonicalization.js";

/** The input of a signature: header fields and body hashes. */
export interface MessageDigest {
  readonly fields: readonly HeaderField[];
  readonly bodyHashes: ReadonlyMap<Canonicalization, Uint8Array>;
}

/** SECURITY: a stream whose header never ends must not fill the memory. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;

const HEADER_END: Buffer = Buffer.from("\r\n\r\n", "latin1");

/** Takes a message in pieces, cut anywhere; only CRLF line ends. */
export class MessageReader {
  readonly #bodies: ReadonlyMap<Canonicalization, BodyHash>;
  #header: Buffer = Buffer.alloc(0);
  #headerBytes = 0;
  #inBody = false;

  constructor(canonicalizations: Iterable<Canonicalization>) {
    this.#bodies = new Map(Array.from(new Set(canonicalizations), (one) => [one, new BodyHash(one)] as const));
  }

  /** @throws MessageError when the header does not end */
  push(chunk: Uint8Array): void {
    const body = this.#inBody ? chunk : this.#takeHeader(chunk);
    if (body.length > 0) for (const hash of this.#bodies.values()) hash.update(body);
  }

  /** @throws MessageError when there is no header */
  finish(): MessageDigest {
    const fields = parseHeaderBlock(this.#header.subarray(0, this.#headerBytes));
    return { fields, bodyHashes: new Map(Array.from(this.#bodies, ([one, hash]) => [one, hash.digest()] as const)) };
  }

  /** Returns the part of the chunk that belongs to the body. */
  #takeHeader(chunk: Uint8Array): Uint8Array {
    // The empty line may have begun in the previous chunk.
    const searchFrom = Math.max(0, this.#headerBytes - (HEADER_END.length - 1));
    const before = this.#headerBytes;
    this.#append(chunk);
    const taken = this.#header.subarray(0, this.#headerBytes);
    // An empty line at the very start: there is no header, which parsing reports.
    const end = startsWithLineEnd(taken) ? -2 : taken.indexOf(HEADER_END, searchFrom);
    if (end === -1) {
      if (this.#headerBytes > MAX_HEADER_BYTES) {
        throw new MessageError("message", `the header is longer than ${MAX_HEADER_BYTES} bytes`);
      }
      return chunk.subarray(chunk.length);
    }
    this.#inBody = true;
    this.#headerBytes = end + 2;
    return chunk.subarray(end + HEADER_END.length - before);
  }

  /** PERF: doubling keeps many small chunks linear. */
  #append(chunk: Uint8Array): void {
    const size = this.#headerBytes + chunk.length;
    if (size > this.#header.length) {
      const larger = Buffer.allocUnsafe(Math.max(size, this.#header.length * 2));
      larger.set(this.#header.subarray(0, this.#headerBytes));
      this.#header = larger;
    }
    this.#header.set(chunk, this.#headerBytes);
    this.#headerBytes = size;
  }
}

function startsWithLineEnd(bytes: Uint8Array): boolean {
  return bytes[0] === HEADER_END[0] && bytes[1] === HEADER_END[1];
}

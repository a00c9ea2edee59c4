/**
 * Tells whether two messages are the same as their callers gave them. What the library generates does not count: Date and Message-ID
 * where the caller gave none, and boundaries.
 */
import { createHash } from "node:crypto";

/** Boundaries that the library makes. */
const BOUNDARY = /=_[0-9a-f]{32}/g;
/** A boundary may be cut by the end of a chunk. */
const OVERLAP = 40;
/** A header that is longer counts as it is. */
const MAX_HEADER = 1024 * 1024;

export class Fingerprint {
  readonly #hash = createHash("sha256");
  readonly #isComposed: boolean;
  readonly #without: RegExp | undefined;
  #isHeader: boolean;
  #held = "";

  /**
   * @param isComposed by the library; a raw message counts byte by byte
   * @param without fields that were generated
   */
  constructor(isComposed: boolean, without: readonly string[]) {
    this.#isComposed = isComposed;
    this.#isHeader = isComposed;
    this.#without =
      without.length === 0 ? undefined : new RegExp(`^(?:${without.join("|")}):.*\\r\\n(?:[ \\t].*\\r\\n)*`, "gim");
  }

  /** Something else that belongs to the message: the envelope, an option. */
  note(text: string): void {
    this.#hash.update(`${JSON.stringify(text)}\n`);
  }

  push(chunk: Uint8Array): void {
    if (!this.#isComposed) {
      this.#hash.update(chunk);
      return;
    }
    // One character a byte.
    this.#held += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1");
    if (this.#isHeader) {
      const end = this.#held.indexOf("\r\n\r\n");
      if (end < 0 && this.#held.length < MAX_HEADER) return;
      this.#isHeader = false;
      const header = this.#held.slice(0, end < 0 ? this.#held.length : end + 2);
      this.#held =
        (this.#without === undefined ? header : header.replace(this.#without, "")) + this.#held.slice(header.length);
    }
    this.#take(Math.max(0, this.#held.length - OVERLAP));
  }

  digest(): string {
    this.#take(this.#held.length);
    return this.#hash.digest("hex");
  }

  #take(length: number): void {
    const plain = this.#held.replace(BOUNDARY, "=_");
    const kept = this.#held.length - length;
    const end = kept === 0 ? plain.length : Math.max(0, plain.length - kept);
    this.#hash.update(plain.slice(0, end), "latin1");
    this.#held = plain.slice(end);
  }
}

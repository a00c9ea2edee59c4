/**
 * What goes to the socket next: lines and content in order, joined so that they leave in as few writes as possible.
 *
 * Layer: protocol. RFC 2920 §3.1 (command groups).
 */
import { Buffer } from "node:buffer";

/** PERF: copying 64 KiB costs less than a second write; a larger piece is handed over as it is. */
const JOIN_LIMIT_BYTES = 64 * 1024;

export class Output {
  #text = "";
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** Bytes so far, those that were taken included. */
  get length(): number {
    this.#flushText();
    return this.#bytes;
  }

  /** A command line, CRLF included. */
  line(text: string): void {
    this.#text += text;
  }

  bytes(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#flushText();
    this.#bytes += piece.length;
    this.#pieces.push(piece);
  }

  /** Everything so far, each element one write; empty when there is nothing. */
  take(): readonly Uint8Array[] {
    this.#flushText();
    const pieces = this.#pieces;
    if (pieces.length === 0) return pieces;
    this.#pieces = [];
    return pieces.length === 1 ? pieces : join(pieces);
  }

  #flushText(): void {
    if (this.#text === "") return;
    const bytes = Buffer.from(this.#text, "utf8");
    this.#bytes += bytes.length;
    this.#pieces.push(bytes);
    this.#text = "";
  }
}

function join(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  let total = 0;
  for (const piece of pieces) total += piece.length;
  // PERF: what leaves for small messages, which is nearly all that ever leaves.
  if (total <= JOIN_LIMIT_BYTES) return [Buffer.concat(pieces, total)];
  const joined: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  let size = 0;
  const flush = (): void => {
    const [only] = small;
    if (small.length === 1 && only !== undefined) joined.push(only);
    else if (small.length > 1) joined.push(Buffer.concat(small, size));
    small = [];
    size = 0;
  };
  for (const piece of pieces) {
    if (size + piece.length > JOIN_LIMIT_BYTES) flush();
    small.push(piece);
    size += piece.length;
  }
  flush();
  return joined;
}

/**
 * Flow control: writes to the transport in slices, and reads the caller's stream no faster than the transport drains.
 *
 * Layer: connection.
 */
import { Queue } from "../queue.js";
import type { Transport } from "../transport/transport.js";

/** The largest single write. Each write that drains counts as progress; one large write would look like a stalled server. */
const SLICE_BYTES = 128 * 1024;

/** Buffers what the transport has no room for. */
export class Outlet {
  readonly #transport: Transport;
  readonly #buffered = new Queue<Uint8Array>();
  #isFull = false;
  /** A deferred, set while a producer waits for the drain. */
  #room: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  #bytesWritten = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Bytes handed to the transport so far. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** Whether the transport's buffer is full. */
  get isBlocked(): boolean {
    return this.#isFull;
  }

  /** Resolves on drain, or when the connection ends; undefined when there is room now. */
  room(): Promise<void> | undefined {
    if (!this.#isFull) return undefined;
    if (this.#room === undefined) {
      let resolve = (): void => undefined;
      const promise = new Promise<void>((done) => {
        resolve = done;
      });
      this.#room = { promise, resolve };
    }
    return this.#room.promise;
  }

  write(pieces: readonly Uint8Array[]): void {
    const [only] = pieces;
    // PERF: the usual case is one small piece and a transport that has room.
    if (pieces.length === 1 && only !== undefined && only.length <= SLICE_BYTES && !this.#isFull)
      return this.#send(only);
    for (const piece of pieces) {
      for (let start = 0; start < piece.length; start += SLICE_BYTES) {
        this.#buffered.push(piece.subarray(start, start + SLICE_BYTES));
      }
    }
    this.#drain();
  }

  /** The transport has drained. */
  drained(): void {
    this.#isFull = false;
    this.#drain();
    if (!this.#isFull) this.release();
  }

  /** Resolves the promise of `room()`: on drain, and at the end of the connection. */
  release(): void {
    const room = this.#room;
    this.#room = undefined;
    room?.resolve();
  }

  #drain(): void {
    if (this.#buffered.length === 0 || this.#isFull) return;
    this.#transport.cork();
    while (!this.#isFull) {
      const slice = this.#buffered.shift();
      if (slice === undefined) break;
      this.#send(slice);
    }
    this.#transport.uncork();
  }

  #send(bytes: Uint8Array): void {
    this.#bytesWritten += bytes.length;
    this.#isFull = !this.#transport.write(bytes);
  }
}

/** Where `pourContent` writes. */
export interface Sink {
  /** Writes one canonical chunk; false stops the reading. */
  push(chunk: Uint8Array): boolean;
  /** Resolves on drain, or when the connection ends; undefined when there is room now. */
  room(): Promise<void> | undefined;
}

/**
 * Reads content to its end. A connection that ends meanwhile calls `releaseContent`; a stream that then never gives another chunk
 * leaks only this promise.
 *
 * @returns true when the whole content was written; false when the sink stopped it.
 * @throws what the content throws.
 */
export async function pourContent(content: AsyncIterator<Uint8Array>, sink: Sink): Promise<boolean> {
  for (;;) {
    const next = await content.next();
    if (next.done === true) return true;
    if (!sink.push(next.value)) return false;
    await sink.room();
  }
}

/** Closes the iterator of content; errors from `return()` are ignored. */
export function releaseContent(content: AsyncIterator<Uint8Array> | undefined): void {
  if (content === undefined) return;
  try {
    void Promise.resolve(content.return?.()).catch(() => undefined);
  } catch {
    // A `return` that throws synchronously.
  }
}

/**
 * The flow of bytes out of a connection: to the transport in slices, from the caller's stream no faster than the transport takes them.
 *
 * Layer: client.
 */
import { Queue } from "../queue.js";
import type { Transport } from "../transport/transport.js";

/** What is handed to the transport at once: each slice that it takes is progress, and a large one would be silence for minutes. */
const SLICE_BYTES = 128 * 1024;

export class Outlet {
  readonly #transport: Transport;
  /** What the transport has no room for yet. */
  readonly #waiting = new Queue<Uint8Array>();
  #isFull = false;
  /** Set while somebody waits for room. */
  #room: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  #bytesWritten = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Bytes handed to the transport so far. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** Whether the transport takes no more now. */
  get isBlocked(): boolean {
    return this.#isFull;
  }

  /** Resolves when there is room, or never will be; undefined when there is room now. */
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
    // PERF: nearly always one small piece, and room for it.
    if (pieces.length === 1 && only !== undefined && only.length <= SLICE_BYTES && !this.#isFull)
      return this.#hand(only);
    for (const piece of pieces) {
      for (let start = 0; start < piece.length; start += SLICE_BYTES) {
        this.#waiting.push(piece.subarray(start, start + SLICE_BYTES));
      }
    }
    this.#drain();
  }

  /** The transport has room again. */
  drained(): void {
    this.#isFull = false;
    this.#drain();
    if (!this.#isFull) this.release();
  }

  /** Whoever waits for room goes on: there is some, or there never will be. */
  release(): void {
    const room = this.#room;
    this.#room = undefined;
    room?.resolve();
  }

  #drain(): void {
    if (this.#waiting.length === 0 || this.#isFull) return;
    this.#transport.cork();
    while (!this.#isFull) {
      const slice = this.#waiting.shift();
      if (slice === undefined) break;
      this.#hand(slice);
    }
    this.#transport.uncork();
  }

  #hand(bytes: Uint8Array): void {
    this.#bytesWritten += bytes.length;
    this.#isFull = !this.#transport.write(bytes);
  }
}

/** What pouring needs of a connection. */
export interface Sink {
  /** Hands over one canonical chunk; false: no more is wanted. */
  push(chunk: Uint8Array): boolean;
  /** Resolves when there is room, or the connection has ended; undefined when there is room now. */
  room(): Promise<void> | undefined;
}

/**
 * Reads content to its end. When the connection ends meanwhile, whoever ends it releases the content: a stream that never gives
 * another chunk then leaves nothing but this promise behind.
 *
 * @returns true when all of it was taken.
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

/** Tells content that nothing more is read; errors from `return()` are ignored. */
export function releaseContent(content: AsyncIterator<Uint8Array> | undefined): void {
  if (content === undefined) return;
  try {
    void Promise.resolve(content.return?.()).catch(() => undefined);
  } catch {
    // A `return` that throws at once.
  }
}

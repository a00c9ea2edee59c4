/**
 * The flow of bytes out of a connection: to the transport in slices, from the caller's stream no faster than the transport takes them.
 *
 * Layer: connection.
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

export class Turn {
  readonly #atEnd: (callback: () => void) => void;
  #members = 0;
  #waiting: (() => void)[] = [];

  /** @param atEnd Calls back when everything that has arrived by now has been heard. */
  constructor(atEnd: (callback: () => void) => void = afterInput) {
    this.#atEnd = atEnd;
  }

  /** Counts a connection until `ended` resolves. */
  join(ended: Promise<void>): void {
    this.#members++;
    void ended.then(() => {
      this.#members--;
    });
  }

  /** Lets a connection move: at once when it is alone, else with the others that have heard something in this turn. */
  take(move: () => void): void {
    if (this.#members < 2) return move();
    if (this.#waiting.length === 0) this.#atEnd(() => this.#moveAll());
    this.#waiting.push(move);
  }

  #moveAll(): void {
    const moves = this.#waiting;
    this.#waiting = [];
    for (const move of moves) move();
  }
}

/** Kept from the start: whoever halts the clock of a test later does not halt the connections with it. */
const { setImmediate } = globalThis;

/** By then every socket that had something to read has been read; where there is no such moment, at once. */
function afterInput(callback: () => void): void {
  if (typeof setImmediate === "function") setImmediate(callback);
  else queueMicrotask(callback);
}

/**
 * Batches the work of several connections: those that received replies in one turn of the event loop write together at its end.
 *
 * Layer: connection.
 */

/** Shared by the connections of one pool. PERF: one pass over all of them makes fewer and larger writes. */
export class Batcher {
  readonly #atEnd: (callback: () => void) => void;
  #members = 0;
  #waiting: (() => void)[] = [];

  /** @param atEnd calls back when every socket that had input has been read. */
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

  /** Runs `move` at once for a single connection, else at the end of the turn with the others. */
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

/** Captured at load: a test that replaces the timers later does not stop the connections. */
const { setImmediate } = globalThis;

/** `setImmediate` runs after every readable socket was read; a runtime without it gets a microtask. */
function afterInput(callback: () => void): void {
  if (typeof setImmediate === "function") setImmediate(callback);
  else queueMicrotask(callback);
}

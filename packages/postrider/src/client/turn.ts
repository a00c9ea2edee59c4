/**
 * What connections of one pool have to say at the same time, said together.
 *
 * PERF: a write to a server that sleeps wakes it, which costs more than all else that a message takes. Written one behind the other, the
 * messages of several connections wake it once: over five connections that is a third of the CPU of a message.
 *
 * Layer: client.
 */
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

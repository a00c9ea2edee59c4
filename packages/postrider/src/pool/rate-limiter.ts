/**
 * At most so many in any window of that length.
 *
 * Layer: pool.
 */

/**
 * Remembers when the last `messages` places were used: the next is free when the oldest of them has left the window. Exact in
 * every window, not only in those that start at a full second. A message may wait in a connection's queue; until it is on the
 * wire its place is taken without a time.
 */
export class RateLimiter {
  /** When places were used, the oldest at `#next` once all are filled. */
  readonly #times: number[] = [];
  readonly #messages: number;
  readonly #per: number;
  readonly #now: () => number;
  #next = 0;
  #pending = 0;

  /** @param now milliseconds of a clock that never goes back. */
  constructor(limit: { readonly messages: number; readonly per: number }, now: () => number) {
    this.#messages = limit.messages;
    this.#per = limit.per;
    this.#now = now;
  }

  /** Milliseconds until a place is free; 0: now; Infinity: not before a place that is taken is used or given back. */
  get wait(): number {
    if (this.#pending >= this.#messages) return Infinity;
    // With `pending` places taken, only so many uses may lie in the window that ends now.
    const counted = this.#messages - this.#pending;
    const count = this.#times.length;
    if (count < counted) return 0;
    const last = this.#times[(this.#next - counted + this.#messages * 2) % this.#messages];
    return last === undefined ? 0 : Math.max(0, last + this.#per - this.#now());
  }

  /** Takes a place, without a time; only when `wait` is 0. */
  take(): void {
    this.#pending++;
  }

  /** A message that has a place is on the wire. */
  use(): void {
    this.#pending--;
    this.#times[this.#next] = this.#now();
    this.#next = (this.#next + 1) % this.#messages;
  }

  /** A message that has a place never went out. */
  giveBack(): void {
    this.#pending--;
  }
}

/**
 * At most so many in any window of that length.
 *
 * Layer: pool.
 */

/** A place that was taken; stamped again when the message really goes. */
export interface RateTicket {
  readonly index: number;
}

/**
 * Remembers when the last `messages` places were taken: the next is free when the oldest of them has left the window. Exact
 * in every window, not only in those that start at a full second.
 */
export class RateLimiter {
  readonly #times: number[] = [];
  readonly #messages: number;
  readonly #per: number;
  readonly #now: () => number;
  #next = 0;

  /** @param now milliseconds of a clock that never goes back. */
  constructor(limit: { readonly messages: number; readonly per: number }, now: () => number) {
    this.#messages = limit.messages;
    this.#per = limit.per;
    this.#now = now;
  }

  /** Milliseconds until a place is free; 0: now. */
  get wait(): number {
    const oldest = this.#times.length < this.#messages ? undefined : this.#times[this.#next];
    return oldest === undefined ? 0 : Math.max(0, oldest + this.#per - this.#now());
  }

  /** Takes a place; only when `wait` is 0. */
  take(): RateTicket {
    const index = this.#next;
    this.#times[index] = this.#now();
    this.#next = (index + 1) % this.#messages;
    return { index };
  }

  /** The message of this place goes out now, a little later than the place was taken. */
  stamp(ticket: RateTicket): void {
    this.#times[ticket.index] = this.#now();
  }
}

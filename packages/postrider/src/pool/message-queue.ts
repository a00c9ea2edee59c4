/**
 * The queue of a pool, and the rate at which messages leave it: first in, first out, but that what comes back goes in front.
 *
 * Layer: pool.
 */
import type { QueuedMessage } from "../connection/queued.js";
import { Queue } from "../queue.js";

/** PERF: a message that is given up stays in its place until that comes up: taking each of 100 000 out of the middle is quadratic. */
export class MessageQueue {
  readonly #messages = new Queue<QueuedMessage>();
  /** Messages in it that were given up: they are passed over. */
  #withdrawn = 0;
  /** Messages that came back one by one, and go in front together, in their order. */
  #returned: QueuedMessage[] = [];

  /** Messages that wait. */
  get length(): number {
    return this.#messages.length + this.#returned.length - this.#withdrawn;
  }

  push(message: QueuedMessage): void {
    this.#messages.push(message);
  }

  /** The first message that waits. */
  peek(): QueuedMessage | undefined {
    this.#takeBack();
    for (let message = this.#messages.peek(); message !== undefined; message = this.#messages.peek()) {
      if (!message.isSettled) return message;
      this.#messages.shift();
      this.#withdrawn--;
    }
    return undefined;
  }

  /** Takes the message that `peek` gave. */
  shift(): void {
    this.#messages.shift();
  }

  /** Messages that go in front of all others, in their order. */
  putBack(messages: readonly QueuedMessage[]): void {
    this.#takeBack();
    this.#messages.unshiftAll(messages);
  }

  /** A message that goes in front, behind those that came back before it. */
  giveBack(message: QueuedMessage): void {
    this.#returned.push(message);
  }

  /** A message in it was given up. */
  withdrawn(): void {
    this.#withdrawn++;
    if (this.#withdrawn * 2 > this.#messages.length + this.#returned.length)
      for (const one of this.drain()) this.push(one);
  }

  /** Takes all that wait. */
  drain(): QueuedMessage[] {
    this.#takeBack();
    this.#withdrawn = 0;
    return this.#messages.drain().filter((message) => !message.isSettled);
  }

  #takeBack(): void {
    if (this.#returned.length === 0) return;
    this.#messages.unshiftAll(this.#returned);
    this.#returned = [];
  }
}

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

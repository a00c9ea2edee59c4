/**
 * The queue of a pool (first in, first out; returned messages go to the front), and its rate limiter.
 *
 * Layer: pool.
 */
import type { QueuedMessage } from "../connection/queued.js";
import { Queue } from "../queue.js";

/** PERF: an aborted message stays in the queue until it comes up: removing 100 000 from the middle would be quadratic. */
export class MessageQueue {
  readonly #messages = new Queue<QueuedMessage>();
  /** Aborted messages in the queue, which are skipped. */
  #withdrawn = 0;
  /** Messages returned one by one: they go to the front together, in their order. */
  #returned: QueuedMessage[] = [];

  /** Queued messages, aborted ones not counted. */
  get length(): number {
    return this.#messages.length + this.#returned.length - this.#withdrawn;
  }

  push(message: QueuedMessage): void {
    this.#messages.push(message);
  }

  /** The first queued message. */
  peek(): QueuedMessage | undefined {
    this.#takeBack();
    for (let message = this.#messages.peek(); message !== undefined; message = this.#messages.peek()) {
      if (!message.isSettled) return message;
      this.#messages.shift();
      this.#withdrawn--;
    }
    return undefined;
  }

  /** Removes the message that `peek` returned. */
  shift(): void {
    this.#messages.shift();
  }

  /** Puts messages at the front, in their order. */
  putBack(messages: readonly QueuedMessage[]): void {
    this.#takeBack();
    this.#messages.unshiftAll(messages);
  }

  /** Puts a message at the front, behind those returned before it. */
  giveBack(message: QueuedMessage): void {
    this.#returned.push(message);
  }

  /** A queued message was aborted. */
  withdrawn(): void {
    this.#withdrawn++;
    if (this.#withdrawn * 2 > this.#messages.length + this.#returned.length)
      for (const one of this.drain()) this.push(one);
  }

  /** Removes and returns all queued messages. */
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
 * A rate limiter with an exact sliding window: at most `messages` in any window of `per` milliseconds. It keeps the times of the last
 * `messages` uses. A place is taken when a connection takes a message, and gets its time when the first bytes are written.
 */
export class RateLimiter {
  /** A ring of the times of use, the oldest at `#next` once it is full. */
  readonly #times: number[] = [];
  readonly #messages: number;
  readonly #per: number;
  readonly #now: () => number;
  #next = 0;
  #pending = 0;

  /** @param now a monotonic clock in milliseconds. */
  constructor(limit: { readonly messages: number; readonly per: number }, now: () => number) {
    this.#messages = limit.messages;
    this.#per = limit.per;
    this.#now = now;
  }

  /** Milliseconds until a place is free; 0: now; Infinity: not before a taken place is used or given back. */
  get wait(): number {
    if (this.#pending >= this.#messages) return Infinity;
    // With `pending` places taken, only the others may have been used in the window that ends now.
    const counted = this.#messages - this.#pending;
    const count = this.#times.length;
    if (count < counted) return 0;
    const last = this.#times[(this.#next - counted + this.#messages * 2) % this.#messages];
    return last === undefined ? 0 : Math.max(0, last + this.#per - this.#now());
  }

  /** Takes a place; only when `wait` is 0. */
  take(): void {
    this.#pending++;
  }

  /** Uses a taken place: the first bytes of its message were written. */
  use(): void {
    this.#pending--;
    this.#times[this.#next] = this.#now();
    this.#next = (this.#next + 1) % this.#messages;
  }

  /** Gives a taken place back: its message was not sent. */
  giveBack(): void {
    this.#pending--;
  }
}

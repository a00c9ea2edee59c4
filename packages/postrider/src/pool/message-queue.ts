/**
 * The queue of a pool: first in, first out, but that what comes back goes in front.
 *
 * Layer: pool.
 */
import type { QueuedMessage } from "../client/queued.js";
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

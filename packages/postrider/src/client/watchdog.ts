/**
 * One timer for one connection: it fires when nothing has moved for a while.
 *
 * Layer: client.
 */
import type { Expectation } from "../protocol/work.js";

/** Milliseconds for a reply that is awaited; QUIT may have less than others. */
export function replyLimit(awaiting: Expectation, timeout: number, quitTimeout: number | undefined): number {
  const isQuit = awaiting.slot === "command" && awaiting.work.verb === "QUIT";
  return isQuit ? Math.min(timeout, quitTimeout ?? timeout) : timeout;
}

export class Watchdog {
  readonly #onSilence: (timeout: number) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timeout = 0;

  constructor(onSilence: (timeout: number) => void) {
    this.#onSilence = onSilence;
  }

  /** Starts to wait, or goes on waiting with another limit; the time that has passed counts only if the limit is the same. */
  arm(timeout: number): void {
    if (this.#timer !== undefined && this.#timeout === timeout) return;
    this.#start(timeout);
  }

  /** Something moved: the time starts anew. */
  progress(): void {
    if (this.#timer !== undefined) this.#start(this.#timeout);
  }

  disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #start(timeout: number): void {
    clearTimeout(this.#timer);
    this.#timeout = timeout;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#onSilence(timeout);
    }, timeout);
  }
}

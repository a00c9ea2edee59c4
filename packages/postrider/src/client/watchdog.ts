/**
 * One timer for one connection: it fires when nothing has moved for a while.
 *
 * Layer: client.
 */

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

/**
 * What somebody waits for, given once: whatever comes later is not heard.
 *
 * Layer: client. PERF: one object for each message, and no closure.
 */

export class Answer<T> {
  /** Called when it is given. */
  release: (() => void) | undefined;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  #isGiven = false;

  constructor(resolve: (value: T) => void, reject: (error: unknown) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** An abort may come while the content is still being opened. */
  get isGiven(): boolean {
    return this.#isGiven;
  }

  resolve(value: T): void {
    if (this.#give()) this.#resolve(value);
  }

  reject(error: unknown): void {
    if (this.#give()) this.#reject(error);
  }

  #give(): boolean {
    if (this.#isGiven) return false;
    this.#isGiven = true;
    this.release?.();
    return true;
  }
}

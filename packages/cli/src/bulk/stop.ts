/**
 * Ctrl-C and the system's request to end: the first asks politely, the second does not.
 */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export class Stop implements Disposable {
  readonly #controller = new AbortController();
  readonly #onSignal: () => void;

  constructor(onFirst: () => void, onSecond: () => void) {
    this.#onSignal = () => {
      if (this.#controller.signal.aborted) return onSecond();
      this.#controller.abort();
      onFirst();
    };
    for (const name of SIGNALS) process.on(name, this.#onSignal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const name of SIGNALS) process.off(name, this.#onSignal);
  }
}

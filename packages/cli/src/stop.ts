/**
 * Ctrl-C and the system's request to end: the first asks politely, the second does not.
 */

import { once } from "node:events";

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

/** Settles at the first signal; a second one ends the process at once. */
export async function interruption(): Promise<void> {
  const over = new AbortController();
  await Promise.race(SIGNALS.map((name) => once(process, name, { signal: over.signal })));
  over.abort();
}

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

/**
 * Runs what a signal aborts. `onCut` says what became of it, then the process ends by the same signal, as if it had not listened: a shell
 * tells by that whether to go on with its own loop.
 */
export async function cutBySignal<T>(
  run: (signal: AbortSignal) => Promise<T>,
  onCut: (error: unknown) => void,
): Promise<T> {
  const controller = new AbortController();
  let cause: NodeJS.Signals | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    cause = name;
    controller.abort();
    // The next one finds no listener, and ends the process at once.
    for (const one of SIGNALS) process.off(one, onSignal);
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    return await run(controller.signal);
  } catch (error) {
    if (cause === undefined) throw error;
    onCut(error);
    process.kill(process.pid, cause);
    throw error;
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
  }
}

/**
 * Time for the model: it stands still, and jumps to the next timer when nothing else is left to do. A dialogue in which a
 * server is silent for ten minutes takes no time, and the same plan plays the same way each time.
 */
// Loaded on the first connection else, and no virtual time passes while a file is read.
import "../../src/connection/engine.js";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class VirtualClock implements Disposable {
  #now = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();
  readonly #real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  readonly #realNow = performance.now.bind(performance);

  /** Takes the place of the process's timers until it is disposed of. */
  constructor() {
    const setTimeout = (run: () => void, milliseconds = 0): Timer => {
      const timer = { at: this.#now + Math.max(1, milliseconds), order: this.#order++, run };
      this.#timers.add(timer);
      return timer;
    };
    const clearTimeout = (timer: Timer | undefined): void => {
      if (timer !== undefined) this.#timers.delete(timer);
    };
    Object.assign(globalThis, { setTimeout, clearTimeout });
    performance.now = () => this.#now;
  }

  /** Milliseconds. */
  get now(): number {
    return this.#now;
  }

  /** Timers that have not run. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer; Infinity without one. */
  get wait(): number {
    return Math.max(0, (this.#next()?.at ?? Number.POSITIVE_INFINITY) - this.#now);
  }

  /** Jumps to the next timer and runs it; false when there is none. */
  jump(): boolean {
    const next = this.#next();
    if (next === undefined) return false;
    this.#timers.delete(next);
    this.#now = Math.max(this.#now, next.at);
    next.run();
    return true;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    return next;
  }

  /** Forgets what a dialogue has left behind. */
  clear(): void {
    this.#timers.clear();
  }

  [Symbol.dispose](): void {
    Object.assign(globalThis, this.#real);
    performance.now = this.#realNow;
  }
}

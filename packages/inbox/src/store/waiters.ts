/**
 * Those who wait for a message: each is offered what arrives until it fits, time is up, or the inbox closes.
 */
import { InboxOptionError, InboxTimeoutError } from "../errors.js";
import type { InboxMessage } from "../message.js";

/**
 * How long a wait lasts, in milliseconds, unless told otherwise. Vitest and Jest end a test after 5 s: a wait must be over well
 * before, or they say that the test took too long, and not what differs.
 */
const DEFAULT_TIMEOUT_MS = 3000;
/** The longest delay a timer takes; setTimeout turns anything above it into 1 ms. */
export const MAX_TIMEOUT_MS: number = 2 ** 31 - 1;

export type InboxPredicate = (message: InboxMessage) => boolean;

/** How long to wait for a message. */
export interface WaitOptions {
  /** Milliseconds; default 3000, less than the 5 s after which Vitest and Jest end a test. */
  readonly timeout?: number | undefined;
  /** Ends the wait, which rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  readonly offer: (message: InboxMessage) => void;
  readonly fail: (reason: unknown) => void;
}

/** @throws InboxOptionError for a timeout that is no number of milliseconds. */
export function timeoutOf({ timeout = DEFAULT_TIMEOUT_MS }: WaitOptions): number {
  if (!(timeout >= 0)) throw new InboxOptionError("timeout", "must be a number of milliseconds, 0 or more");
  return timeout;
}

/** @throws InboxOptionError for what is given in its place, such as the expectation that `assertSent` takes. */
export function checkPredicate(predicate: unknown): void {
  if (typeof predicate === "function") return;
  throw new InboxOptionError("predicate", "must be a function of a message; assertSent() takes an expectation");
}

export class Waiters {
  readonly #waiting = new Set<Waiter>();

  offer(message: InboxMessage): void {
    for (const waiter of [...this.#waiting]) waiter.offer(message);
  }

  failAll(reason: unknown): void {
    for (const waiter of [...this.#waiting]) waiter.fail(reason);
  }

  /** @param arrived says what there is instead, when time is up. */
  wait(predicate: InboxPredicate, options: WaitOptions, arrived: () => string): Promise<InboxMessage> {
    const timeout = timeoutOf(options);
    const { signal } = options;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        this.#waiting.delete(waiter);
      };
      const waiter: Waiter = {
        offer: (message) => {
          try {
            if (!predicate(message)) return;
          } catch (error) {
            return waiter.fail(error);
          }
          settle();
          resolve(message);
        },
        fail: (reason) => {
          settle();
          reject(reason);
        },
      };
      const onAbort = (): void => waiter.fail(signal?.reason);
      const onTimeout = (): void => waiter.fail(new InboxTimeoutError(timeout, arrived()));
      const timer = setTimeout(onTimeout, Math.min(timeout, MAX_TIMEOUT_MS));
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.add(waiter);
    });
  }
}

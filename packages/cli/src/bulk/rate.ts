/**
 * Rates: `10/s`, `600/m`, `5000/h`; and the one who keeps them.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { InvalidArgumentError } from "commander";

export interface Rate {
  readonly messages: number;
  /** Milliseconds. */
  readonly per: number;
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** @throws InvalidArgumentError */
export function parseRate(text: string): Rate {
  const match = /^(\d{1,7})\/(s|m|h)$/.exec(text);
  const messages = Number(match?.[1] ?? 0);
  if (messages < 1)
    throw new InvalidArgumentError("It must be a rate per second, minute or hour, such as 10/s, 600/m or 5000/h.");
  return { messages, per: UNITS[match?.[2] ?? "s"] ?? 1000 };
}

/** Time, as the pacer knows it; in milliseconds. */
export interface Clock {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

const REAL_TIME: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};

/** Spreads what it lets through evenly, so that nothing that was begun has to wait. */
export class Pacer {
  readonly #gapMs: number;
  readonly #clock: Clock;
  #next = Number.NEGATIVE_INFINITY;

  constructor({ messages, per }: Rate, clock: Clock = REAL_TIME) {
    this.#gapMs = per / messages;
    this.#clock = clock;
  }

  /** Resolves when it is the caller's turn; callers come one after the other. @throws the signal's reason */
  async turn(signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#gapMs;
    // A timer's resolution is a millisecond; shorter gaps even out over the next ones.
    if (at - now >= 1) await this.#clock.sleep(at - now, signal);
  }
}

/**
 * What has become of the rows so far: numbers for the bar, and what is worth a line in the report.
 */

export type Outcome = "accepted" | "partly" | "refused" | "failed" | "unknown" | "bad";

export const OUTCOMES: readonly Outcome[] = ["accepted", "partly", "refused", "failed", "unknown", "bad"];

export interface Problem {
  readonly line: number;
  readonly outcome: Outcome;
  readonly to: string;
  /** The server's words, or the rule. */
  readonly why: string;
}

/** How many of each, in one stretch of time. */
export interface Stretch {
  accepted: number;
  other: number;
}

/** Problems that are kept with their words; more are counted. */
const MAX_PROBLEMS = 10_000;
/** Points of the chart. */
const MAX_STRETCHES = 240;

export class Tally {
  /** Rows of the data, bad ones included. */
  readonly total: number;
  readonly counts: Record<Outcome, number> = zero();
  /** Of these, what earlier runs did. */
  readonly before: Record<Outcome, number> = zero();
  readonly problems: Problem[] = [];
  /** Whether something that was not accepted may be tried again. */
  mayTryAgain = false;
  readonly #start: number;
  #width = 1000;
  #stretches: Stretch[] = [];

  /** @param now milliseconds of a clock that never goes back. */
  constructor(total: number, now: number) {
    this.total = total;
    this.#start = now;
  }

  /** Rows whose outcome is known, or known to be unknown. */
  get done(): number {
    return sum(this.counts);
  }

  /** Rows of this run alone. */
  get doneNow(): number {
    return this.done - sum(this.before);
  }

  /** Milliseconds of each stretch. */
  get stretchMs(): number {
    return this.#width;
  }

  get stretches(): readonly Stretch[] {
    return this.#stretches;
  }

  /** Milliseconds since the run began. */
  elapsed(now: number): number {
    return now - this.#start;
  }

  /** What this run did. */
  add(outcome: Outcome, now: number): void {
    this.counts[outcome] += 1;
    const stretch = this.#stretchAt(now);
    if (outcome === "accepted") stretch.accepted += 1;
    else stretch.other += 1;
  }

  /** What an earlier run did, or what the data are to blame for. */
  addBefore(outcome: Outcome): void {
    this.counts[outcome] += 1;
    this.before[outcome] += 1;
  }

  tell(problem: Problem): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(problem);
  }

  #stretchAt(now: number): Stretch {
    while (this.elapsed(now) >= this.#width * MAX_STRETCHES) this.#halve();
    const index = Math.max(0, Math.floor(this.elapsed(now) / this.#width));
    while (this.#stretches.length <= index) this.#stretches.push({ accepted: 0, other: 0 });
    return this.#stretches[index] ?? { accepted: 0, other: 0 };
  }

  /** Twice as long, half as many: memory and chart stay the same for a run of a minute and of a week. */
  #halve(): void {
    this.#width *= 2;
    const merged: Stretch[] = [];
    for (const [index, one] of this.#stretches.entries()) {
      const before = merged[index >> 1];
      if (before === undefined) merged.push({ ...one });
      else {
        before.accepted += one.accepted;
        before.other += one.other;
      }
    }
    this.#stretches = merged;
  }
}

function zero(): Record<Outcome, number> {
  return { accepted: 0, partly: 0, refused: 0, failed: 0, unknown: 0, bad: 0 };
}

function sum(counts: Readonly<Record<Outcome, number>>): number {
  return OUTCOMES.reduce((total, outcome) => total + counts[outcome], 0);
}

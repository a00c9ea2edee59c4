/**
 * How far it is: a bar on a terminal, drawn over and over in one line; elsewhere a plain line now and then.
 */
import { note, paint, render } from "../terminal/output.js";
import { formatDuration, formatRate } from "./duration.js";
import type { Tally } from "./tally.js";

const REDRAW_MS = 100;
const PLAIN_MS = 10_000;
/** Where a terminal does not tell its width. */
const DEFAULT_COLUMNS = 80;
const MIN_BAR = 10;
const MAX_BAR = 30;

export class Progress {
  readonly #tally: Tally;
  readonly #isTerminal = process.stderr.isTTY === true;
  readonly #timer: NodeJS.Timeout;

  constructor(tally: Tally) {
    this.#tally = tally;
    this.#timer = setInterval(() => this.#show(), this.#isTerminal ? REDRAW_MS : PLAIN_MS);
    this.#timer.unref();
    this.#show();
  }

  /** A line of its own, above the bar. */
  say(line: string): void {
    if (this.#isTerminal) process.stderr.write("\r\x1b[K");
    note(line);
    if (this.#isTerminal) this.#show();
  }

  /** The last state, which stays. */
  end(): void {
    clearInterval(this.#timer);
    this.#show();
    if (this.#isTerminal) process.stderr.write("\n");
  }

  #show(): void {
    const text = this.#text();
    if (!this.#isTerminal) {
      note(text);
      return;
    }
    // A line that is longer than the terminal is wide would scroll with every redraw.
    const columns = process.stderr.columns > 0 ? process.stderr.columns : DEFAULT_COLUMNS;
    const width = Math.min(MAX_BAR, columns - text.length - 4);
    const line = width < MIN_BAR ? text.slice(0, columns - 1) : `${this.#bar(width)} ${text}`;
    process.stderr.write(`\r${line}\x1b[K`);
  }

  #bar(width: number): string {
    const { done, total } = this.#tally;
    const filled = total === 0 ? width : Math.floor((width * Math.min(done, total)) / total);
    return render(["[", paint("green", "=".repeat(filled)), `${" ".repeat(width - filled)}]`], process.stderr);
  }

  #text(): string {
    const { done, doneNow, total, counts } = this.#tally;
    const elapsed = this.#tally.elapsed(performance.now());
    const parts = [`${done}/${total}`, `${formatRate(doneNow, elapsed)}/s`];
    if (doneNow > 0 && done < total) parts.push(`ETA ${formatDuration(((total - done) * elapsed) / doneNow)}`);
    parts.push(`accepted ${counts.accepted}`);
    for (const outcome of ["partly", "refused", "failed", "unknown", "bad"] as const) {
      if (counts[outcome] > 0 || outcome === "refused" || outcome === "failed")
        parts.push(`${outcome} ${counts[outcome]}`);
    }
    return parts.join("  ");
  }
}

/**
 * One line on stderr that says what is going on, drawn over and over on a terminal; elsewhere nothing, or a plain line now and then.
 */
import { note, render } from "./output.js";

const REDRAW_MS = 100;
const PLAIN_MS = 10_000;
/** Where a terminal does not tell its width. */
const DEFAULT_COLUMNS = 80;
const ERASE = "\r\x1b[K";

export class Status {
  readonly #isTerminal = process.stderr.isTTY === true;
  #timer: NodeJS.Timeout | undefined;

  /** What begins now; only a terminal shows it. */
  show(text: string): void {
    if (!this.#isTerminal) return;
    const columns = process.stderr.columns > 0 ? process.stderr.columns : DEFAULT_COLUMNS;
    process.stderr.write(`\r${render(text.slice(0, columns - 1), process.stderr)}\x1b[K`);
  }

  /** Asks again and again how far it is, until `end()`. */
  follow(text: () => string): void {
    const show = (): void => (this.#isTerminal ? this.show(text()) : note(text()));
    this.#timer = setInterval(show, this.#isTerminal ? REDRAW_MS : PLAIN_MS);
    this.#timer.unref();
    if (this.#isTerminal) show();
  }

  /** Nothing of it stays. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#isTerminal) process.stderr.write(ERASE);
  }
}

/**
 * The pass before the first mail: every row is read and made into a mail once, so that what is wrong is known before anything is
 * sent, and how many there are.
 */
import { isSmtpError } from "postrider";
import { CliError } from "../cli-error.js";
import { EXIT } from "../exit-code.js";
import { note, warn } from "../terminal/output.js";
import { printable } from "../terminal/printable.js";
import type { BadRow, Row, Rows } from "./data/rows.js";
import type { MailTemplate } from "./template/mail-template.js";

export interface Plan {
  /** Rows that can be sent. */
  readonly good: number;
  readonly bad: readonly BadRow[];
  /** SHA-256 of the data. */
  readonly digest: string;
}

export interface PlanOptions {
  readonly file: string;
  readonly skipBad: boolean;
  readonly onGood?: ((row: Row) => void) | undefined;
}

/** So many are shown; whoever has more has one fault many times. */
const MAX_SHOWN = 20;

/** @throws CliError when there are bad rows and they are not to be skipped, or no good ones. */
export async function planRun(rows: Rows, template: MailTemplate, options: PlanOptions): Promise<Plan> {
  const bad: BadRow[] = [];
  const repeated = new Repeated();
  let good = 0;
  const counter = new Counter();
  for await (const row of rows) {
    counter.next();
    const checked = "problem" in row ? row : check(row, template);
    if ("problem" in checked) {
      bad.push(checked);
    } else {
      good += 1;
      repeated.see(checked.to, row.line);
      options.onGood?.(row as Row);
    }
    if (!options.skipBad && bad.length > MAX_SHOWN) break;
  }
  counter.end();
  for (const { line, problem } of bad.slice(0, MAX_SHOWN)) {
    note(printable(`${options.file}, line ${line}: ${problem}`));
  }
  if (bad.length > MAX_SHOWN) note("and more");
  if (bad.length > 0 && !options.skipBad) {
    throw new CliError(EXIT.data, "there are bad rows; nothing was sent (--skip-bad sends the others)");
  }
  if (good === 0) throw new CliError(EXIT.data, `${options.file} has no row that can be sent`);
  repeated.warn(options.file);
  return { good, bad, digest: rows.digest };
}

/** The rows of the plan, once more. @throws CliError when the data have changed since. */
export async function* goodRows(rows: Rows, plan: Plan, file: string): AsyncGenerator<Row, void, undefined> {
  const bad = new Set(plan.bad.map(({ line }) => line));
  for await (const row of rows) {
    if (!("problem" in row) && !bad.has(row.line)) yield row;
  }
  if (rows.digest !== plan.digest) throw new CliError(EXIT.data, `${file} was changed while it was being sent`);
}

/** Whom a row goes to, or why it cannot be a mail. */
function check(row: Row, template: MailTemplate): { readonly to: string } | BadRow {
  try {
    return { to: template.compose(row.values, { withText: false }).headers.get("to") ?? "" };
  } catch (error) {
    if (error instanceof CliError || isSmtpError(error)) return { line: row.line, problem: error.message };
    throw error;
  }
}

/** Shows on a terminal that something happens: a million rows take a while. */
class Counter {
  #count = 0;

  next(): void {
    this.#count += 1;
    if (this.#count % SHOW_EVERY === 0 && process.stderr.isTTY)
      process.stderr.write(`\rchecked ${this.#count} rows\x1b[K`);
  }

  end(): void {
    if (this.#count >= SHOW_EVERY && process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }
}

const SHOW_EVERY = 1000;

/** Rows that go where an earlier one goes: often a mistake, and sometimes meant, as with an invoice a row. */
class Repeated {
  readonly #seen = new Set<string>();
  #count = 0;
  #first: number | undefined;

  see(field: string, line: number): void {
    const to = field.replace(/^.*<(.*)>$/, "$1").toLowerCase();
    if (to === "") return;
    if (this.#seen.has(to)) {
      this.#count += 1;
      this.#first ??= line;
    } else if (this.#seen.size < MAX_REMEMBERED) this.#seen.add(to);
  }

  warn(file: string): void {
    if (this.#count === 0) return;
    warn(
      `${this.#count} rows of ${file} go to somebody to whom an earlier row goes, line ${this.#first} for one; each is a mail of its own`,
    );
  }
}

/** Bounds the memory; beyond it, only rows that go to one of the first million are seen. */
const MAX_REMEMBERED = 1_000_000;

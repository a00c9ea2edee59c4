/**
 * The pass before the first mail: every row is read and made into a mail once, so that what is wrong is known before anything is
 * sent, and how many there are.
 */
import { isSmtpError } from "postrider";
import { CliError, usageError } from "../cli-error.js";
import { EXIT } from "../exit-code.js";
import { many, note, warn } from "../terminal/output.js";
import type { BadRow, Row, Rows } from "./data/rows.js";
import { columnsAre, noColumn } from "./template/columns.js";
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
  /** Columns that must not be empty. */
  readonly require: readonly string[];
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
  const blank = new Blank(template);
  let areColumnsChecked = false;
  for await (const row of rows) {
    if (!areColumnsChecked) checkColumns(rows.columns, template, options.require);
    areColumnsChecked = true;
    counter.next();
    const checked = "problem" in row ? row : check(row, template, options.require);
    if ("problem" in checked) {
      bad.push(checked);
    } else {
      good += 1;
      repeated.see(checked.to, row.line);
      if (template.hasBlank) blank.see(row as Row);
      options.onGood?.(row as Row);
    }
    if (!options.skipBad && bad.length > MAX_SHOWN) break;
  }
  counter.end();
  for (const { line, problem } of bad.slice(0, MAX_SHOWN)) {
    note(`${options.file}, line ${line}: ${problem}`);
  }
  if (bad.length > MAX_SHOWN) note("and more");
  if (bad.length > 0 && !options.skipBad) {
    throw new CliError(
      EXIT.data,
      "some rows are invalid; nothing was sent (--skip-bad skips them and sends the others)",
    );
  }
  if (good === 0) throw new CliError(EXIT.data, `${options.file} has no row that can be sent`);
  repeated.warn(options.file);
  blank.warn(options.file);
  if (rows.empty > 0) note(`skipped ${many(rows.empty, "empty row")} of ${options.file}`);
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

/** A template that needs other columns is one fault, and not one in each row. @throws CliError */
function checkColumns(columns: readonly string[], template: MailTemplate, require: readonly string[]): void {
  template.checkColumns(columns);
  const missing = require.find((name) => !columns.includes(name));
  if (missing !== undefined) throw usageError(`--require: ${noColumn(missing, columns)}\n${columnsAre(columns)}`);
}

/** Whom a row goes to, or why it cannot be a mail. */
function check(row: Row, template: MailTemplate, require: readonly string[]): { readonly to: string } | BadRow {
  const empty = require.filter((name) => row.values[name]?.trim() === "");
  if (empty.length > 0) return { line: row.line, problem: `has no value in ${empty.join(", ")}` };
  try {
    return { to: template.compose(row.values, { withText: false }).headers.get("to") ?? "" };
  } catch (error) {
    if (error instanceof CliError || isSmtpError(error)) return { line: row.line, problem: inFields(error.message) };
    throw error;
  }
}

/** The library names a part of its list (`to[0].address`); the template has a field. */
function inFields(message: string): string {
  return message.replace(/^(from|sender|to|cc|bcc|replyTo)(?:\[\d+\])?(?:\.\w+)?:/, (_, field: string) => {
    return `${field === "replyTo" ? "Reply-To" : field.replace(/^./, (letter) => letter.toUpperCase())}:`;
  });
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

/** Rows that leave a place of the template empty: "Dear ,". */
class Blank {
  readonly #used: readonly string[];
  readonly #columns = new Set<string>();
  #count = 0;
  #first: number | undefined;

  constructor(template: MailTemplate) {
    this.#used = template.uses.map(({ name }) => name);
  }

  see({ line, values }: Row): void {
    this.#count += 1;
    this.#first ??= line;
    for (const name of this.#used) if (values[name]?.trim() === "") this.#columns.add(name);
  }

  warn(file: string): void {
    if (this.#count === 0) return;
    const names = [...this.#columns];
    const flag = names.length === 0 ? "" : `; --require ${names.join(",")} makes such rows invalid`;
    const column = names.length === 0 ? "" : ` (${names.join(", ")})`;
    warn(
      `empty cells leave gaps in the text of ${many(this.#count, "row")} of ${file}${column}, such as line ${this.#first}${flag}`,
    );
  }
}

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
      `${many(this.#count, "row")} of ${file} with the recipient of an earlier row, such as line ${this.#first}; each row gets its own message`,
    );
  }
}

/** Bounds the memory; beyond it, only rows that go to one of the first million are seen. */
const MAX_REMEMBERED = 1_000_000;

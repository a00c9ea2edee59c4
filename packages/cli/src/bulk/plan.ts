/**
 * The pass before the first mail: every row is read and made into a mail once, so that what is wrong is known before anything is
 * sent, and how many there are.
 */
import { isSmtpError } from "postrider";
import { CliError } from "../cli-error.js";
import { EXIT } from "../exit-code.js";
import { note } from "../terminal/output.js";
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
  let good = 0;
  for await (const row of rows) {
    const problem = "problem" in row ? row.problem : problemOf(row, template);
    if (problem === undefined) {
      good += 1;
      options.onGood?.(row as Row);
    } else bad.push({ line: row.line, problem });
    if (!options.skipBad && bad.length > MAX_SHOWN) break;
  }
  for (const { line, problem } of bad.slice(0, MAX_SHOWN)) {
    note(printable(`${options.file}, line ${line}: ${problem}`));
  }
  if (bad.length > MAX_SHOWN) note("and more");
  if (bad.length > 0 && !options.skipBad) {
    throw new CliError(EXIT.data, "there are bad rows; nothing was sent (--skip-bad sends the others)");
  }
  if (good === 0) throw new CliError(EXIT.data, `${options.file} has no row that can be sent`);
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

/** Why a row cannot be a mail; undefined when it can. */
function problemOf(row: Row, template: MailTemplate): string | undefined {
  try {
    template.compose(row.values, { withText: false });
    return undefined;
  } catch (error) {
    if (error instanceof CliError || isSmtpError(error)) return error.message;
    throw error;
  }
}

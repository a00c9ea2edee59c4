/**
 * Names of columns: which one somebody meant, and how it is written.
 */
import { CliError } from "../../cli-error.js";
import { EXIT } from "../../exit-code.js";
import type { Use } from "./expressions.js";

/** So many are told; a template with more has one fault many times. */
const MAX_TOLD = 10;

/** @throws CliError that tells every name that is no column, where it stands, and the column that it is nearest to. */
export function checkUses(uses: readonly Use[], columns: readonly string[]): void {
  const unknown = uses.filter(({ name, isPhrase }) => isPhrase || !columns.includes(name));
  if (unknown.length === 0) return;
  const lines = unknown
    .slice(0, MAX_TOLD)
    .map(
      ({ name, where, isPhrase }) =>
        `${where}: ${isPhrase && columns.includes(name) ? `a name with blanks is written ${asExpression(name)}` : noColumn(name, columns, asExpression)}`,
    );
  const more = unknown.length > MAX_TOLD ? ["and more"] : [];
  throw new CliError(EXIT.data, [...lines, ...more, columnsAre(columns)].join("\n"));
}

/** `there is no column Name; did you mean name?` */
export function noColumn(name: string, columns: readonly string[], write: (column: string) => string = shown): string {
  const near = nearestColumn(name, columns);
  return `there is no column ${shown(name)}${near === undefined ? "" : `; did you mean ${write(near)}?`}`;
}

export function columnsAre(columns: readonly string[]): string {
  return `The columns are ${columns.map(shown).join(", ")}.`;
}

/** As a template writes it. */
function asExpression(column: string): string {
  return /^[\p{L}\p{N}_-]+$/u.test(column) ? `{{ ${column} }}` : `{{ [${JSON.stringify(column)}] }}`;
}

/** With quotes where they are needed to see it. */
function shown(name: string): string {
  return /^[\p{L}\p{N}_.-]+$/u.test(name) ? name : JSON.stringify(name);
}

/** The column that is the same but for case, blanks and hyphens; else one that begins like it, or like which it begins; else a slip away. */
function nearestColumn(name: string, columns: readonly string[]): string | undefined {
  const wanted = plain(name);
  if (wanted === "") return undefined;
  const same = columns.find((column) => plain(column) === wanted);
  if (same !== undefined) return same;
  const slips = columns.map((column) => ({ column, count: slipsBetween(wanted, plain(column)) }));
  const [nearest] = slips.toSorted((a, b) => a.count - b.count);
  if (nearest !== undefined && nearest.count <= Math.max(1, Math.floor(wanted.length / 3))) return nearest.column;
  return columns.find((column) => isPart(wanted, plain(column)));
}

function plain(name: string): string {
  return name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}

/** Letters in which one holds the other: `name` in `firstname`, no shorter ones, which stand in anything. */
const MIN_PART = 3;

function isPart(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return short.length >= MIN_PART && long.includes(short);
}

/** Longer names are no slip, and the comparison is quadratic. */
const MAX_COMPARED = 64;

/** Letters that are added, left out or changed, and neighbours that are swapped. */
function slipsBetween(one: string, other: string): number {
  if (one.length > MAX_COMPARED || other.length > MAX_COMPARED) return Number.POSITIVE_INFINITY;
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const change = (last[column - 1] ?? 0) + (one[row - 1] === other[column - 1] ? 0 : 1);
      const isSwap = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const swap = isSwap ? (beforeLast[column - 2] ?? Number.POSITIVE_INFINITY) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(change, swap, (last[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    [beforeLast, last] = [last, next];
  }
  return last[other.length] ?? 0;
}

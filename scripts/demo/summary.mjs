// @ts-check
/**
 * The summary of the demo: the ten finest messages, and a line for each page. As wide as the terminal allows.
 *
 * Layer: scripts.
 */

import { finest } from "./finest.mjs";

/**
 * @typedef {object} Arrival
 * @property {string} page What sent it.
 * @property {string} subject
 * @property {string} from
 * @property {string} to
 * @property {number} size Bytes.
 * @property {number} rank How much there is to see in it; more is finer.
 * @property {import("../guide/stage.mjs").InboxMessage} shown As it stands in the inbox of the page.
 */

/**
 * @typedef {object} PageRun
 * @property {string} page
 * @property {number} examples
 * @property {number} failed
 */

/** A column that must shrink keeps at least this much. */
const MIN_WIDTH = 10;

/**
 * The page in the second table: all of examples/ count as one.
 * @param {string} page
 */
export function pageGroup(page) {
  return page.startsWith("examples/") ? "examples" : page;
}

/**
 * @param {readonly Arrival[]} arrivals
 * @param {readonly PageRun[]} pages In the order in which they ran.
 * @param {number} width Of the terminal, in columns.
 * @returns {string}
 */
export function summary(arrivals, pages, width) {
  const messages = finest(arrivals).map(({ subject, from, to, size, page }) => [subject, from, to, `${size}`, page]);
  const runs = pages.map(({ page, examples, failed }) => [
    page,
    `${examples}`,
    `${arrivals.filter((one) => pageGroup(one.page) === page).length}`,
    failed === 0 ? "" : `${failed} failed`,
  ]);
  return [
    table(["FINEST MESSAGES", "FROM", "TO", "SIZE", "SENT BY"], messages, width, [3]),
    table(["SENT BY", "EXAMPLES", "MESSAGES", ""], runs, width, [1, 2]),
  ].join("\n\n");
}

/**
 * @param {readonly string[]} heads
 * @param {readonly (readonly string[])[]} rows
 * @param {number} width
 * @param {readonly number[]} numbers Columns that are aligned to the right.
 */
function table(heads, rows, width, numbers) {
  const all = [heads, ...rows.map((row) => row.map(printable))];
  const widths = fit(
    heads.map((_, index) => Math.max(...all.map((row) => length(row[index] ?? "")))),
    width,
  );
  return all
    .map((row) =>
      row
        .map((cell, index) => pad(cell, widths[index] ?? 0, numbers.includes(index)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/**
 * Takes from the widest column until all fit.
 * @param {readonly number[]} wanted
 * @param {number} width
 */
function fit(wanted, width) {
  const widths = [...wanted];
  const gaps = 2 * (widths.length - 1);
  for (;;) {
    const excess = widths.reduce((sum, one) => sum + one, gaps) - width;
    const widest = widths.indexOf(Math.max(...widths));
    if (excess <= 0 || (widths[widest] ?? 0) <= MIN_WIDTH) return widths;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

/**
 * @param {string} cell
 * @param {number} width
 * @param {boolean} right
 */
function pad(cell, width, right) {
  const points = [...cell];
  const short = points.length > width ? `${points.slice(0, width - 1).join("")}…` : cell;
  const space = " ".repeat(Math.max(0, width - length(short)));
  return right ? space + short : short + space;
}

/** @param {string} text */
function length(text) {
  return [...text].length;
}

/**
 * SECURITY: what arrived is input; its control characters must not reach the terminal.
 * @param {string} text
 */
function printable(text) {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");
}

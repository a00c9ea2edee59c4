// @ts-check
/**
 * The table of what arrived, as wide as the terminal allows.
 *
 * Layer: scripts.
 */

/**
 * @typedef {object} Arrival
 * @property {string} page
 * @property {string} subject
 * @property {string} from
 * @property {string} to
 * @property {number} size Bytes.
 */

const COLUMNS = /** @type {const} */ (["page", "subject", "from", "to", "size"]);

/** A column that must shrink keeps at least this much. */
const MIN_WIDTH = 10;

/**
 * @param {readonly Arrival[]} arrivals
 * @param {number} width Of the terminal, in columns.
 * @returns {string}
 */
export function arrivalTable(arrivals, width) {
  const rows = arrivals.map((arrival) => COLUMNS.map((column) => printable(String(arrival[column]))));
  const all = [COLUMNS.map((column) => column.toUpperCase()), ...rows];
  const widths = fit(
    COLUMNS.map((_, index) => Math.max(...all.map((row) => length(row[index] ?? "")))),
    width,
  );
  return all
    .map((row) =>
      row
        .map((cell, index) => pad(cell, widths[index] ?? 0, COLUMNS[index] === "size"))
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

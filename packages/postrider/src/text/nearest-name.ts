/**
 * "Did you mean": the known name that a mistyped one is closest to.
 *
 * Layer: text.
 */

/** A name longer than this is no slip of the fingers, and the comparison is quadratic. */
const MAX_COMPARED_LENGTH = 64;

/**
 * The entry of `names` that is fewest slips away from `name` (a letter added, left out, changed, or two swapped; upper and
 * lower case count as equal); undefined when none is near enough to be meant. The first wins among equals.
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  if (name.length === 0 || name.length > MAX_COMPARED_LENGTH) return undefined;
  const typed = name.toLowerCase();
  let best: string | undefined;
  let fewest = allowedSlips(typed.length) + 1;
  for (const known of names) {
    if (Math.abs(known.length - typed.length) >= fewest) continue;
    const slips = countSlips(typed, known.toLowerCase());
    if (slips < fewest) {
      fewest = slips;
      best = known;
    }
  }
  return best;
}

/** One slip in three letters: `host` may become `port` no more easily than `cc` may become `to`. */
function allowedSlips(length: number): number {
  return Math.max(1, Math.floor(length / 3));
}

/** Optimal string alignment distance, three rows at a time. */
function countSlips(left: string, right: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current: number[] = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let slips = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      if (isSwap(left, right, row, column)) slips = Math.min(slips, at(beforeLast, column - 2) + 1);
      current.push(slips);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, right.length);
}

function isSwap(left: string, right: string, row: number, column: number): boolean {
  if (row < 2 || column < 2) return false;
  return left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}

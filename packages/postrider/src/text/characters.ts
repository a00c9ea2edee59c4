/**
 * Characters that may not stand in a line, halves of surrogate pairs, and how text that nobody can see is shown.
 *
 * Layer: text. RFC 5321 §4.1.2, RFC 5322 §2.2, RFC 6532 §3.2, the Unicode standard §3.8 (surrogates).
 */

// SECURITY: looked at in UTF-16 code units, before encoding, so that nothing can turn into CR or LF on the way. U+2028 and
// U+2029 end a line to readers that go by Unicode, logs among them.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
// TAB is white space in a header; C1 controls have a form there (encoded words), and no meaning to a reader.
const HEADER_CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
// What nobody sees in a terminal or a log: controls, halves of pairs, white space other than the space, marks without width.
// PERF: spelled out, because a class of Unicode properties costs a millisecond to compile.
const UNSEEN =
  /[\u0000-\u001f\u007f-\u00a0\u00ad\u061c\u115f\u1160\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufeff\uffa0\ufff0-\ufffb]|\u034f|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\udb40[\udc00-\udfff]/g;
const ASCII = /^[\u0000-\u007f]*$/;
const PRINTABLE = /^[\u0020-\u007e]*$/;

/** Index of the first character that may not stand in a line: a control, or a line end of Unicode; undefined when there is none. */
export function findControl(text: string): number | undefined {
  return indexOf(CONTROL, text);
}

/** The same for the value of a header, in which TAB is white space. */
export function findHeaderControl(text: string): number | undefined {
  return indexOf(HEADER_CONTROL, text);
}

/** Index of the first half of a surrogate pair, which is no character and has no UTF-8 form; undefined when there is none. */
export function findLoneSurrogate(text: string): number | undefined {
  return indexOf(LONE_SURROGATE, text);
}

interface WellFormed {
  /** In every runtime since ES2024; the type library of ES2023 does not know it. */
  isWellFormed(): boolean;
}

/** True when no half of a surrogate pair is in the text. PERF: native, for content of any length. */
export function isWellFormed(text: string): boolean {
  return (text as string & WellFormed).isWellFormed();
}

/** The rule that a text breaks, in words; undefined when it may stand in a line. */
export function findLineFault(text: string): string | undefined {
  const control = findControl(text);
  if (control !== undefined) return `must not hold control characters (${codePointName(text, control)} at ${control})`;
  return findSurrogateFault(text);
}

/** The same for text that may hold controls: only half of a surrogate pair is a fault. */
export function findSurrogateFault(text: string): string | undefined {
  const lone = findLoneSurrogate(text);
  return lone === undefined ? undefined : `must not hold half of a surrogate pair (at ${lone})`;
}

/** True when every code unit is below 128. */
export function isAscii(text: string): boolean {
  return ASCII.test(text);
}

/** True when every character is printable ASCII, the space included. */
export function isPrintableAscii(text: string): boolean {
  return PRINTABLE.test(text);
}

/** The character at `index` by its number: `"U+000A"`. */
export function codePointName(text: string, index: number): string {
  return `U+${(text.codePointAt(index) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Text for a message: what cannot be seen is escaped, controls as `\xHH`, others as `\u{HHHH}`. */
export function escapeUnseen(text: string): string {
  if (PRINTABLE.test(text)) return text;
  return text.replace(UNSEEN, (found) => {
    const hex = (found.codePointAt(0) ?? 0).toString(16);
    return found < "\u00a0" ? `\\x${hex.padStart(2, "0")}` : `\\u{${hex.padStart(4, "0")}}`;
  });
}

function indexOf(pattern: RegExp, text: string): number | undefined {
  if (PRINTABLE.test(text)) return undefined;
  const index = text.search(pattern);
  return index === -1 ? undefined : index;
}

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

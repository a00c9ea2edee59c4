/**
 * Checks of characters: controls, lone surrogates, ASCII; escaping of invisible text; the nearest name for "did you mean".
 *
 * Layer: text. RFC 5321 §4.1.2, RFC 5322 §2.2, RFC 6532 §3.2, the Unicode standard §3.8 (surrogates).
 */

// SECURITY: matched in UTF-16 code units before encoding, so that no character can become CR or LF later. U+2028 and U+2029 are line
// ends in Unicode, for logs among others.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
// TAB is white space in a header; C1 controls can be written there as encoded words.
const HEADER_CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
// Invisible in a terminal or a log: controls, lone surrogates, white space other than the space, zero-width marks.
// PERF: listed, because a class of Unicode properties costs a millisecond to compile.
const UNSEEN =
  /[\u0000-\u001f\u007f-\u00a0\u00ad\u061c\u115f\u1160\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufeff\uffa0\ufff0-\ufffb]|\u034f|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\udb40[\udc00-\udfff]/g;
const ASCII = /^[\u0000-\u007f]*$/;
const PRINTABLE = /^[\u0020-\u007e]*$/;

/** The comparison is quadratic, and a longer name is not a typing error. */
const MAX_COMPARED_LENGTH = 64;

/** Index of the first control character or Unicode line end; undefined when there is none. */
export function findControl(text: string): number | undefined {
  return indexOf(CONTROL, text);
}

/** The same for the value of a header, in which TAB is white space. */
export function findHeaderControl(text: string): number | undefined {
  return indexOf(HEADER_CONTROL, text);
}

/** Index of the first lone surrogate, which has no UTF-8 form; undefined when there is none. */
export function findLoneSurrogate(text: string): number | undefined {
  return indexOf(LONE_SURROGATE, text);
}

interface WellFormed {
  /** ES2024; missing in the ES2023 type library. */
  isWellFormed(): boolean;
}

/** True when the text has no lone surrogate. PERF: native, for content of any length. */
export function isWellFormed(text: string): boolean {
  return (text as string & WellFormed).isWellFormed();
}

/** The rule that a line of text breaks, in words; undefined when there is none. */
export function findLineFault(text: string): string | undefined {
  const control = findControl(text);
  if (control !== undefined) return `must not hold control characters (${codePointName(text, control)} at ${control})`;
  return findSurrogateFault(text);
}

/** The same for text that may hold controls: only a lone surrogate is a fault. */
export function findSurrogateFault(text: string): string | undefined {
  const lone = findLoneSurrogate(text);
  return lone === undefined ? undefined : `must not hold a lone surrogate (at ${lone})`;
}

/** True when every code unit is below 128. */
export function isAscii(text: string): boolean {
  return ASCII.test(text);
}

/** True when every character is printable ASCII, the space included. */
export function isPrintableAscii(text: string): boolean {
  return PRINTABLE.test(text);
}

/** The code point at `index`: `"U+000A"`. */
export function codePointName(text: string, index: number): string {
  return `U+${(text.codePointAt(index) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Escapes invisible characters for an error message: controls as `\xHH`, others as `\u{HHHH}`. */
export function escapeUnseen(text: string): string {
  if (PRINTABLE.test(text)) return text;
  return text.replace(UNSEEN, (found) => {
    const hex = (found.codePointAt(0) ?? 0).toString(16);
    return found < "\u00a0" ? `\\x${hex.padStart(2, "0")}` : `\\u{${hex.padStart(4, "0")}}`;
  });
}

/**
 * The entry of `names` with the smallest edit distance from `name` (insertion, deletion, substitution, swap; case is ignored);
 * undefined when none is near. The first of equals wins.
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  if (name.length === 0 || name.length > MAX_COMPARED_LENGTH) return undefined;
  const typed = name.toLowerCase();
  let best: string | undefined;
  let fewest = maxEdits(typed.length) + 1;
  for (const known of names) {
    if (Math.abs(known.length - typed.length) >= fewest) continue;
    const edits = editDistance(typed, known.toLowerCase());
    if (edits < fewest) {
      fewest = edits;
      best = known;
    }
  }
  return best;
}

function indexOf(pattern: RegExp, text: string): number | undefined {
  if (PRINTABLE.test(text)) return undefined;
  const index = text.search(pattern);
  return index === -1 ? undefined : index;
}

/** One edit in three letters, so that neither `host` suggests `port` nor `cc` suggests `to`. */
function maxEdits(length: number): number {
  return Math.max(1, Math.floor(length / 3));
}

/** Optimal string alignment distance, three rows at a time. */
function editDistance(left: string, right: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current: number[] = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let edits = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      if (isSwap(left, right, row, column)) edits = Math.min(edits, at(beforeLast, column - 2) + 1);
      current.push(edits);
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

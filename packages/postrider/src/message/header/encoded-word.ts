/**
 * Encoded words: text beyond ASCII in ASCII headers.
 *
 * Layer: message. RFC 2047 §2 (75 characters a word, 76 a line), §4 (Q and B), §5 (where they may stand), §6.2.
 */

/** `"text"`: Subject and its like. `"phrase"`: a display name, where fewer characters may be literal (RFC 2047 §5). */
export type WordContext = "text" | "phrase";

/** A line with an encoded word has at most 76 characters (RFC 2047 §2). */
export const MAX_ENCODED_LINE_LENGTH = 76;

const MAX_WORD_LENGTH = 75;
const OVERHEAD = "=?utf-8?Q??=".length;
const MAX_ROOM = MAX_WORD_LENGTH - OVERHEAD;
/** With less room than this on the first line, the first encoded word starts on the next line. */
const MIN_FIRST_ROOM = 12;

// Bytes that are literal in the Q encoding. A phrase allows letters, digits and "!*+-/" only (RFC 2047 §5 (3)).
const BARE = { text: bareBytes(/[!-<>@-^`-~]/), phrase: bareBytes(/[A-Za-z0-9!*+/-]/) };
const HEX = Array.from({ length: 256 }, (_, byte) => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`);
// Characters that never combine with a neighbour to one grapheme: Latin, Greek, Cyrillic, punctuation, symbols, CJK, Hangul syllables;
// no marks, joiners, selectors or surrogates. PERF: Intl.Segmenter costs 30 µs for a German subject.
const ALONE =
  /^[\x00-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\u20cf\u2100-\u2bff\u3000-\u3029\u3030-\u3098\u309b-\u9fff\uac00-\ud7a3\uff00-\uff9d]*$/;

let segmenter: Intl.Segmenter | undefined;

/**
 * The whole text as one or more encoded words with a space between, each at most 75 characters; the first leaves room for
 * `column` characters before it on its line. Cut between graphemes, and inside one only where it is longer than a word.
 */
export function encodeWords(text: string, context: WordContext, column: number): string {
  const bytes = Buffer.from(text, "utf8");
  const bare = BARE[context];
  const q = encodeQ(bytes, bare);
  const useQ = q.length <= Math.ceil(bytes.length / 3) * 4;
  const room = firstRoom(column);
  // PERF: most texts fit one encoded word.
  if ((useQ ? q.length : Math.ceil(bytes.length / 3) * 4) <= room) {
    return useQ ? `=?utf-8?Q?${q}?=` : `=?utf-8?B?${bytes.toString("base64")}?=`;
  }
  const encode = (piece: string): string =>
    useQ
      ? `=?utf-8?Q?${encodeQ(Buffer.from(piece, "utf8"), bare)}?=`
      : `=?utf-8?B?${Buffer.from(piece, "utf8").toString("base64")}?=`;
  const unitCost = (unit: number): number => {
    if (unit < 128) return !useQ || unit === 0x20 || bare[unit] === true ? 1 : 3;
    return (unit < 0x800 ? 2 : 3) * (useQ ? 3 : 1);
  };
  const capacity = (room: number): number => (useQ ? room : Math.floor(room / 4) * 3);
  const rooms = { first: capacity(room), rest: capacity(MAX_ROOM) };
  if (ALONE.test(text)) return cutLetters(text, unitCost, rooms).map(encode).join(" ");
  const cost = (piece: string): number => {
    // PERF: no buffer for a single character.
    if (piece.length === 1) return unitCost(piece.charCodeAt(0));
    return useQ ? encodeQ(Buffer.from(piece, "utf8"), bare).length : Buffer.byteLength(piece, "utf8");
  };
  return cut(text, cost, rooms).map(encode).join(" ");
}

/**
 * An unstructured value with encoded words where it needs them: from the first word that is not plain ASCII to the last.
 * What already looks like an encoded word, and white space at either end, is encoded too, so that it reads back the same.
 */
export function encodeText(text: string, column: number): string {
  const span = findSpan(text);
  if (span === undefined) return text;
  const [start, end] = span;
  return text.slice(0, start) + encodeWords(text.slice(start, end), "text", column + start) + text.slice(end);
}

const SPECIAL = /[^\t -~]|=\?/;
const WHITE_SPACE = /[\t ]/;

/** Start and end of the part that must be encoded, at white space; undefined when no part must be. */
function findSpan(text: string): [number, number] | undefined {
  const first = WHITE_SPACE.test(text.charAt(0)) ? 0 : text.search(SPECIAL);
  let last = text.length - 1;
  if (!WHITE_SPACE.test(text.charAt(last))) {
    if (first === -1) return undefined;
    while (last > first && !SPECIAL.test(text.slice(last, last + 2))) last -= 1;
  }
  let start = first === -1 ? last : first;
  while (start > 0 && !WHITE_SPACE.test(text.charAt(start - 1))) start -= 1;
  let end = last + 1;
  while (end < text.length && !WHITE_SPACE.test(text.charAt(end))) end += 1;
  return [start, end];
}

function firstRoom(column: number): number {
  const room = Math.min(MAX_ROOM, MAX_ENCODED_LINE_LENGTH - column - OVERHEAD);
  return room < MIN_FIRST_ROOM ? MAX_ROOM : room;
}

/** The room for the first encoded word and for the others. */
interface Rooms {
  readonly first: number;
  readonly rest: number;
}

/** PERF: for text in which each code unit is a grapheme. */
function cutLetters(text: string, cost: (unit: number) => number, { first, rest }: Rooms): string[] {
  const pieces: string[] = [];
  let start = 0;
  let left = first;
  for (let index = 0; index < text.length; index++) {
    const price = cost(text.charCodeAt(index));
    if (price > left && index > start) {
      pieces.push(text.slice(start, index));
      start = index;
      left = rest;
    }
    left -= price;
  }
  pieces.push(text.slice(start));
  return pieces;
}

/** Pieces of graphemes. */
function cut(text: string, cost: (piece: string) => number, { first, rest }: Rooms): string[] {
  const pieces: string[] = [];
  let piece = "";
  let left = first;
  const add = (unit: string, price: number): void => {
    if (price > left && piece !== "") {
      pieces.push(piece);
      piece = "";
      left = rest;
    }
    piece += unit;
    left -= price;
  };
  for (const grapheme of graphemes(text)) {
    const price = cost(grapheme);
    // A grapheme may be longer than a word (a letter with forty marks); a code point never is.
    if (price <= first) add(grapheme, price);
    else for (const point of grapheme) add(point, cost(point));
  }
  pieces.push(piece);
  return pieces;
}

/** PERF: Intl.Segmenter of V8 takes quadratic time for long text, so it gets one block at a time. */
const BLOCK_LENGTH = 256;

function* graphemes(text: string): Iterable<string> {
  segmenter ??= new Intl.Segmenter("und", { granularity: "grapheme" });
  for (let position = 0; position < text.length; ) {
    // A block must not end inside a surrogate pair.
    const high = (text.charCodeAt(position + BLOCK_LENGTH - 1) & 0xfc00) === 0xd800;
    const block = text.slice(position, position + BLOCK_LENGTH + (high ? 1 : 0));
    const isLast = position + block.length >= text.length;
    const segments = Array.from(segmenter.segment(block), ({ segment }) => segment);
    // The last grapheme of a block may continue in the next.
    if (!isLast && segments.length > 1) segments.pop();
    for (const segment of segments) {
      yield segment;
      position += segment.length;
    }
  }
}

function encodeQ(bytes: Uint8Array, bare: readonly boolean[]): string {
  let text = "";
  for (const byte of bytes) {
    if (byte === 0x20) text += "_";
    else text += bare[byte] === true ? String.fromCharCode(byte) : (HEX[byte] ?? "");
  }
  return text;
}

function bareBytes(pattern: RegExp): boolean[] {
  return Array.from({ length: 256 }, (_, byte) => byte < 128 && pattern.test(String.fromCharCode(byte)));
}

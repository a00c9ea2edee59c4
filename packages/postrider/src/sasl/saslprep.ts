/**
 * SASLprep: normalizes user names and passwords, so that equal-looking text compares equal.
 *
 * Layer: sasl. RFC 4013, a profile of RFC 3454 (stringprep).
 */
import { OptionError } from "../errors/errors.js";

const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;

// Tables of RFC 3454.

/** C.1.2: spaces other than U+0020. */
const OTHER_SPACE = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu;

/** B.1: commonly mapped to nothing. */
const MAPPED_TO_NOTHING = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|[\u200b-\u200d]|\u2060|[\ufe00-\ufe0f]|\ufeff/gu;

/** C.2.1 and C.2.2: controls. */
const CONTROL =
  /[\u0000-\u001f\u007f-\u009f\u06dd\u070f\u180e]|\u200c|\u200d|[\u2028\u2029\u2060-\u2063\u206a-\u206f\ufeff\ufff9-\ufffc\u{1d173}-\u{1d17a}]/u;

/** C.1.2, C.3 to C.9: other spaces, private use, noncharacters, surrogates, and characters unfit for plain text. */
const NOT_TEXT =
  /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufff9-\ufffd\u2ff0-\u2ffb\u200e\u200f\u202a-\u202e\u206a-\u206f\u{e0001}\u{e0020}-\u{e007f}]|\u0340|\u0341|\p{Private_Use}|\p{Noncharacter_Code_Point}|\p{Surrogate}/u;

/** D.1: right-to-left. */
const RIGHT_TO_LEFT =
  /[\u05be\u05c0\u05c3\u05d0-\u05ea\u05f0-\u05f4\u061b\u061f\u0621-\u063a\u0640-\u064a\u066d-\u066f\u0671-\u06d5\u06dd\u06e5\u06e6\u06fa-\u06fe\u0700-\u070d\u0710\u0712-\u072c\u0780-\u07a5\u07b1\u200f\ufb1d\ufb1f-\ufb28\ufb2a-\ufb36\ufb38-\ufb3c\ufb3e\ufb40\ufb41\ufb43\ufb44\ufb46-\ufbb1\ufbd3-\ufd3d\ufd50-\ufd8f\ufd92-\ufdc7\ufdf0-\ufdfc\ufe70-\ufe74\ufe76-\ufefc]/u;

/**
 * Prepares `text` as a query (RFC 3454 §7): code points unassigned in Unicode 3.2 are allowed.
 *
 * @param option the option that errors name; they never show the text, which may be a password
 * @throws OptionError when SASLprep forbids the text, or nothing is left of it
 */
export function saslprep(option: string, text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  // RFC 3454 lists U+200B both as a space and as mapped to nothing; RFC 4013 §2.1 names spaces first, as other libraries do.
  const prepared = text.replace(OTHER_SPACE, " ").replace(MAPPED_TO_NOTHING, "").normalize("NFKC");
  const broken = brokenRule(prepared);
  if (broken !== undefined) throw new OptionError(option, `${broken} (SASLprep, RFC 4013)`);
  return prepared;
}

/** D.2: left-to-right. PERF: compiled on first use, because most programs never need it. */
export function leftToRight(): RegExp {
  leftToRightPattern ??= decodeRanges(LEFT_TO_RIGHT);
  return leftToRightPattern;
}

function brokenRule(prepared: string): string | undefined {
  if (prepared === "") return "has no visible character";
  if (CONTROL.test(prepared)) return "must not hold control characters";
  if (NOT_TEXT.test(prepared)) return "holds a prohibited code point";
  return isBidirectional(prepared) ? undefined : "mixes right-to-left and left-to-right text";
}

/** RFC 3454 §6: right-to-left text holds no left-to-right letter, and begins and ends with a right-to-left one. */
function isBidirectional(prepared: string): boolean {
  if (!RIGHT_TO_LEFT.test(prepared)) return true;
  if (leftToRight().test(prepared)) return false;
  const points = Array.from(prepared);
  return RIGHT_TO_LEFT.test(points[0] ?? "") && RIGHT_TO_LEFT.test(points[points.length - 1] ?? "");
}

let leftToRightPattern: RegExp | undefined;

// 360 ranges in base 36: the distance from the end of the previous range, and after a hyphen the length of the range.
const LEFT_TO_RIGHT =
  "1t-p 7-p 1c b 5 6-m 2-u 2-88 2-h t-2l 3-8 3-6 f-1 f-4 a 3w c 2-2 2 2-j 2-17 2-11 b-3m 8-1w 2-11 3-1 7-f " +
  "y-11 3-6 2-12 2 oq 2-1g 4-3 9-3 4 8-9 3-c i-1 2-7 3-1 3-l 2-6 2 4-3 5-2 7-1 3-1 b 5-1 2-2 5-b 3-6 b-5 5-1 " +
  "3-l 2-6 2-1 2-1 2-1 5-2 p-3 2 8-9 3-2 f 2-6 2 2-2 2-l 2-6 2-1 2-4 4-3 9 2-1 4 g 6-9 j-1 2-7 3-1 3-l 2-6 " +
  "2-1 3-3 4-1 2 7-1 3-1 b 5-1 2-2 5-a j 2-5 4-2 2-3 4-1 2 2-1 4-1 4-2 4-7 2-2 5-1 2-1 4-2 2-2 b g-b f-2 2-7 " +
  "2-2 2-m 2-9 2-4 8-3 s-1 5-9 j-1 2-7 2-2 2-m 2-9 2-4 5 2-4 3-1 2-1 a-1 8 2-1 5-9 j-1 2-7 2-2 2-m 2-f 5-2 " +
  "6-2 2-2 b 9-1 5-9 j-1 2-h 4-n 2-8 2 3-6 9-2 7-7 j-2 d-1b 2-1 d-6 9-c 12-1 2 3-1 2 3 7-3 2-6 2-2 2 2 3-1 " +
  "2-3 2-1 a 3-4 2 a-9 3-1 z-n 3-q 2 2 6-9 2-x l 6 3-3 1f-7 2-5 3 1d-x 2-4 2-1 2 5 7 8-n 21-11 b-14 3 5-2h " +
  "6-1v 6-29 7-6 2-1q 2 2-3 3-6 2 2-3 3-12 2 2-3 3-u 2 2-3 3-6 2 2-3 3-6 2-6 2-m 2-u 2 2-3 3-6 2-12 2-i 7-r " +
  "10-2c d-hh b-p 6-28 g-c 2-3 f-h 4-1 a-h f-c 2-2 g-1i 8-7 2-1 c-6 2 4-9 13-9 7-2f 9-14 120-4b 5-2h 7-l 3-5 " +
  "3-11 3-5 3-7 2 2 2 2-u 3-1g 2-6 2 4-2 2-6 4-3 3-5 5-c 6-2 2-6 i 2r e 3n 5 3-9 2 4-4 7 2 2 2-3 2-2 2-6 4-2 " +
  "6-4 n-z c3-1w r 7b-25 270-2 q-8 8-4 3-4 5-2d 7-2 2-2h 2-3 6-13 5-2l 2-13 1l-18 4-z t-r 4-1d g-b 5-1a 2-3a " +
  "5-2q 3-u 2-52t 23-g4l 2j-wc 1h0-8mb 2l-6r1 3-1m 46-6 d-4 sq-p 7-p c-2g 4-5 3-5 3-5 3-2 mc-u 2-3 d-q 52-11 " +
  "3-11 148j-6t b-12 4-1o 4-8 h-1 8-t 5-1b f7-2c 2-1y 2-1 3 3-1 3-3 2-b 2 2-3 2-1 2-1s 2-3 3-7 2-6 2-r 2-3 " +
  "2-4 2 4-6 2-9d 5-81 7xz-wye g16-f1 gvz7-1ekd 3-1ekd";

function decodeRanges(encoded: string): RegExp {
  let end = 0;
  let set = "";
  for (const range of encoded.split(" ")) {
    const [distance = "", more = "0"] = range.split("-");
    const start = end + Number.parseInt(distance, 36);
    end = start + Number.parseInt(more, 36);
    set += `\\u{${start.toString(16)}}-\\u{${end.toString(16)}}`;
  }
  return new RegExp(`[${set}]`, "u");
}

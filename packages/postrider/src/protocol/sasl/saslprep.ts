/**
 * SASLprep: one form for user names and passwords that look the same.
 *
 * Layer: protocol. RFC 4013, a profile of RFC 3454 (stringprep).
 */
import { OptionError } from "../../errors.js";
import { CONTROL, leftToRight, MAPPED_TO_NOTHING, NOT_TEXT, OTHER_SPACE, RIGHT_TO_LEFT } from "./saslprep-tables.js";

const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;

/**
 * The prepared form of `text`, a query in the words of RFC 3454 §7: code points that Unicode 3.2 did not know are allowed.
 *
 * @param option the option that errors name; they never show the text, which may be a password
 * @throws OptionError when SASLprep forbids the text, or nothing is left of it
 */
export function saslprep(option: string, text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  // RFC 3454 lists U+200B both as a space and as nothing; RFC 4013 §2.1 names spaces first, and other libraries agree.
  const prepared = text.replace(OTHER_SPACE, " ").replace(MAPPED_TO_NOTHING, "").normalize("NFKC");
  const broken = brokenRule(prepared);
  if (broken !== undefined) throw new OptionError(option, `${broken} (SASLprep, RFC 4013)`);
  return prepared;
}

function brokenRule(prepared: string): string | undefined {
  if (prepared === "") return "has no visible character";
  if (CONTROL.test(prepared)) return "must not hold control characters";
  if (NOT_TEXT.test(prepared)) return "holds a code point that has no place in text";
  return isBidirectional(prepared) ? undefined : "mixes text from right to left with text from left to right";
}

/** RFC 3454 §6: text from right to left holds no letter of the other direction, and starts and ends with its own. */
function isBidirectional(prepared: string): boolean {
  if (!RIGHT_TO_LEFT.test(prepared)) return true;
  if (leftToRight().test(prepared)) return false;
  const points = Array.from(prepared);
  return RIGHT_TO_LEFT.test(points[0] ?? "") && RIGHT_TO_LEFT.test(points[points.length - 1] ?? "");
}

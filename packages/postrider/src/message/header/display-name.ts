/**
 * Display names as a header shows them: words, a quoted string, or encoded words.
 *
 * Layer: message. RFC 5322 §3.2.5 (phrase), RFC 2047 §5 (3), RFC 6532.
 */

import { formatPhrase } from "../../address/format.js";
import { isPrintableAscii } from "../../text/characters.js";
import { encodeWords } from "./encoded-word.js";
import { MAX_LINE_LENGTH } from "./fold.js";
import type { HeaderForm } from "./form.js";

/** A display name for a header; a quoted string is cut only at single spaces, else the name is encoded. */
export function phraseText(name: string, form: HeaderForm, column: number): string {
  const isPlain = form === "utf8" || isPrintableAscii(name);
  return isPlain && isFoldable(name) && !name.includes("=?") ? formatPhrase(name) : encodeWords(name, "phrase", column);
}

// QUIRK: readers trim a quoted string, and squeeze or lose white space where it is folded at more than one space.
const OUTER_SPACE = /^ | $/;

function isFoldable(name: string): boolean {
  if (OUTER_SPACE.test(name)) return false;
  if (name.length <= MAX_LINE_LENGTH / 2) return true;
  return !name.includes("  ") && name.split(" ").every((word) => word.length <= MAX_LINE_LENGTH - 4);
}

const ATOM = /^[\w!#$%&'*+/=?^`{|}~-]+$/;

/**
 * The name in an address. QUIRK: Python 3.11 shows a space between two encoded words of a name. So the name is one
 * encoded word where it fits a line of its own, else one for each run of words that needs it, cut between words as far as may be.
 */
export function nameText(name: string, form: HeaderForm, column: number): string {
  const text = phraseText(name, form, column);
  if (!text.startsWith("=?") || !text.includes(" ")) return text;
  const alone = phraseText(name, form, 1);
  return alone.includes(" ") ? encodeRuns(name, column) : alone;
}

function encodeRuns(name: string, column: number): string {
  const texts: string[] = [];
  let run: string[] = [];
  const close = (): void => {
    if (run.length > 0) texts.push(cutAtSpaces(run, texts.length === 0 ? column : 1));
    run = [];
  };
  for (const word of name.split(" ")) {
    if (!ATOM.test(word) || word.includes("=?")) {
      run.push(word);
      continue;
    }
    close();
    texts.push(word);
  }
  close();
  return texts.join(" ");
}

/** As many words in each encoded word as it holds; the space between two encoded words stands inside the first. */
function cutAtSpaces(words: readonly string[], column: number): string {
  const texts: string[] = [];
  let held = "";
  let encoded = "";
  for (const [index, word] of words.entries()) {
    const next = index === words.length - 1 ? word : `${word} `;
    const longer = encodeWords(held + next, "phrase", texts.length === 0 ? column : 1);
    const fits = held === "" || !longer.includes(" ");
    if (!fits) texts.push(encoded);
    held = fits ? held + next : next;
    encoded = fits ? longer : encodeWords(next, "phrase", 1);
  }
  return [...texts, encoded].join(" ");
}

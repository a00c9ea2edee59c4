/**
 * Phrases: the words before `<` or `:` as one display name.
 *
 * Layer: address. RFC 5322 §3.2.5 (phrase) and §4.1 (obs-phrase, which lets dots in), RFC 2047 §5 (3) and §6.2.
 */
import { findLineFault } from "../text/characters.js";
import { decodeEncodedWords, isEncodedWord } from "../text/decode-words.js";
import type { AddressScanner, Token } from "./scanner.js";

/**
 * The name that the words spell: quotes removed, encoded words decoded, white space and comments between words one space.
 *
 * @throws AddressError where two words touch, or the name holds controls once it is decoded.
 */
export function joinPhrase(words: readonly Token[], scanner: AddressScanner): string {
  const [first] = words;
  if (first === undefined) return "";
  if (first.kind === ".") throw scanner.fault("a name must not begin with a dot: put it in quotes", first.start);
  const pieces: string[] = [];
  let encoded: string[] = [];
  for (const run of joinRuns(words, scanner)) {
    if (run.isEncoded) {
      encoded.push(run.text);
      continue;
    }
    if (encoded.length > 0) pieces.push(decodeEncodedWords(encoded.join(" ")));
    encoded = [];
    pieces.push(run.text);
  }
  if (encoded.length > 0) pieces.push(decodeEncodedWords(encoded.join(" ")));
  const name = pieces.join(" ");
  // SECURITY: an encoded word can spell a line break.
  if (findLineFault(name) !== undefined) {
    throw scanner.fault("the name holds a control character once it is decoded", first.start);
  }
  return name;
}

interface Run {
  readonly text: string;
  readonly isEncoded: boolean;
}

/** Words without white space between them are one run: `J.`, `R.R.`, and encoded words in which writers leave dots bare. */
function joinRuns(words: readonly Token[], scanner: AddressScanner): Run[] {
  const runs: Run[] = [];
  let text = "";
  let hasQuotes = false;
  let previous: Token | undefined;
  for (const word of words) {
    if (previous !== undefined && word.spaced) {
      runs.push({ text, isEncoded: !hasQuotes && isEncodedWord(text) });
      text = "";
      hasQuotes = false;
    } else if (previous !== undefined && previous.kind !== "." && word.kind !== ".") {
      throw scanner.fault("white space is missing between two words of a name", word.start);
    }
    // A TAB is what folding leaves of a line break.
    text += word.kind === "quoted" ? word.value.replaceAll("\t", " ") : word.value;
    if (word.kind === "quoted") hasQuotes = true;
    previous = word;
  }
  runs.push({ text, isEncoded: !hasQuotes && isEncodedWord(text) });
  return runs;
}

/**
 * Local parts: what stands before the `@`, quoted where it must be.
 *
 * Layer: address. RFC 5321 §4.1.2 (Dot-string, Quoted-string), RFC 5322 §3.4.1 and §4.4 (obs-local-part), RFC 6531 §3.3.
 */
import { codePointName, isPrintableAscii } from "../text/characters.js";
import type { AddressScanner, Token } from "./scanner.js";

const DOT_ATOM = /^[^\x00-\x20\x7f-\x9f"(),.:;<>@[\\\]]+(?:\.[^\x00-\x20\x7f-\x9f"(),.:;<>@[\\\]]+)*$/;

/**
 * The local part that the words spell.
 *
 * White space or a comment between its words is refused: `first. last@example.com` may mean two things.
 *
 * @throws AddressError where the words are no local part.
 */
export function joinLocalPart(words: readonly Token[], at: Token, scanner: AddressScanner): string {
  let content = "";
  let wantsWord = true;
  for (const [index, word] of words.entries()) {
    if (index > 0 && word.spaced) {
      throw scanner.fault(
        "white space or a comment inside an address; a name before it needs Name <a@b.c>",
        word.start,
      );
    }
    if ((word.kind !== ".") !== wantsWord) {
      throw scanner.fault(
        wantsWord ? "a dot too many in the local part" : "two words without a dot in the local part",
        word.start,
      );
    }
    wantsWord = !wantsWord;
    content += word.value;
  }
  if (wantsWord) {
    throw scanner.fault(words.length === 0 ? 'nothing stands before "@"' : 'a dot before "@" must be quoted', at.start);
  }
  const invisible = findInvisible(content);
  if (invisible !== undefined) {
    const place = words[0]?.start ?? at.start;
    throw scanner.fault(
      `the local part holds a character that cannot be seen (${codePointName(content, invisible)})`,
      place,
    );
  }
  return quoteLocalPart(content);
}

/** The local part as it is written: bare when it can be, else in quotes (RFC 5321 §4.1.2). */
function quoteLocalPart(content: string): string {
  return DOT_ATOM.test(content) ? content : `"${content.replace(/["\\]/g, "\\$&")}"`;
}

// What a reader does not see makes another mailbox: spaces of other scripts, zero-width and direction marks, soft hyphens.
// The joiners U+200C and U+200D are letters to the scripts that need them.
// PERF: compiled on first use: as a literal it cost 0.4 ms at every start.
const INVISIBLE = "(?!\\u200c|\\u200d| )[\\p{Z}\\p{Cc}\\p{Cf}]";
let invisible: RegExp | undefined;

/** Index of the first character of a local part that nobody can see or type; undefined when there is none. */
function findInvisible(localPart: string): number | undefined {
  if (isPrintableAscii(localPart)) return undefined;
  invisible ??= new RegExp(INVISIBLE, "u");
  return invisible.exec(localPart)?.index;
}

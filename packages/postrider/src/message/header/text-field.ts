/**
 * Fields of text: Subject and its like, lists of phrases, and the name of a mailing list.
 *
 * Layer: message. RFC 5322 §2.2.1 and §3.6.5, RFC 2047 §5, RFC 2919, RFC 6532.
 */
import { MessageError } from "../../errors/errors.js";
import { phraseText } from "./address-field.js";
import { encodeText, encodeWords } from "./encoded-word.js";
import { type HeaderForm, trimSpace } from "./field-text.js";
import { fitsLine, foldChunks, foldField, splitChunks } from "./fold.js";

const ASCII_TEXT = /^[\t -~]*$/;
const LIST_ID = /^([^<>]*?)[ \t]*(<[!-;=?-~]+>)$/;

/**
 * An unstructured value, with encoded words where they are needed. Decoding gives exactly `value`, with its white space.
 */
export function formatText(name: string, value: string, form: HeaderForm): string {
  if (value === "") return `${name}:\r\n`;
  const column = name.length + 2;
  const text = form === "utf8" ? protectText(value, column) : encodeText(value, column);
  const chunks = splitChunks(` ${text}`);
  if (fitsLine(`${name}:${chunks[0]}`) && chunks.every(fitsLine)) return foldChunks(name, chunks, "joined");
  // No place to fold within the limit of a line: encoded words can be folded.
  return foldField(name, encodeWords(value, "text", column));
}

/**
 * Phrases with commas between, such as Keywords.
 *
 * @throws MessageError for quotes or comments beside text that is not ASCII: the phrases cannot be separated.
 */
export function formatPhrases(name: string, value: string, form: HeaderForm): string {
  if (form === "utf8" || (ASCII_TEXT.test(value) && !value.includes("=?"))) return foldField(name, value);
  if (/["()]/.test(value)) {
    throw new MessageError(name, "quotes and comments are not supported beside text that must be encoded");
  }
  const phrases = value.split(",").map((phrase) => trimSpace(phrase));
  if (phrases.includes("")) throw new MessageError(name, "a phrase is missing before or after a comma");
  const texts = phrases.map((phrase) => (ASCII_TEXT.test(phrase) ? phrase : encodeWords(phrase, "phrase", 1)));
  return foldField(name, texts.join(", "));
}

/**
 * `Name of the list <id.example.com>` (RFC 2919 §2); the name may be any text.
 *
 * @throws MessageError when there is no identifier in angle brackets.
 */
export function formatListId(name: string, value: string, form: HeaderForm): string {
  const match = LIST_ID.exec(value);
  if (match === null) throw new MessageError(name, "must end in an identifier, such as <list.example.com> (RFC 2919)");
  const [, phrase = "", id = ""] = match;
  if (phrase === "") return foldField(name, id);
  if (ASCII_TEXT.test(phrase)) return foldField(name, value);
  const text = phraseText(unquote(phrase), form, name.length + 2);
  return foldField(name, `${text} ${id}`);
}

/** In UTF-8, only text that looks like an encoded word, and white space at the ends, is encoded. */
function protectText(value: string, column: number): string {
  return value.includes("=?") || value !== trimSpace(value) ? encodeText(value, column) : value;
}

/** Unambiguous, so that it does not backtrack. */
const QUOTED = /^"(?:[^"\\]|\\.)*"$/;

function unquote(phrase: string): string {
  return QUOTED.test(phrase) ? phrase.slice(1, -1).replace(/\\(.)/g, "$1") : phrase;
}

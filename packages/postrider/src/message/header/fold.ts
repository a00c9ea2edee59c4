/**
 * Folding: long fields as several lines, broken only at white space.
 *
 * Layer: message. RFC 5322 §2.1.1 (78 and 998) and §2.2.3, RFC 6532 §3.4 (octets, not characters).
 */
import { MessageError } from "../../errors/errors.js";
import { MAX_ENCODED_LINE_LENGTH } from "./encoded-word.js";
import { isSpace, trimSpace } from "./field-text.js";

/** RFC 5322 §2.1.1: what a line SHOULD keep, without CRLF. */
export const MAX_LINE_LENGTH = 78;
/** RFC 5322 §2.1.1: what a line MUST keep, in octets without CRLF. */
const MAX_LINE_OCTETS = 998;

/**
 * The complete field with its CRLF, folded before white space inside the value. No line consists of white space alone,
 * which old readers take for the end of the header.
 *
 * @throws MessageError when a piece without white space exceeds the limit of a line.
 */
export function foldField(name: string, value: string): string {
  // PERF: most fields are short.
  if (name.length + 2 + value.length <= MAX_ENCODED_LINE_LENGTH) return `${name}: ${value}\r\n`;
  return foldChunks(name, splitChunks(` ${value}`), "joined");
}

/**
 * `"joined"`: the value begins on the line of the name, even if the line is long. QUIRK: readers such as Python 3.11's take
 * the space of a fold directly after the name for a part of the value. `"free"`: for values whose readers skip it.
 */
export type FoldStart = "joined" | "free";

/**
 * The complete field from unbreakable chunks, each with the white space before it; `start` default `"free"`.
 *
 * @throws MessageError when a chunk exceeds the limit of a line.
 */
export function foldChunks(name: string, chunks: readonly string[], start: FoldStart = "free"): string {
  const limit = chunks.some((chunk) => chunk.includes("=?")) ? MAX_ENCODED_LINE_LENGTH : MAX_LINE_LENGTH;
  let text = `${name}:`;
  let column = text.length;
  for (const chunk of chunks) {
    if (!fitsLine(chunk)) {
      throw new MessageError(
        name,
        `holds ${chunk.length} characters without white space at which to fold; a line has at most ${MAX_LINE_OCTETS} octets`,
      );
    }
    const stays = start === "joined" && text.length === name.length + 1 && fitsLine(text + chunk);
    if (column + chunk.length > limit && !stays) {
      text += "\r\n";
      column = 0;
    }
    text += chunk;
    column += chunk.length;
  }
  return `${text}\r\n`;
}

/** True when the chunk can stand on a line of its own. */
export function fitsLine(chunk: string): boolean {
  // PERF: a UTF-16 unit is at most three octets.
  return chunk.length * 3 <= MAX_LINE_OCTETS || Buffer.byteLength(chunk, "utf8") <= MAX_LINE_OCTETS;
}

/** White space followed by text: the units of folding. */
export function splitChunks(text: string): string[] {
  const chunks: string[] = [];
  let start = 0;
  for (let at = 1; at < text.length; at += 1) {
    if (isSpace(text, at) && !isSpace(text, at - 1)) {
      chunks.push(text.slice(start, at));
      start = at;
    }
  }
  const last = text.slice(start);
  // White space at the end belongs to the word before it: alone it would be a blank line.
  if (chunks.length > 0 && trimSpace(last) === "") chunks[chunks.length - 1] += last;
  else if (last !== "") chunks.push(last);
  return chunks;
}

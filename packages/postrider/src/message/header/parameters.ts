/**
 * Parameters of MIME fields: `; name=value` behind a media type or a disposition.
 *
 * Layer: message. RFC 2045 §5.1, RFC 2183, RFC 2231 (§3 continuations, §4 charset), RFC 2047.
 *
 * What goes out for a value that is not a plain token:
 * - printable ASCII: a quoted string; in pieces (`name*0`, `name*1`) when it is long;
 * - anything else: `name*=utf-8''...` (RFC 2231), in pieces when it is long;
 * - `name` of Content-Type: a quoted string that holds encoded words. RFC 2047 §5 forbids that, and it is what old
 *   clients read, which know nothing of RFC 2231. Readers that do know it take `filename*` of Content-Disposition. There
 *   is no second, plain `filename=` beside it: readers that take the first of two (Python's among them) would show that.
 */

import { MessageError } from "../../errors.js";
import { isPrintableAscii } from "../../text/characters.js";
import { encodeWords } from "./encoded-word.js";
import { checkFieldValue } from "./field-text.js";
import { splitChunks } from "./fold.js";

export interface ParameterRules {
  /** For errors; default `"parameters"`. */
  readonly field?: string | undefined;
  /** Parameters that old clients want as encoded words, in lower case. */
  readonly encodedWords?: readonly string[] | undefined;
}

const TOKEN = /^[!#$%&'*+.0-9A-Z^_`a-z{|}~-]+$/;
// QUIRK: a value with RFC 2231's own characters is a token, but Python's email loses it unless it is quoted.
const BARE = /^[!#$&+.0-9A-Z^_`a-z{|}~-]+$/;
// RFC 2231 attribute-char: a token without "*", "'" and "%".
const ATTRIBUTE_BYTE = Array.from({ length: 256 }, (_, byte) =>
  /[!#$&+.0-9A-Z^_`a-z{|}~-]/.test(String.fromCharCode(byte)),
);
// QUIRK: some readers decode a quoted string that reads like an encoded word or like RFC 2231, and trim one with spaces at
// its ends.
const READ_OTHERWISE = /=\?|^[A-Za-z0-9-]*'[A-Za-z-]*'|^ | $/;

/** Room for one parameter on a line of 78: a space before, a semicolon behind. */
const MAX_PARAMETER_LENGTH = 76;

/**
 * Each parameter as one chunk or more for a header line, a space before each and a semicolon between.
 *
 * @throws MessageError when a name is no token, or a value holds a control character or half a surrogate pair.
 */
export function parameterChunks(
  parameters: Iterable<readonly [name: string, value: string]>,
  rules: ParameterRules = {},
): string[] {
  const field = rules.field ?? "parameters";
  const all: string[][] = [];
  for (const [name, value] of parameters) {
    checkParameterName(name, field);
    checkFieldValue(`${field} ${name}`, value);
    all.push(...formatOne(name, value, rules));
  }
  return all.flatMap((chunks, index) => {
    const end = index === all.length - 1 ? "" : ";";
    return chunks.map((chunk, at) => ` ${chunk}${at === chunks.length - 1 ? end : ""}`);
  });
}

/**
 * The parameters as one text on one line, each led by `"; "`.
 *
 * @throws MessageError when a name is no token, or a value holds a control character or half a surrogate pair.
 * @example
 * formatParameters([["filename", "\u00e9.txt"]]);  // "; filename*=utf-8''%C3%A9.txt"
 */
export function formatParameters(
  parameters: Iterable<readonly [name: string, value: string]>,
  rules: ParameterRules = {},
): string {
  const chunks = parameterChunks(parameters, rules);
  return chunks.length === 0 ? "" : `;${chunks.join("")}`;
}

/** @throws MessageError when this cannot be the name of a parameter. */
function checkParameterName(name: string, field: string): void {
  if (!TOKEN.test(name) || name.length > MAX_NAME_LENGTH) {
    const shown = JSON.stringify(String(name).slice(0, 80));
    throw new MessageError(
      field,
      `${shown} is no parameter name: it must be a token of at most ${MAX_NAME_LENGTH} characters (RFC 2045 §5.1)`,
    );
  }
}

const MAX_NAME_LENGTH = 50;

/** The parameters that one becomes, each as chunks that may stand on lines of their own. */
function formatOne(name: string, value: string, rules: ParameterRules): string[][] {
  const isBoundary = name.toLowerCase() === "boundary";
  const isPlain = isPrintableAscii(value) && (isBoundary || !READ_OTHERWISE.test(value));
  // A name with a star is RFC 2231 that the caller made, and a boundary is compared as it stands: neither is encoded.
  if ((isBoundary && !isPlain) || (name.includes("*") && !TOKEN.test(value))) {
    throw new MessageError(
      rules.field ?? "parameters",
      `the value of ${name} cannot be encoded and must be plain ASCII`,
    );
  }
  if (name.includes("*")) return [[`${name}=${value}`]];
  if (isPlain) {
    const text = `${name}=${BARE.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`}`;
    if (isBoundary || text.length <= MAX_PARAMETER_LENGTH) return [[text]];
  }
  if (rules.encodedWords?.includes(name.toLowerCase()) === true) {
    // One chunk a word; the first is led by the name and the opening quote.
    const words = encodeWords(value, "phrase", name.length + 3);
    return [splitChunks(`${name}="${words}"`).map((chunk) => chunk.trimStart())];
  }
  return (isPlain ? cutQuoted(name, value) : cutEncoded(name, value)).map((piece) => [piece]);
}

/** `name*0="..."`, `name*1="..."`: RFC 2231 §3. */
function cutQuoted(name: string, value: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  for (const char of value) {
    const text = char === '"' || char === "\\" ? `\\${char}` : char;
    if (pieceLength(name, pieces.length) + 2 + piece.length + text.length > MAX_PARAMETER_LENGTH) {
      pieces.push(piece);
      piece = "";
    }
    piece += text;
  }
  pieces.push(piece);
  return pieces.map((text, index) => `${name}*${index}="${text}"`);
}

/** `name*=utf-8''...`, or `name*0*=utf-8''...`, `name*1*=...`: RFC 2231 §4 and §4.1; characters are never cut in half. */
function cutEncoded(name: string, value: string): string[] {
  const pieces: string[] = [];
  let piece = "utf-8''";
  for (const char of value) {
    const text = percentEncode(char);
    if (pieceLength(name, pieces.length) + 1 + piece.length + text.length > MAX_PARAMETER_LENGTH) {
      pieces.push(piece);
      piece = "";
    }
    piece += text;
  }
  pieces.push(piece);
  return pieces.length === 1
    ? pieces.map((text) => `${name}*=${text}`)
    : pieces.map((text, index) => `${name}*${index}*=${text}`);
}

/** Length of `name*12=`. */
function pieceLength(name: string, index: number): number {
  return name.length + 2 + String(index).length;
}

function percentEncode(char: string): string {
  let text = "";
  for (const byte of Buffer.from(char, "utf8")) {
    text +=
      ATTRIBUTE_BYTE[byte] === true && byte < 128
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}

/**
 * Media types and dispositions: a value, then parameters, read strictly.
 *
 * Layer: message. RFC 2045 §5.1, RFC 2183, RFC 6838 §4.2.
 */
import { MessageError } from "../../errors/errors.js";
import { isPrintableAscii } from "../../text/characters.js";
import { encodeWords } from "./encoded-word.js";
import { checkFieldValue } from "./field-text.js";
import { splitChunks } from "./fold.js";

export interface ContentType {
  /** In lower case. */
  readonly type: string;
  /** In lower case. */
  readonly subtype: string;
  /** Names in lower case, values without quotes, in the order given. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** A value such as `attachment`, and its parameters. */
export interface ParameterizedValue {
  /** As given. */
  readonly value: string;
  /** Names in lower case, values without quotes, in the order given. */
  readonly parameters: ReadonlyMap<string, string>;
}

const MEDIA_TYPE = /^([A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126})\/([A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126})$/;
const NEXT_TOKEN = /[!#$%&'*+.0-9A-Z^_`a-z{|}~-]+/y;
const VALUE = /[^\t ;]+/y;

/**
 * Reads `type/subtype; name=value; name="value"`. Nothing is guessed: a missing subtype, a parameter given twice, a
 * comment or a bare semicolon at the end is an error.
 *
 * @throws MessageError (`"message"`) naming `field`, default `"contentType"`.
 * @example
 * parseContentType('text/plain; charset="utf-8"');  // { type: "text", subtype: "plain", parameters: Map { "charset" => "utf-8" } }
 */
export function parseContentType(text: string, field: string = "contentType"): ContentType {
  const { value, parameters } = parseParameterized(text, field);
  const match = MEDIA_TYPE.exec(value);
  if (match === null) {
    throw new MessageError(
      field,
      `${JSON.stringify(value.slice(0, 80))} is not a media type such as "text/plain" (RFC 6838 §4.2)`,
    );
  }
  const [, type = "", subtype = ""] = match;
  return { type: type.toLowerCase(), subtype: subtype.toLowerCase(), parameters };
}

/**
 * Reads a value and its parameters, as in Content-Disposition.
 *
 * @throws MessageError (`"message"`) naming `field`.
 */
export function parseParameterized(text: string, field: string): ParameterizedValue {
  checkFieldValue(field, text);
  let position = skipSpace(text, 0);
  const value = match(VALUE, text, position);
  if (value === undefined) throw new MessageError(field, "is empty");
  position = skipSpace(text, position + value.length);
  const parameters = new Map<string, string>();
  while (position < text.length) {
    if (text[position] !== ";") throw fault(field, text, position, 'expected ";"');
    position = readParameter(text, skipSpace(text, position + 1), field, parameters);
  }
  return { value, parameters };
}

function readParameter(text: string, start: number, field: string, parameters: Map<string, string>): number {
  const name = match(NEXT_TOKEN, text, start);
  if (name === undefined) throw fault(field, text, start, 'expected a parameter after ";"');
  const equals = start + name.length;
  if (text[equals] !== "=") throw fault(field, text, equals, `expected "=" after ${name}`);
  const key = name.toLowerCase();
  if (parameters.has(key)) throw fault(field, text, start, `the parameter ${key} is given twice`);
  const begin = equals + 1;
  if (text[begin] === '"') {
    const [value, end] = readQuoted(text, begin, field);
    parameters.set(key, value);
    return skipSpace(text, end);
  }
  const value = match(NEXT_TOKEN, text, begin);
  if (value === undefined)
    throw fault(field, text, begin, `expected the value of ${name}, in quotes unless it is a token`);
  parameters.set(key, value);
  return skipSpace(text, begin + value.length);
}

function readQuoted(text: string, start: number, field: string): [value: string, end: number] {
  let value = "";
  for (let at = start + 1; at < text.length; at += 1) {
    const unit = text[at];
    if (unit === '"') return [value, at + 1];
    if (unit === "\\") at += 1;
    value += text[at] ?? "";
  }
  throw fault(field, text, start, "a quoted string is opened and never closed");
}

function match(pattern: RegExp, text: string, position: number): string | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0];
}

function skipSpace(text: string, position: number): number {
  let at = position;
  while (text[at] === " " || text[at] === "\t") at += 1;
  return at;
}

function fault(field: string, text: string, position: number, rule: string): MessageError {
  return new MessageError(field, `${rule} at position ${position} of ${JSON.stringify(text.slice(0, 80))}`);
}

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
      `${shown} is not a parameter name: it must be a token of at most ${MAX_NAME_LENGTH} characters (RFC 2045 §5.1)`,
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

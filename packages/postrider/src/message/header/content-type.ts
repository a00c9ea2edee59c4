/**
 * Media types and dispositions: a value, then parameters, read strictly.
 *
 * Layer: message. RFC 2045 §5.1, RFC 2183, RFC 6838 §4.2.
 */
import { MessageError } from "../../errors.js";
import { checkFieldValue } from "./field-text.js";

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
      `${JSON.stringify(value.slice(0, 80))} is no media type, such as "text/plain" (RFC 6838 §4.2)`,
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

/**
 * Structured fields: identifiers, media types with parameters, and everything with a grammar of its own.
 *
 * Layer: message. RFC 5322 §2.2.2 and §3.6.4, RFC 2045 §5 and §7, RFC 2183, RFC 2231.
 */
import { MessageError } from "../../errors.js";
import { parseContentType, parseParameterized } from "./content-type.js";
import { foldChunks, foldField } from "./fold.js";
import type { HeaderForm } from "./form.js";
import { parameterChunks } from "./parameters.js";
import { findGrammarFault } from "./structured-grammar.js";
import { trimSpace } from "./white-space.js";

const ASCII_TEXT = /^[\t -~]*$/;
/**
 * An identifier that this message gives itself: printable ASCII on both sides of the at sign. SECURITY: no start of an encoded word,
 * which some readers decode here too: what they then read may hold line breaks.
 */
export const OWN_ID: RegExp = /^(?!.*=\?)[!-;=?A-~]+@[!-;=?A-~]+$/;
/** An identifier that another program gave. QUIRK: some have no "@" or odd dots; threads break when they are refused. */
export const FOREIGN_ID: RegExp = /^[!-;=?-~]+$/;
/** An identifier of a part. */
export const CONTENT_ID: RegExp = /^(?!.*=\?)[!-;=?-~]+$/;
const BRACKETED = /^<([^<>]*)>$/;
const MESSAGE_ID_LIST = /^<[!-;=?-~]+>(?:[ \t]+<[!-;=?-~]+>)*$/;
const TOKEN = /^[!#$%&'*+.0-9A-Z^_`a-z{|}~-]+$/;

/** @throws MessageError when this is not one identifier in angle brackets. */
export function formatMessageId(name: string, value: string): string {
  const id = BRACKETED.exec(value)?.[1] ?? "";
  if (!(/^content-id$/i.test(name) ? CONTENT_ID : OWN_ID).test(id))
    throw notMessageId(name, value, "one identifier in angle brackets, such as <id@example.com>");
  return foldField(name, value);
}

/** @throws MessageError when this is not one identifier or more, each in angle brackets, with white space between. */
export function formatMessageIds(name: string, value: string): string {
  if (!MESSAGE_ID_LIST.test(value))
    throw notMessageId(name, value, "identifiers in angle brackets with a space between");
  return foldField(name, value);
}

/**
 * A media type; its `name` parameter is written for old clients too.
 *
 * @throws MessageError when it does not parse.
 */
export function formatContentType(name: string, value: string): string {
  const { type, subtype, parameters } = parseContentType(value, name);
  return joinParameters(
    name,
    `${type}/${subtype}`,
    parameterChunks(parameters, { field: name, encodedWords: ["name"] }),
  );
}

/**
 * Another value with parameters, such as a disposition.
 *
 * @throws MessageError when it does not parse.
 */
export function formatParameterized(name: string, text: string): string {
  const { value, parameters } = parseParameterized(text, name);
  if (!TOKEN.test(value))
    throw new MessageError(name, `${JSON.stringify(value.slice(0, 80))} is no token (RFC 2045 §5.1)`);
  return joinParameters(name, value, parameterChunks(parameters, { field: name }));
}

/**
 * Any other structured value: checked by the grammar of the field, written as it is, folded at white space.
 *
 * @throws MessageError for what the field cannot be, and for text that is not ASCII: encoded words have no place in these fields (RFC 2047 §5).
 */
export function formatStructured(name: string, value: string, form: HeaderForm): string {
  if (form === "ascii" && !ASCII_TEXT.test(value)) {
    throw new MessageError(name, "must be ASCII: this field has no way to encode other characters (RFC 2047 §5)");
  }
  const text = trimSpace(value);
  if (text === "") throw new MessageError(name, "is empty");
  const fault = findGrammarFault(name, text);
  if (fault !== undefined) throw new MessageError(name, fault);
  return foldField(name, text);
}

function joinParameters(name: string, value: string, chunks: readonly string[]): string {
  return foldChunks(name, [` ${value}${chunks.length === 0 ? "" : ";"}`, ...chunks]);
}

function notMessageId(name: string, value: string, expected: string): MessageError {
  return new MessageError(name, `must be ${expected}, not ${JSON.stringify(value.slice(0, 80))}`);
}

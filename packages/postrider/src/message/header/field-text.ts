/**
 * What may stand in a header field: the one check that every name and value passes.
 *
 * Layer: message. RFC 5322 §2.2 and §3.6.8 (ftext), RFC 6532 §3.2.
 */
import { MessageError } from "../../errors.js";

// RFC 5322 ftext: printable ASCII without the colon.
const FIELD_NAME = /^[!-9;-~]+$/;
// SECURITY: a line break in a value starts a field of the attacker's. TAB is white space, other controls have no meaning.
const PLAIN = /^[\t\x20-\x7e]*$/;
const FORBIDDEN = /[\x00-\x08\x0a-\x1f\x7f]/;

const LONE_SURROGATE = /[\ud800-\udfff]/u;

/** A name, its colon and a folded value must fit; no field in use comes near. */
const MAX_FIELD_NAME_LENGTH = 76;

/** @throws MessageError when this cannot be the name of a field. */
export function checkFieldName(name: string): void {
  if (typeof name !== "string") throw new MessageError("headers", "the name of a header must be a string");
  if (!FIELD_NAME.test(name)) {
    throw new MessageError(
      "headers",
      `${JSON.stringify(name.slice(0, 80))} is no header name: one or more printable ASCII characters, no space, no colon`,
    );
  }
  if (name.length > MAX_FIELD_NAME_LENGTH) {
    throw new MessageError(
      "headers",
      `the header name ${name.slice(0, 20)}... is longer than ${MAX_FIELD_NAME_LENGTH}`,
    );
  }
}

/** @throws MessageError when the value holds a control character other than TAB, or half of a surrogate pair. */
export function checkFieldValue(name: string, value: string): void {
  if (typeof value !== "string") throw new MessageError(name, "the value of a header must be a string");
  if (PLAIN.test(value)) return;
  const control = FORBIDDEN.exec(value);
  if (control !== null) {
    throw new MessageError(name, `must not hold the control character ${codePoint(value, control.index)}`);
  }
  if (LONE_SURROGATE.test(value)) throw new MessageError(name, "holds half of a surrogate pair, which is no character");
}

function codePoint(text: string, index: number): string {
  return `U+${text.charCodeAt(index).toString(16).toUpperCase().padStart(4, "0")}, at position ${index}`;
}

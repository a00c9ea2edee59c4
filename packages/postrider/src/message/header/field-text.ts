/**
 * What may stand in a header field: the one check that every name and value passes.
 *
 * Layer: message. RFC 5322 §2.2 and §3.6.8 (ftext), RFC 6532 §3.2.
 */
import { MessageError } from "../../errors.js";
import { codePointName, findHeaderControl, findLoneSurrogate } from "../../text/characters.js";

// RFC 5322 ftext: printable ASCII without the colon.
const FIELD_NAME = /^[!-9;-~]+$/;

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
  // SECURITY: a line break in a value starts a field of the attacker's.
  const control = findHeaderControl(value);
  if (control !== undefined) {
    const found = codePointName(value, control);
    throw new MessageError(name, `must not hold the control character ${found}, at position ${control}`);
  }
  if (findLoneSurrogate(value) !== undefined)
    throw new MessageError(name, "holds half of a surrogate pair, which is no character");
}

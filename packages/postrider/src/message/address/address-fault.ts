/**
 * How an address that does not parse is reported: the rule, and the place in the text.
 *
 * Layer: message.
 */
import { AddressError } from "../../errors.js";

/** Characters of the text that are shown on each side of the place. */
const CONTEXT_LENGTH = 24;

/** An AddressError that quotes what stands around `position`; controls are shown escaped. */
export function addressFault(field: string, text: string, position: number, rule: string): AddressError {
  const before = text.slice(Math.max(0, position - CONTEXT_LENGTH), position);
  const after = text.slice(position, position + CONTEXT_LENGTH);
  const place = [
    before === "" ? "at the start" : `after ${JSON.stringify(before)}`,
    after === "" ? "at the end" : `before ${JSON.stringify(after)}`,
  ];
  return new AddressError(field, `${rule} (position ${position}, ${place.join(", ")})`, { position });
}

/**
 * The second half of a media type, given alone.
 *
 * Layer: message. RFC 6838 §4.2.
 */
import { MessageError } from "../errors.js";
import { describe } from "../given.js";

const SUBTYPE = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;

/** @throws MessageError (`"message"`) when this is no subtype; parameters do not belong in it. */
export function checkSubtype(subtype: unknown): asserts subtype is string {
  if (typeof subtype === "string" && SUBTYPE.test(subtype)) return;
  const given = typeof subtype === "string" ? JSON.stringify(subtype.slice(0, 80)) : describe(subtype);
  throw new MessageError("subtype", `${given} is no subtype such as "plain" or "alternative"`);
}

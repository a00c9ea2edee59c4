/**
 * What no address and no name may hold, whatever the grammar says.
 *
 * Layer: message. RFC 5321 §4.1.2, RFC 6531 §3.3, RFC 6532 §3.2.
 */
import { addressFault } from "./address-fault.js";

// SECURITY: a line break in an address or a name is a command or a header of the attacker's.
const CONTROL = /[\x00-\x1f\x7f-\x9f]/;
const CONTROL_BUT_TAB = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/;
const LONE_SURROGATE = /[\ud800-\udfff]/u;
const PLAIN = /^[\x20-\x7e]*$/;
// What a reader does not see makes another mailbox: spaces of other scripts, zero-width and direction marks, soft hyphens.
// The joiners U+200C and U+200D are letters to the scripts that need them.
// PERF: compiled on first use: as a literal it cost 0.4 ms at every start.
const INVISIBLE = "(?!\\u200c|\\u200d| )[\\p{Z}\\p{Cc}\\p{Cf}]";
let invisible: RegExp | undefined;

/** @throws AddressError for a control character or half of a surrogate pair; TAB is white space where `tab` says so. */
export function checkAddressText(text: string, field: string, tab: "white-space" | "forbidden" = "forbidden"): void {
  if (PLAIN.test(text)) return;
  const control = (tab === "forbidden" ? CONTROL : CONTROL_BUT_TAB).exec(text);
  if (control !== null) throw addressFault(field, text, control.index, "control characters are not allowed here");
  const surrogate = LONE_SURROGATE.exec(text);
  if (surrogate !== null) {
    throw addressFault(field, text, surrogate.index, "half of a surrogate pair is no character");
  }
}

/** Index of the first character of a local part that nobody can see or type; undefined when there is none. */
export function findInvisible(localPart: string): number | undefined {
  if (PLAIN.test(localPart)) return undefined;
  invisible ??= new RegExp(INVISIBLE, "u");
  return invisible.exec(localPart)?.index;
}

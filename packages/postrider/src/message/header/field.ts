/**
 * Header fields as bytes-to-be: checked, encoded, folded, ended by CRLF.
 *
 * Layer: message. RFC 5322 §2.2 and §3.6, RFC 2047, RFC 2231, RFC 6532.
 */
import { addressValueNeedsUtf8, formatAddressValue } from "./address-field.js";
import { MAX_ENCODED_LINE_LENGTH } from "./encoded-word.js";
import { type FieldKind, fieldKind, knownFieldKind } from "./field-kinds.js";
import { checkFieldName, checkFieldValue } from "./field-text.js";
import type { HeaderForm } from "./form.js";
import {
  formatContentType,
  formatMessageId,
  formatMessageIds,
  formatParameterized,
  formatStructured,
} from "./structured-field.js";
import { formatListId, formatPhrases, formatText } from "./text-field.js";

export { formatAddressField } from "./address-field.js";
export type { HeaderForm } from "./form.js";

// Printable ASCII that does not begin with a space.
const PLAIN = /^[!-~][ -~]*$/;

/**
 * The complete field, with folding and the final CRLF. How the value is read depends on the name (see field-kinds.ts):
 * addresses are parsed and written anew, parameters encoded by RFC 2231, text by RFC 2047; what has a grammar of its own
 * must be ASCII.
 *
 * @throws AddressError (`"address"`) when an address field does not parse, or needs UTF-8 in the form `"ascii"`.
 * @throws MessageError (`"message"`) when the name or value may not stand in a header, or cannot be folded.
 * @example
 * formatField("Subject", "Grüße", "ascii");  // "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"
 */
export function formatField(name: string, value: string, form: HeaderForm): string {
  let kind = knownFieldKind(name);
  if (kind === undefined) {
    checkFieldName(name);
    kind = fieldKind(name);
  }
  // PERF: a short line of plain text is most of what there is.
  if (kind === "text" && isPlainLine(name, value)) return `${name}: ${value}\r\n`;
  checkFieldValue(name, value);
  return formatKind(kind, name, value, form);
}

/**
 * True when the field cannot be written in ASCII, because an address in it has a local part that is not (RFC 6531).
 *
 * @throws AddressError (`"address"`) when an address field does not parse.
 */
export function fieldNeedsUtf8(name: string, value: string): boolean {
  const kind = fieldKind(name);
  return (kind === "addresses" || kind === "mailbox") && addressValueNeedsUtf8(name, value);
}

function isPlainLine(name: string, value: string): boolean {
  return (
    typeof value === "string" &&
    name.length + 2 + value.length <= MAX_ENCODED_LINE_LENGTH &&
    PLAIN.test(value) &&
    value.charCodeAt(value.length - 1) !== 0x20 &&
    !value.includes("=?")
  );
}

function formatKind(kind: FieldKind, name: string, value: string, form: HeaderForm): string {
  switch (kind) {
    case "mailbox":
      return formatAddressValue(name, value, form, true);
    case "addresses":
      return formatAddressValue(name, value, form, false);
    case "message-id":
      return formatMessageId(name, value);
    case "message-ids":
      return formatMessageIds(name, value);
    case "content-type":
      return formatContentType(name, value);
    case "parameterized":
      return formatParameterized(name, value);
    case "phrases":
      return formatPhrases(name, value, form);
    case "list-id":
      return formatListId(name, value, form);
    case "structured":
      return formatStructured(name, value, form);
    case "text":
      return formatText(name, value, form);
  }
}

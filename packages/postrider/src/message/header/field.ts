/**
 * Formats header fields: checked, encoded, folded, ended by CRLF.
 *
 * Layer: message. RFC 5322 §2.2 and §3.6, RFC 2047, RFC 2231, RFC 6532; fields of RFC 2369, RFC 2919, RFC 8058 and RFC 8617.
 */
import { addressValueNeedsUtf8, formatAddressValue } from "./address-field.js";
import { MAX_ENCODED_LINE_LENGTH } from "./encoded-word.js";
import { checkFieldName, checkFieldValue, type HeaderForm } from "./field-text.js";
import {
  formatContentType,
  formatMessageId,
  formatMessageIds,
  formatParameterized,
  formatStructured,
} from "./structured-field.js";
import { formatListId, formatPhrases, formatText } from "./text-field.js";

export { formatAddressField } from "./address-field.js";
export type { HeaderForm } from "./field-text.js";

// Printable ASCII that does not begin with a space.
const PLAIN = /^[!-~][ -~]*$/;

/**
 * The complete field, with folding and the final CRLF. How the value is read depends on the name (see field-kinds.ts):
 * addresses are parsed and written anew, parameters encoded by RFC 2231, text by RFC 2047; fields with another grammar
 * must be ASCII.
 *
 * @throws AddressError (`"address"`) when an address field does not parse, or needs UTF-8 in the form `"ascii"`.
 * @throws MessageError (`"message"`) when the name or value is invalid, or cannot be folded.
 * @example
 * formatField("Subject", "Grüße", "ascii");  // "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"
 */
export function formatField(name: string, value: string, form: HeaderForm): string {
  let kind = knownFieldKind(name);
  if (kind === undefined) {
    checkFieldName(name);
    kind = fieldKind(name);
  }
  // PERF: the fast path for a short line of plain text.
  if (kind === "text" && isPlainLine(name, value)) return `${name}: ${value}\r\n`;
  checkFieldValue(name, value);
  return formatKind(kind, name, value, form);
}

/**
 * Whether the field needs SMTPUTF8: an address in it has a local part that is not ASCII (RFC 6531).
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

/**
 * - `mailbox`, `addresses`: exactly one mailbox; a list of mailboxes and groups.
 * - `message-id`, `message-ids`: one identifier in angle brackets; one or more.
 * - `content-type`, `parameterized`: a media type with parameters; another value with parameters.
 * - `phrases`: phrases with commas between (Keywords). `list-id`: a phrase and an identifier.
 * - `structured`: another grammar, without encoded words: ASCII, folded at white space.
 * - `text`: unstructured (RFC 5322 §2.2.1); every field that is not in the table.
 */
export type FieldKind =
  | "mailbox"
  | "addresses"
  | "message-id"
  | "message-ids"
  | "content-type"
  | "parameterized"
  | "phrases"
  | "list-id"
  | "structured"
  | "text";

const NAMES: Readonly<Record<Exclude<FieldKind, "text">, string>> = {
  mailbox: "Sender Resent-Sender",
  addresses:
    "From To Cc Bcc Reply-To Resent-From Resent-To Resent-Cc Resent-Bcc Resent-Reply-To Disposition-Notification-To " +
    "Return-Receipt-To Errors-To Mail-Followup-To Mail-Reply-To Apparently-To Original-From",
  "message-id": "Message-ID Resent-Message-ID Content-ID",
  "message-ids": "In-Reply-To References Original-Message-ID Supersedes",
  "content-type": "Content-Type",
  parameterized: "Content-Disposition Disposition-Notification-Options",
  phrases: "Keywords",
  "list-id": "List-ID",
  structured:
    "Date Resent-Date MIME-Version Content-Transfer-Encoding Content-Language Content-Location Content-Base Content-MD5 " +
    "Content-Duration Content-Features Received Received-SPF Return-Path Delivered-To X-Original-To DKIM-Signature DomainKey-Signature " +
    "ARC-Seal ARC-Message-Signature ARC-Authentication-Results Authentication-Results BIMI-Selector VBR-Info " +
    "List-Unsubscribe List-Unsubscribe-Post List-Subscribe List-Post List-Help List-Archive List-Owner Archived-At " +
    "Auto-Submitted Precedence Importance Priority X-Priority X-MSMail-Priority Sensitivity Accept-Language Autocrypt " +
    "TLS-Required Require-Recipient-Valid-Since Original-Recipient Expires Expiry-Date Delivery-Date Deferred-Delivery " +
    "MT-Priority Encrypted",
};

const KINDS = new Map<string, FieldKind>();
for (const [kind, names] of Object.entries(NAMES)) {
  for (const name of names.split(" ")) {
    // PERF: nearly all names have the spelling of the table, and need no conversion to lower case.
    KINDS.set(name, kind as FieldKind);
    KINDS.set(name.toLowerCase(), kind as FieldKind);
  }
}
for (const name of ["Subject", "Comments", "Content-Description", "Organization", "User-Agent", "X-Mailer"]) {
  KINDS.set(name, "text");
}

/** The kind by a name in a usual spelling, without further work; undefined for all others. */
function knownFieldKind(name: string): FieldKind | undefined {
  return KINDS.get(name);
}

/** The kind of the field; the case of the name does not matter. */
export function fieldKind(name: string): FieldKind {
  return KINDS.get(name) ?? KINDS.get(name.toLowerCase()) ?? "text";
}

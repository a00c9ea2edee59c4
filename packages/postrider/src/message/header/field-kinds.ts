/**
 * What each header field holds, by its name: the table that decides how a value is checked, encoded and folded.
 *
 * Layer: message. RFC 5322 §3.6, RFC 2045, RFC 2183, RFC 2369, RFC 2919, RFC 3461, RFC 6376, RFC 8058, RFC 8617; the IANA
 * registry of message header field names.
 */

/**
 * - `mailbox`, `addresses`: exactly one mailbox; a list of mailboxes and groups.
 * - `message-id`, `message-ids`: one identifier in angle brackets; one or more.
 * - `content-type`, `parameterized`: a media type with parameters; another value with parameters.
 * - `phrases`: phrases with commas between (Keywords). `list-id`: a phrase and an identifier.
 * - `structured`: a grammar of its own, in which encoded words have no place: ASCII, folded at white space.
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
    // PERF: nearly all names come in the spelling of the table, and need no folding to lower case.
    KINDS.set(name, kind as FieldKind);
    KINDS.set(name.toLowerCase(), kind as FieldKind);
  }
}
for (const name of ["Subject", "Comments", "Content-Description", "Organization", "User-Agent", "X-Mailer"]) {
  KINDS.set(name, "text");
}

/** The kind by a name in a usual spelling, without further work; undefined for all others. */
export function knownFieldKind(name: string): FieldKind | undefined {
  return KINDS.get(name);
}

/** The kind of the field; the case of the name does not matter. */
export function fieldKind(name: string): FieldKind {
  return KINDS.get(name) ?? KINDS.get(name.toLowerCase()) ?? "text";
}

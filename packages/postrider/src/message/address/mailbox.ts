/**
 * Mailboxes and groups: the values that address fields hold.
 *
 * Layer: message. RFC 5322 §3.4, RFC 6532.
 */
import { domainToUtf8 } from "../../idna.js";

/** One mailbox (RFC 5322 §3.4). */
export interface Mailbox {
  /** The display name, decoded and without quotes; undefined when there is none. */
  readonly name: string | undefined;
  /** The addr-spec without comments and white space; the local part is quoted only when it must be. */
  readonly address: string;
  /** `address` with its domain as A-labels (RFC 5890); undefined when the local part is not ASCII. */
  readonly asciiAddress: string | undefined;
}

/** A named group, such as `undisclosed-recipients:;` (RFC 5322 §3.4). */
export interface Group {
  readonly name: string;
  readonly members: readonly Mailbox[];
}

/** Tells groups from mailboxes. */
export function isGroup(entry: Mailbox | Group): entry is Group {
  return "members" in entry;
}

/**
 * The address as a header shows it, undefined when it cannot be ASCII.
 *
 * SECURITY: the domain is the one that is on the wire. As Unicode it is written only beside a local part that needs UTF-8
 * anyway, and only when every reader maps it to the same A-labels; else it is A-labels there too.
 */
export function headerAddress(mailbox: Mailbox, form: "ascii" | "utf8"): string | undefined {
  if (form === "ascii" || mailbox.asciiAddress !== undefined) return mailbox.asciiAddress;
  const at = mailbox.address.lastIndexOf("@") + 1;
  return mailbox.address.slice(0, at) + domainToUtf8(mailbox.address.slice(at));
}

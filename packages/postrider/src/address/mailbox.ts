/**
 * Mailboxes and groups: the values in address fields and envelopes, and their forms in commands and headers.
 *
 * Layer: address. RFC 5322 §3.4, RFC 6532, RFC 5321 §4.1.2, RFC 6531 §3.3.
 */
import { domainToAscii, domainToUtf8 } from "./domain.js";

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
  /** The name of the group, decoded and without quotes. */
  readonly name: string;
  /** Its mailboxes, in order; possibly none. */
  readonly members: readonly Mailbox[];
}

/** An address without a name (RFC 5322 §3.4.1). */
export type AddrSpec = Pick<Mailbox, "address" | "asciiAddress">;

/** Tells groups from mailboxes. */
export function isGroup(entry: Mailbox | Group): entry is Group {
  return Object.hasOwn(entry, "members");
}

/** The mailboxes of a list, groups by their members, in order. */
export function mailboxesOf(list: readonly (Mailbox | Group)[]): readonly Mailbox[] {
  // PERF: most lists have no group, and are returned as they are.
  const isFlat = list.every((entry): entry is Mailbox => !isGroup(entry));
  return isFlat ? list : list.flatMap((entry) => (isGroup(entry) ? entry.members : [entry]));
}

/**
 * The address in a path, for MAIL and RCPT.
 *
 * SECURITY: the ASCII form wherever there is one, also with SMTPUTF8, so that no server maps a soft hyphen or a full-width letter in
 * its own way. A Unicode domain is written only next to a local part in UTF-8, and only when every reader maps it to the same A-labels.
 */
export function pathAddress({ address, asciiAddress }: AddrSpec): string {
  if (asciiAddress !== undefined) return asciiAddress;
  const at = address.lastIndexOf("@") + 1;
  return address.slice(0, at) + domainToUtf8(address.slice(at));
}

/** The address in a header, the same as in the path; undefined when ASCII is asked for and impossible. */
export function headerAddress(mailbox: AddrSpec, form: "ascii" | "utf8"): string | undefined {
  return form === "ascii" ? mailbox.asciiAddress : pathAddress(mailbox);
}

/** A key that is equal for two spellings of a mailbox: the local part unchanged, the domain as A-labels in lower case. */
export function mailboxKey(mailbox: AddrSpec): string {
  const address = mailbox.asciiAddress ?? mailbox.address;
  const at = address.lastIndexOf("@") + 1;
  const domain = address.slice(at);
  // The domain of an ASCII form is mapped already.
  if (mailbox.asciiAddress !== undefined) return address.slice(0, at) + domain.toLowerCase();
  return address.slice(0, at) + (domainToAscii(domain) ?? domain).toLowerCase();
}

/**
 * Mailboxes and groups: the values that address fields and envelopes hold, and the forms in which they go out.
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
  readonly name: string;
  readonly members: readonly Mailbox[];
}

/** An address without a name: what may stand between angle brackets. */
export type AddrSpec = Pick<Mailbox, "address" | "asciiAddress">;

/** Tells groups from mailboxes. */
export function isGroup(entry: Mailbox | Group): entry is Group {
  return Object.hasOwn(entry, "members");
}

/** The mailboxes of a list, groups by their members, in order. */
export function mailboxesOf(list: readonly (Mailbox | Group)[]): readonly Mailbox[] {
  return list.flatMap((entry) => (isGroup(entry) ? entry.members : [entry]));
}

/**
 * What stands between the angle brackets of a command.
 *
 * SECURITY: the ASCII form wherever there is one, also in a transaction that has SMTPUTF8 for other reasons: what a server
 * makes of a soft hyphen or a full-width letter is not left to it. As Unicode the domain is written only beside a local part that
 * needs UTF-8 anyway, and only when every reader maps it to the same A-labels.
 */
export function pathAddress({ address, asciiAddress }: AddrSpec): string {
  if (asciiAddress !== undefined) return asciiAddress;
  const at = address.lastIndexOf("@") + 1;
  return address.slice(0, at) + domainToUtf8(address.slice(at));
}

/** The address as a header shows it, which is the one on the wire; undefined when it cannot be ASCII. */
export function headerAddress(mailbox: AddrSpec, form: "ascii" | "utf8"): string | undefined {
  return form === "ascii" ? mailbox.asciiAddress : pathAddress(mailbox);
}

/** Equal for two spellings of the same mailbox: the local part as it is, the domain as A-labels in lower case. */
export function mailboxKey(mailbox: AddrSpec): string {
  const address = mailbox.asciiAddress ?? mailbox.address;
  const at = address.lastIndexOf("@") + 1;
  const domain = address.slice(at);
  // The domain of an ASCII form was mapped already.
  if (mailbox.asciiAddress !== undefined) return address.slice(0, at) + domain.toLowerCase();
  return address.slice(0, at) + (domainToAscii(domain) ?? domain).toLowerCase();
}

/**
 * Mailboxes and groups: the values that address fields hold.
 *
 * Layer: message. RFC 5322 §3.4, RFC 6532.
 */

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

export function isGroup(entry: Mailbox | Group): entry is Group {
  return "members" in entry;
}

/**
 * Addresses as text that people read and the parser takes back.
 *
 * Layer: message. RFC 5322 §3.2.5 and §3.4, RFC 6532.
 */
import { AddressError } from "../../errors.js";
import { checkAddressText } from "./address-text.js";
import { type Group, isGroup, type Mailbox } from "./mailbox.js";
import { parseBareAddress } from "./parse.js";

// Words of atoms with one space between them: such a name needs no quotes.
const ATOMS = /^[^\x00-\x20\x7f"(),.:;<>@[\\\]]+(?: [^\x00-\x20\x7f"(),.:;<>@[\\\]]+)*$/;

/**
 * One mailbox as text: `Jane Doe <jane@example.com>`. The name is quoted where it must be, and stays readable Unicode.
 *
 * @throws AddressError (`"address"`) when name or address could not be parsed back.
 * @example
 * formatAddress({ name: "Doe, Jane", address: "jane@example.com", asciiAddress: "jane@example.com" });
 * // '"Doe, Jane" <jane@example.com>'
 */
export function formatAddress(mailbox: Mailbox): string {
  const { address } = parseBareAddress(mailbox.address);
  if (mailbox.name === undefined || mailbox.name === "") return address;
  checkAddressText(mailbox.name, "name");
  return `${formatPhrase(mailbox.name)} <${address}>`;
}

/**
 * Mailboxes and groups as one text, commas between: what `parseAddressList` reads.
 *
 * @throws AddressError (`"address"`) when a name or an address could not be parsed back.
 */
export function formatAddressList(list: readonly (Mailbox | Group)[]): string {
  return list.map((entry) => (isGroup(entry) ? formatGroup(entry) : formatAddress(entry))).join(", ");
}

/** A name as a phrase: as it is, or as a quoted string. */
export function formatPhrase(name: string): string {
  // What looks like an encoded word is one only outside quotes (RFC 2047 §5).
  if (ATOMS.test(name) && !name.includes("=?")) return name;
  return `"${name.replace(/["\\]/g, "\\$&")}"`;
}

function formatGroup(group: Group): string {
  if (group.name === "") throw new AddressError("name", "a group needs a name");
  checkAddressText(group.name, "name");
  const members = group.members.map(formatAddress).join(", ");
  return members === "" ? `${formatPhrase(group.name)}:;` : `${formatPhrase(group.name)}: ${members};`;
}

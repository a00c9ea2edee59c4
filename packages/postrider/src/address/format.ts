/**
 * Formats addresses as text that the parser reads back.
 *
 * Layer: address. RFC 5322 §3.2.5 and §3.4, RFC 6532.
 */
import { AddressError } from "../errors/errors.js";
import { type Group, isGroup, type Mailbox } from "./mailbox.js";
import { parseBareAddress } from "./parser.js";
import { checkAddressText } from "./scanner.js";

// Atoms with one space between them: such a name needs no quotes.
const ATOMS = /^[^\x00-\x20\x7f"(),.:;<>@[\\\]]+(?: [^\x00-\x20\x7f"(),.:;<>@[\\\]]+)*$/;

/**
 * One mailbox or group as text: `Jane Doe <jane@example.com>`, `Team: ann@example.org, bob@example.org;`. A name is quoted when needed, and
 * stays Unicode.
 *
 * @throws AddressError (`"address"`) when name or address could not be parsed back.
 * @example
 * formatAddress({ name: "Doe, Jane", address: "jane@example.com", asciiAddress: "jane@example.com" });
 * // '"Doe, Jane" <jane@example.com>'
 */
export function formatAddress(entry: Mailbox | Group): string {
  if (isGroup(entry)) return formatGroup({ name: entry.name, members: entry.members.map(checked) });
  return formatMailbox(checked(entry));
}

/**
 * Mailboxes and groups as one text with commas, for `parseAddressList`. PERF: the addresses came from the parser and are not parsed
 * again.
 *
 * @throws AddressError (`"address"`) when a name could not be parsed back.
 */
export function formatAddressList(list: readonly (Mailbox | Group)[]): string {
  return list.map((entry) => (isGroup(entry) ? formatGroup(entry) : formatMailbox(entry))).join(", ");
}

/** A name as atoms or as a quoted string. */
export function formatPhrase(name: string): string {
  // RFC 2047 §5: an encoded word is one only outside quotes.
  if (ATOMS.test(name) && !name.includes("=?")) return name;
  return `"${name.replace(/["\\]/g, "\\$&")}"`;
}

function checked(mailbox: Mailbox): Mailbox {
  return { ...mailbox, address: parseBareAddress(mailbox.address).address };
}

function formatMailbox({ name, address }: Mailbox): string {
  if (name === undefined || name === "") return address;
  checkAddressText(name, "name");
  return `${formatPhrase(name)} <${address}>`;
}

function formatGroup(group: Group): string {
  if (group.name === "") throw new AddressError("name", "a group needs a name");
  checkAddressText(group.name, "name");
  const members = group.members.map(formatMailbox).join(", ");
  return members === "" ? `${formatPhrase(group.name)}:;` : `${formatPhrase(group.name)}: ${members};`;
}

/**
 * Addresses from callers: strings, objects, groups, and arrays of these.
 *
 * Layer: address.
 *
 * SECURITY: every form passes the same parser, and a name is data, never syntax.
 */
import { AddressError, isSmtpError } from "../errors/errors.js";
import { reasonOf } from "../given/producer.js";
import { describe, isObject, ownEntries, takeProperties } from "../given/values.js";
import { type Group, isGroup, type Mailbox } from "./mailbox.js";
import { parseAddressList, parseBareAddress } from "./parser.js";
import { checkAddressText } from "./scanner.js";

/** One mailbox. */
export interface MailboxInput {
  /** Any text without control characters; it never becomes syntax. Default: no name. */
  readonly name?: string | undefined;
  /** Exactly one address alone: a list, a name, a comment or white space in it is an AddressError. */
  readonly address: string;
}

/** A named group (RFC 5322 §3.4). */
export interface GroupInput {
  /** The name of the group, such as `"undisclosed-recipients"`; must not be empty. */
  readonly name: string;
  /** Its mailboxes, possibly none; groups do not nest. */
  readonly members: readonly (string | MailboxInput)[];
}

/** One address, or a group. A string is an address list (RFC 5322 §3.4) and may hold several, with commas between. */
export type AddressInput = string | MailboxInput | GroupInput;
/** One or more addresses: what `to`, `cc` and the like take. */
export type AddressesInput = AddressInput | readonly AddressInput[];

// A Mailbox from the parser is accepted too, so `asciiAddress` is among them.
const MAILBOX_KEYS = ["name", "address", "asciiAddress"];
const GROUP_KEYS = ["name", "members"];

/**
 * The mailboxes and groups of the input, in order.
 *
 * @throws AddressError (`"address"`) naming the place, such as `to[1].address`.
 */
export function toAddressList(input: AddressesInput, field: string): (Mailbox | Group)[] {
  if (!Array.isArray(input)) return toEntries(input as AddressInput, field);
  if (input.length === 1) return toEntries((input as readonly AddressInput[])[0] as AddressInput, `${field}[0]`);
  const list: (Mailbox | Group)[] = [];
  for (const [index, one] of ownEntries(input).entries()) {
    for (const entry of toEntries(one as AddressInput, `${field}[${index}]`)) list.push(entry);
  }
  return list;
}

function toEntries(input: AddressInput, field: string): (Mailbox | Group)[] {
  if (typeof input === "string") return parseAddressList(input, field);
  if (!isObject(input) || Array.isArray(input)) throw wrongKind(input, field);
  const own = readOnce(input, field);
  return ["members" in own ? toGroup(own, field) : toMailbox(own, field)];
}

/** SECURITY: each property is read once, and not from Object.prototype, so that the address that was checked is the one used. */
function readOnce(input: MailboxInput | GroupInput, field: string): MailboxInput | GroupInput {
  const hidden = (name: string): void => {
    if (!MAILBOX_KEYS.includes(name) && !GROUP_KEYS.includes(name)) return;
    throw new AddressError(`${field}.${name}`, "must be a property of the object itself");
  };
  try {
    return takeProperties(input, hidden) as unknown as MailboxInput | GroupInput;
  } catch (cause) {
    if (isSmtpError(cause)) throw cause;
    throw new AddressError(field, `cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

function toMailbox(input: MailboxInput, field: string): Mailbox {
  checkKeys(input, MAILBOX_KEYS, field);
  if (typeof input.address !== "string")
    throw new AddressError(`${field}.address`, `must be a string, not ${describe(input.address)}`);
  const mailbox = parseBareAddress(input.address, `${field}.address`);
  const { asciiAddress } = input as Partial<Mailbox>;
  if (asciiAddress !== undefined && asciiAddress !== mailbox.asciiAddress) {
    throw new AddressError(`${field}.asciiAddress`, "is not the ASCII form of address");
  }
  const name = toName(input.name, `${field}.name`);
  return name === undefined || name === "" ? mailbox : { ...mailbox, name };
}

function toGroup(input: GroupInput, field: string): Group {
  checkKeys(input, GROUP_KEYS, field);
  const name = toName(input.name, `${field}.name`);
  if (name === undefined || name === "") throw new AddressError(`${field}.name`, "a group needs a name");
  if (!Array.isArray(input.members))
    throw new AddressError(`${field}.members`, `must be an array, not ${describe(input.members)}`);
  const members: Mailbox[] = [];
  for (const [index, member] of ownEntries(input.members).entries()) {
    const place = `${field}.members[${index}]`;
    for (const entry of toEntries(member as AddressInput, place)) {
      if (isGroup(entry)) throw new AddressError(place, "groups do not nest");
      members.push(entry);
    }
  }
  return { name, members };
}

function toName(name: unknown, field: string): string | undefined {
  if (name === undefined) return undefined;
  if (typeof name !== "string") throw new AddressError(field, `must be a string, not ${describe(name)}`);
  checkAddressText(name, field);
  return name;
}

function checkKeys(input: object, known: readonly string[], field: string): void {
  for (const key of Object.keys(input)) {
    if (!known.includes(key)) throw new AddressError(`${field}.${key}`, `is not known; use ${known.join(", ")}`);
  }
}

function wrongKind(input: unknown, field: string): AddressError {
  return new AddressError(field, `must be an address (a string, or an object with address), not ${describe(input)}`);
}

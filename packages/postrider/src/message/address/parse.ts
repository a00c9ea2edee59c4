/**
 * Addresses from text: strict, in one pass, with the place of what is wrong.
 *
 * Layer: message. RFC 5322 §3.4, RFC 6531 §3.3, RFC 6532 §3.2, RFC 5890 (domains).
 */
import { AddressError } from "../../errors.js";
import { AddressParser } from "./address-parser.js";
import { checkAddressText } from "./address-text.js";
import { type Group, isGroup, type Mailbox } from "./mailbox.js";

// PERF: what nearly every call holds, taken without a token: an address alone, or in brackets behind words of letters. Each dot
// and each space belongs to one place only, so these never backtrack far. Labels that start with "xn--" are left to the parser.
const LABEL = "(?!xn--|XN--|Xn--|xN--)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";
const PLAIN = new RegExp(`^[\\w!#$%&'*+/=?^\`{|}~-]+(?:\\.[\\w!#$%&'*+/=?^\`{|}~-]+)*@${LABEL}(?:\\.${LABEL})*$`);
/** RFC 1035 §2.3.4: what no domain exceeds, if the whole address does not. */
const MAX_PLAIN_LENGTH = 253;
const PLAIN_WORDS = /^[\w'-]+(?: [\w'-]+)*$/;

/**
 * Parses a list of one or more addresses, as they stand in To or Cc. The text is unfolded: TAB and space are white space,
 * line breaks are refused. Encoded words in names are decoded; comments are skipped.
 *
 * @throws AddressError (`"address"`) with the position of what is wrong; `field` (default `"address"`) names it.
 * @example
 * parseAddressList('"Doe, Jane" <jane@example.com>, team: a@example.org, b@example.org;');
 * // [{ name: "Doe, Jane", address: "jane@example.com", ... }, { name: "team", members: [...] }]
 */
export function parseAddressList(text: string, field: string = "address"): (Mailbox | Group)[] {
  const plain = parsePlain(text, field);
  if (plain !== undefined) return [plain];
  return new AddressParser(text, field).list();
}

/**
 * Parses exactly one mailbox, with or without a name.
 *
 * @throws AddressError (`"address"`) when the text is not one mailbox.
 */
export function parseMailbox(text: string, field: string = "address"): Mailbox {
  const plain = parsePlain(text, field);
  if (plain !== undefined) return plain;
  const [mailbox, ...others] = new AddressParser(text, field).list();
  if (mailbox === undefined || isGroup(mailbox)) throw new AddressError(field, "must be one address, not a group");
  if (others.length > 0) throw new AddressError(field, `must be one address, not ${others.length + 1}`);
  return mailbox;
}

/**
 * Parses an address that stands alone: no name, no angle brackets, no comment, no white space.
 *
 * @throws AddressError (`"address"`) when the text is anything else.
 */
export function parseBareAddress(text: string, field: string = "address"): Mailbox {
  if (typeof text !== "string") throw new AddressError(field, "must be a string");
  const plain = plainAddress(text, undefined);
  if (plain !== undefined) return plain;
  checkAddressText(text, field);
  return new AddressParser(text, field).bareAddress();
}

function parsePlain(text: string, field: string): Mailbox | undefined {
  if (typeof text !== "string") throw new AddressError(field, "must be a string");
  const plain = plainAddress(text, undefined) ?? plainMailbox(text);
  if (plain === undefined) checkAddressText(text, field, "white-space");
  return plain;
}

/** `Words <address>`: one space before the bracket, nothing behind. */
function plainMailbox(text: string): Mailbox | undefined {
  const bracket = text.indexOf(" <");
  if (bracket === -1 || !text.endsWith(">")) return undefined;
  const name = text.slice(0, bracket);
  return PLAIN_WORDS.test(name) ? plainAddress(text.slice(bracket + 2, -1), name) : undefined;
}

function plainAddress(address: string, name: string | undefined): Mailbox | undefined {
  return address.length <= MAX_PLAIN_LENGTH && PLAIN.test(address)
    ? { name, address, asciiAddress: address }
    : undefined;
}

/**
 * Makes the envelope from options or headers: addresses validated, duplicates removed, delivery options as parameters of MAIL and RCPT.
 *
 * Layer: submission. RFC 5321 §4.1.1, RFC 3461 §4 (DSN), RFC 8689 (REQUIRETLS).
 */
import { type AddrSpec, mailboxesOf, mailboxKey } from "../address/mailbox.js";
import { parseAddressList, parseBareAddress } from "../address/parser.js";
import { AddressError, OptionError } from "../errors/errors.js";
import { withoutPrototype } from "../given/values.js";
import type { Recipient, ResolvedDeliveryOptions } from "../options/delivery-options.js";
import type { Envelope, EnvelopeRecipient } from "../session/envelope.js";
import { isPrintableAscii } from "../text/characters.js";
import { checkParameters, encodeXtext, type Parameter } from "../wire/command.js";

const NONE: readonly Parameter[] = [];
/** RFC 3461 §4.2: `type;address`. */
const TYPED = /^([A-Za-z0-9-]{1,32});(.+)$/s;

/** Sender and recipients: strings from the options are parsed here, AddrSpecs from the message are parsed already. */
export interface Parties {
  /** `""` is the null sender. */
  readonly sender: string | AddrSpec;
  readonly recipients: string | readonly (Recipient | AddrSpec)[];
}

/** @throws AddressError or OptionError that names the field. */
export function makeEnvelope(parties: Parties, options: ResolvedDeliveryOptions): Envelope {
  const rcptParameters = checkParameters(options.rcptOptions, "rcptOptions");
  const { sender } = parties;
  return {
    sender: typeof sender === "string" ? parseSender(sender) : sender,
    recipients: uniqueRecipients(parties.recipients, rcptParameters),
    mailParameters: checkParameters(mailParameters(options), "mailOptions"),
    rcptParameters,
  };
}

/** Undefined is the null sender. */
export function parseSender(sender: string): AddrSpec | undefined {
  return sender === "" ? undefined : parseBareAddress(sender, "sender");
}

/** The parameters of MAIL, in a fixed order. */
export function mailParameters(options: ResolvedDeliveryOptions): readonly string[] {
  const { requireTls, deliverBy, holdFor, holdUntil, priority } = options;
  // SECURITY: absent properties must not be read from Object.prototype.
  const dsn = options.dsn === undefined ? undefined : withoutPrototype(options.dsn);
  const parameters: string[] = [...options.mailOptions];
  if (dsn?.return !== undefined) parameters.push(dsn.return === "full" ? "RET=FULL" : "RET=HDRS");
  if (dsn?.envelopeId !== undefined) parameters.push(`ENVID=${encodeXtext(dsn.envelopeId)}`);
  if (requireTls) parameters.push("REQUIRETLS");
  if (deliverBy !== undefined) {
    const { seconds, mode, trace } = deliverBy;
    parameters.push(`BY=${seconds};${mode === "return" ? "R" : "N"}${trace === true ? "T" : ""}`);
  }
  if (holdFor !== undefined) parameters.push(`HOLDFOR=${holdFor}`);
  // RFC 4865 §4: a date-time of RFC 3339, without fractions of a second.
  if (holdUntil !== undefined) parameters.push(`HOLDUNTIL=${holdUntil.toISOString().slice(0, 19)}Z`);
  if (priority !== undefined) parameters.push(`MT-PRIORITY=${priority}`);
  return parameters;
}

/** @param shared parameters of every RCPT. */
function uniqueRecipients(
  recipients: Parties["recipients"],
  shared: readonly Parameter[],
): readonly EnvelopeRecipient[] {
  const given = typeof recipients === "string" ? mailboxesOf(parseAddressList(recipients, "recipients")) : recipients;
  if (given.length === 0) throw new AddressError("recipients", "must name at least one recipient");
  const unique: EnvelopeRecipient[] = [];
  // PERF: the usual single recipient has no duplicates.
  const known = given.length === 1 ? undefined : new Set<string>();
  for (const [index, recipient] of given.entries()) {
    const one = toRecipient(recipient, index, shared);
    if (known === undefined) return [one];
    const key = mailboxKey(one);
    if (known.has(key)) continue;
    known.add(key);
    unique.push(one);
  }
  return unique;
}

function toRecipient(given: Recipient | AddrSpec, index: number, shared: readonly Parameter[]): EnvelopeRecipient {
  // An AddrSpec from the parser; a Recipient comes from the caller.
  if ("asciiAddress" in given) {
    return { address: given.address, asciiAddress: given.asciiAddress, parameters: NONE };
  }
  const field = `recipients[${index}]`;
  const { address, asciiAddress } = parseBareAddress(given.address, field);
  const parameters = notifyParameters(given, field);
  const twice = parameters.find(({ keyword }) => shared.some((one) => one.keyword === keyword));
  if (twice !== undefined) throw new OptionError(field, `repeats ${twice.keyword}, which rcptOptions give to all`);
  return { address, asciiAddress, parameters };
}

function notifyParameters(recipient: Recipient, field: string): readonly Parameter[] {
  // SECURITY: absent properties must not be read from Object.prototype. PERF: most recipients have neither.
  if (!Object.hasOwn(recipient, "notify") && !Object.hasOwn(recipient, "originalRecipient")) return NONE;
  const { notify, originalRecipient } = withoutPrototype(recipient);
  const parameters: string[] = [];
  if (notify !== undefined) {
    parameters.push(`NOTIFY=${typeof notify === "string" ? notify.toUpperCase() : notify.join(",").toUpperCase()}`);
  }
  if (originalRecipient !== undefined) {
    parameters.push(`ORCPT=${encodeOriginalRecipient(originalRecipient, `${field}.originalRecipient`)}`);
  }
  return checkParameters(parameters, field);
}

/** RFC 3461 §4.2: without a type it is an address of type rfc822; only printable ASCII can be encoded. */
function encodeOriginalRecipient(text: string, field: string): string {
  const typed = TYPED.exec(text);
  const [type, address] = typed === null ? ["rfc822", text] : [typed[1] ?? "", typed[2] ?? ""];
  if (!isPrintableAscii(address)) throw new OptionError(field, "must be printable ASCII (RFC 3461 §4.2)");
  const known = type.toLowerCase() === "rfc822" ? parseBareAddress(address, field).address : address;
  return `${type};${encodeXtext(known)}`;
}

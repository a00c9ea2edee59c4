/**
 * A mailbox as MAIL and RCPT carry it.
 *
 * Layer: wire. RFC 5321 §4.1.2 (Mailbox), §4.1.3 (address literals), §4.5.3.1 (lengths), RFC 6531 §3.3 (UTF-8), RFC 5890.
 */
import { Buffer } from "node:buffer";
import { AddressError } from "../errors.js";
import { domainToAscii, domainToUtf8 } from "../idna.js";
import { findTextFault } from "./command.js";

/** An address that may stand between angle brackets. */
export interface WireMailbox {
  /** As the caller wrote it. */
  readonly address: string;
  /** With the domain as A-labels; undefined when the local part needs SMTPUTF8. */
  readonly asciiAddress: string | undefined;
}

const DOT_STRING = /^[^\s\u0080-\u009f"(),.:;<>@[\\\]]+(?:\.[^\s\u0080-\u009f"(),.:;<>@[\\\]]+)*$/u;
const QUOTED_STRING = /^"(?:[^"\\]|\\[\u0020-\u007e])*"$/u;
// General-address-literal is for tags registered with IANA; only IPv6 is (RFC 5321 §4.1.3).
const IPV4_LITERAL = /^\[(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?=\d)|(?=\]))){4}\]$/;
const IPV6_LITERAL = /^\[IPv6:([0-9A-Fa-f:.]{2,45})\]$/i;
const ASCII = /^[\u0000-\u007f]*$/;
// An A-label must be one that a Unicode name maps to, in any letter case.
const A_LABEL = /[@.]xn--/i;

/** 256 with the angle brackets (RFC 5321 §4.5.3.1.3). QUIRK: local parts longer than 64 bytes (VERP) are common, and servers take them. */
const MAX_PATH_BYTES = 254;

// PERF: what nearly every address looks like, decided by one pattern; all it matches is within the limits checked by length.
const PLAIN =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$/;

/**
 * Checks one address; nothing is repaired.
 *
 * @param field names the argument in errors, such as `"recipients[2]"`.
 * @throws AddressError
 */
export function parseWireMailbox(address: string, field: string): WireMailbox {
  if (typeof address !== "string") throw new AddressError(field, "must be a string");
  if (address.length <= MAX_PATH_BYTES && PLAIN.test(address) && !A_LABEL.test(address)) {
    return { address, asciiAddress: address };
  }
  const fault = findTextFault(address);
  if (fault !== undefined) throw new AddressError(field, fault);
  // Before all that quotes the address, so that no message of ours grows with it.
  checkLength(Buffer.byteLength(address, "utf8"), field);
  const at = address.lastIndexOf("@");
  if (at === -1) throw new AddressError(field, `${JSON.stringify(address)} has no @ and domain`);
  const localPart = address.slice(0, at);
  const domain = address.slice(at + 1);
  checkLocalPart(localPart, field, address);
  const asciiDomain = isLiteral(domain) ? domain : domainToAscii(domain);
  if (asciiDomain === undefined) {
    throw new AddressError(field, `${JSON.stringify(domain)} is not a domain`, { position: at + 1 });
  }
  checkLength(localPart.length + 1 + asciiDomain.length, field);
  return { address, asciiAddress: ASCII.test(localPart) ? `${localPart}@${asciiDomain}` : undefined };
}

/** Equal for two spellings of the same mailbox: the local part as it is, the domain as A-labels in lower case. */
export function mailboxKey(mailbox: WireMailbox): string {
  const address = mailbox.asciiAddress ?? mailbox.address;
  const at = address.lastIndexOf("@") + 1;
  const domain = address.slice(at);
  // The domain of an ASCII form was mapped already.
  if (mailbox.asciiAddress !== undefined) return address.slice(0, at) + domain.toLowerCase();
  return address.slice(0, at) + (domainToAscii(domain) ?? domain).toLowerCase();
}

/**
 * What stands between the angle brackets.
 *
 * SECURITY: the ASCII form wherever there is one, also in a transaction that has SMTPUTF8 for other reasons: what a server
 * makes of a soft hyphen or a full-width letter is not left to it. It is the form that headers show.
 */
export function pathAddress(mailbox: WireMailbox): string {
  if (mailbox.asciiAddress !== undefined) return mailbox.asciiAddress;
  const at = mailbox.address.lastIndexOf("@") + 1;
  return mailbox.address.slice(0, at) + domainToUtf8(mailbox.address.slice(at));
}

function checkLength(bytes: number, field: string): void {
  if (bytes <= MAX_PATH_BYTES) return;
  throw new AddressError(field, `must not be longer than ${MAX_PATH_BYTES} bytes (RFC 5321 §4.5.3.1.3)`);
}

function checkLocalPart(localPart: string, field: string, address: string): void {
  if (localPart === "")
    throw new AddressError(field, `${JSON.stringify(address)} has nothing before the @`, { position: 0 });
  if (!DOT_STRING.test(localPart) && !QUOTED_STRING.test(localPart)) {
    throw new AddressError(
      field,
      `${JSON.stringify(localPart)} is neither a dot-string nor a quoted string (RFC 5321 §4.1.2)`,
      {
        position: 0,
      },
    );
  }
}

function isLiteral(domain: string): boolean {
  if (IPV4_LITERAL.test(domain)) return true;
  const address = IPV6_LITERAL.exec(domain)?.[1];
  // The URL parser knows the grammar of IPv6 addresses on every runtime.
  return address !== undefined && URL.canParse(`http://[${address}]`);
}

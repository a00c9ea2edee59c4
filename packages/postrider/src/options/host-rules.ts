/**
 * Rules for names and addresses of machines.
 *
 * Layer: options. RFC 1123 §2.1, RFC 5321 §4.1.2 and §4.1.3, RFC 5890 (A-labels).
 */

import { domainToAscii } from "../address/domain.js";
import { isIpv4, isIpv6, isZonedIpv6 } from "../address/literal.js";
import { OptionError } from "../errors.js";
import { type Rule, text } from "./rule.js";

// "127.1" and "0x7f.1" are addresses to the resolver of the system, and names to nobody.
const NUMERIC_END = /(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/i;
const ADDRESS_LITERAL = /^\[(?:IPv6:(.*)|(.*))\]$/i;

/** A server: an address, or a name, which comes back as A-labels. */
export const hostname: Rule<string> = (value, option) => {
  const given = text(value, option);
  if (isIpv4(given) || isIpv6(given) || isZonedIpv6(given)) return given;
  if (given.startsWith("[")) throw new OptionError(option, "must not have brackets; write an IPv6 address as it is");
  if (NUMERIC_END.test(given)) throw new OptionError(option, "is neither a name nor a whole IP address");
  // A final dot keeps the resolver from adding the domains it searches (RFC 1034 §3.1).
  const isAbsolute = given.endsWith(".");
  const ascii = domainToAscii(isAbsolute ? given.slice(0, -1) : given);
  if (ascii === undefined) {
    throw new OptionError(option, "must be a host name or an IP address, without port, spaces or other signs");
  }
  return isAbsolute ? `${ascii}.` : ascii;
};

/** What follows EHLO: a domain or an address literal (RFC 5321 §4.1.1.1). */
export const localHostname: Rule<string> = (value, option) => {
  const given = text(value, option);
  const literal = ADDRESS_LITERAL.exec(given);
  if (literal !== null) {
    const [, ipv6 = "", ipv4 = ""] = literal;
    if (isIpv4(ipv4) || isIpv6(ipv6)) return given;
    throw new OptionError(option, "must hold an IPv4 address, or IPv6: and an IPv6 address, between the brackets");
  }
  if (isIpv4(given) || isIpv6(given)) {
    throw new OptionError(option, "must have brackets around an address: [192.0.2.1] or [IPv6:2001:db8::1]");
  }
  const ascii = domainToAscii(given);
  // The underscore may stand in the name of a server that is connected to; RFC 5321 has none, and servers check EHLO.
  if (ascii === undefined || ascii.includes("_") || NUMERIC_END.test(ascii)) {
    throw new OptionError(option, "must be a domain name or an address literal such as [192.0.2.1]");
  }
  return ascii;
};

export const ipAddress: Rule<string> = (value, option) => {
  const given = text(value, option);
  if (isIpv4(given) || isIpv6(given) || isZonedIpv6(given)) return given;
  throw new OptionError(option, "must be an IP address of this machine");
};

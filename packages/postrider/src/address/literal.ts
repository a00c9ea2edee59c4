/**
 * IP addresses as text, without asking Node, and address literals: an IP address in the place of a domain.
 *
 * Layer: address. RFC 4291 §2.2 (forms of IPv6), RFC 6943 §3.1.1 (strict form of IPv4), RFC 4007 §11 (zones), RFC 5321 §4.1.3.
 */

// Four numbers to 255, no leading zeros: "010" is 8 to some and 10 to others.
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const GROUP = /^[\dA-Fa-f]{1,4}$/;
const ZONE = /^[\w.-]{1,32}$/;

/** The longest: eight groups of which the last two are IPv4. */
const MAX_IPV6_LENGTH = 45;

const IPV6_TAG = /^IPv6:/i;

/**
 * True for `[192.0.2.1]` and `[IPv6:2001:db8::1]`, brackets included. The general form `[tag:content]` is for tags registered
 * with IANA, and only IPv6 is (RFC 5321 §4.1.3).
 */
export function isAddressLiteral(text: string): boolean {
  if (!text.startsWith("[") || !text.endsWith("]")) return false;
  const content = text.slice(1, -1);
  return IPV6_TAG.test(content) ? isIpv6(content.slice("IPv6:".length)) : isIpv4(content);
}

export function isIpv4(text: string): boolean {
  return IPV4.test(text);
}

/**
 * Without brackets and without a zone. QUIRK: RFC 5321 lets "::" stand for two groups at least; writers use it for one, and every
 * reader takes it.
 */
export function isIpv6(text: string): boolean {
  if (text.length > MAX_IPV6_LENGTH) return false;
  const halves = text.split("::");
  if (halves.length > 2) return false;
  let count = 0;
  for (const [index, half] of halves.entries()) {
    const groups = countGroups(half, index === halves.length - 1);
    if (groups === undefined) return false;
    count += groups;
  }
  return halves.length === 2 ? count <= 7 : count === 8;
}

/** IPv6 with the interface it is reached by: `fe80::1%eth0`. */
export function isZonedIpv6(text: string): boolean {
  const sign = text.indexOf("%");
  return sign !== -1 && isIpv6(text.slice(0, sign)) && ZONE.test(text.slice(sign + 1));
}

/** How many groups of 16 bits; undefined when something else is among them. IPv4 may stand at the very end, for two. */
function countGroups(text: string, isLast: boolean): number | undefined {
  if (text === "") return 0;
  const groups = text.split(":");
  const tail = groups[groups.length - 1] ?? "";
  const endsInIpv4 = isLast && isIpv4(tail);
  const plain = endsInIpv4 ? groups.slice(0, -1) : groups;
  return plain.every((group) => GROUP.test(group)) ? plain.length + (endsInIpv4 ? 2 : 0) : undefined;
}

/**
 * Address literals: an IP address in the place of a domain.
 *
 * Layer: message. RFC 5321 §4.1.3.
 */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const HEX_GROUP = /^[0-9A-Fa-f]{1,4}$/;
// A tag that is registered with IANA, a colon, and printable ASCII without brackets and backslash; no "@", which would
// make a second one in the address.
const GENERAL = /^[A-Za-z0-9-]*[A-Za-z0-9]:[!-?A-Z^-~]+$/;
const IPV6_TAG = /^IPv6:/i;

/** The longest that an SMTP command can carry (RFC 5321 §4.5.3.1.2). */
const MAX_LITERAL_LENGTH = 255;

/** True for `[192.0.2.1]`, `[IPv6:2001:db8::1]` and `[tag:content]`, brackets included. */
export function isAddressLiteral(text: string): boolean {
  if (text.length > MAX_LITERAL_LENGTH || !text.startsWith("[") || !text.endsWith("]")) return false;
  const content = text.slice(1, -1);
  if (IPV6_TAG.test(content)) return isIpv6(content.slice("IPv6:".length));
  return IPV4.test(content) || GENERAL.test(content);
}

function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [index, half] of halves.entries()) groups += countGroups(half, index === halves.length - 1);
  // QUIRK: RFC 5321 lets "::" stand for two groups at least; writers use it for one, and every reader takes it.
  return halves.length === 1 ? groups === 8 : groups <= 7;
}

/** Groups of 16 bits in one half of an address, an IPv4 tail counting two; NaN when it is malformed. */
function countGroups(half: string, isLast: boolean): number {
  if (half === "") return 0;
  const groups = half.split(":");
  let count = 0;
  for (const [index, group] of groups.entries()) {
    if (HEX_GROUP.test(group)) count += 1;
    else if (isLast && index === groups.length - 1 && IPV4.test(group)) count += 2;
    else return Number.NaN;
  }
  return count;
}

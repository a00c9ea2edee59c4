/**
 * Domains: validation of domain names and address literals, and the mapping of names to ASCII (IDNA, Punycode).
 *
 * Layer: address. RFC 1035 §2.3.1, RFC 1123 §2.1, RFC 5321 §2.3.5, §4.1.2 and §4.1.3 (literals), RFC 5890 (A-labels), RFC 5891
 * §5.4, RFC 3492 §6.2 (Punycode), RFC 4291 §2.2 and RFC 4007 §11 (IPv6), RFC 6943 §3.1.1 (IPv4), UTS #46.
 */
import { isAscii } from "../text/characters.js";

// Letters, digits and hyphens, no hyphen at either end, 1 to 63 of them.
// QUIRK: RFC 5321 does not allow the underscore, but host names contain it (those of containers above all), DNS carries it
// (RFC 2181 §11), and it is not ambiguous: it is allowed.
const NAME =
  /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$/;
const A_LABEL = /(?:^|\.)xn--/i;
// Full stops that UTS #46 maps to ".".
const IDEOGRAPHIC_STOP = /[\u3002\uff0e\uff61]/g;
// SECURITY: ASCII that is neither LDH nor a dot has a meaning for the URL parser: "%" escapes, "/" and "?" and "#" end the host,
// ":" starts a port, "@" ends the user, "[" starts an IPv6 address.
const OTHER_ASCII = /[\x00-\x2c\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]/;
// SECURITY: the URL parser reads "１.２" as the IPv4 address 1.0.0.2.
const NUMERIC_END = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/i;

// Letters, marks, digits, hyphens and dots; excludes what UTS #46 maps to something else (soft hyphens, U+3002, full-width forms).
// PERF: compiled on first use. As a literal it cost 1 ms at every start, because the parser reads the tables of Unicode for it.
const PLAIN_UNICODE = "^[\\p{L}\\p{M}\\p{N}._-]+$";
// Four numbers up to 255 without leading zeros: some parsers read "010" as 8 (RFC 6943 §3.1.1).
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const GROUP = /^[\dA-Fa-f]{1,4}$/;
const ZONE = /^[\w.-]{1,32}$/;
/** Eight groups, of which IPv4 spells the last two. */
const MAX_IPV6_LENGTH = 45;
const IPV6_TAG = /^IPv6:/i;

// Parameters of Punycode (RFC 3492 §5).
const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const INITIAL_BIAS = 72;
const INITIAL_CODE_POINT = 128;
const MAX_CODE_POINT = 0x10ffff;

/** RFC 1035 §2.3.4: 255 octets, which are 253 characters in text. */
const MAX_DOMAIN_LENGTH = 253;

/**
 * The ASCII form of a domain name; undefined when the text is not a domain name.
 *
 * An ASCII name is returned unchanged, also its letter case. Any other name is mapped by UTS #46 (soft hyphens are removed, U+3002
 * is a dot) and returned as A-labels. A trailing dot and an address literal are not accepted.
 *
 * @example
 * domainToAscii("bücher.example");  // "xn--bcher-kva.example"
 * domainToAscii("Example.com");     // "Example.com"
 * domainToAscii("a..b");            // undefined
 */
export function domainToAscii(domain: string): string | undefined {
  if (!isAscii(domain)) return mapDomain(domain);
  if (!isHostName(domain)) return undefined;
  return A_LABEL.test(domain) && !hasTrueALabels(domain) ? undefined : domain;
}

let plainUnicode: RegExp | undefined;

/**
 * The form of a domain next to a local part in UTF-8: unchanged when every reader maps it to the same A-labels, else as A-labels.
 * An address literal is returned unchanged.
 */
export function domainToUtf8(domain: string): string {
  plainUnicode ??= new RegExp(PLAIN_UNICODE, "u");
  const isPlain = plainUnicode.test(domain) && domain.normalize("NFKC") === domain;
  return isPlain ? domain : (domainToAscii(domain) ?? domain);
}

/**
 * True for `[192.0.2.1]` and `[IPv6:2001:db8::1]`, brackets included. RFC 5321 §4.1.3 allows other tags, but IPv6 is the only one
 * registered with IANA.
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
 * True for an IPv6 address without brackets and zone. QUIRK: in RFC 5321 "::" stands for two groups at least, but writers use it for
 * one and every reader accepts that.
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

/** True for IPv6 with a zone: `fe80::1%eth0` (RFC 4007 §11). */
export function isZonedIpv6(text: string): boolean {
  const sign = text.indexOf("%");
  return sign !== -1 && isIpv6(text.slice(0, sign)) && ZONE.test(text.slice(sign + 1));
}

/**
 * Decodes the part of a label after `xn--`; undefined when it is not Punycode.
 *
 * @example
 * decodePunycode("bcher-kva");  // "bücher"
 */
export function decodePunycode(encoded: string): string | undefined {
  const delimiter = encoded.lastIndexOf("-");
  const output: number[] = Array.from(encoded.slice(0, Math.max(delimiter, 0)), (letter) => letter.charCodeAt(0));
  let codePoint = INITIAL_CODE_POINT;
  let bias = INITIAL_BIAS;
  let position = 0;
  let index = delimiter > 0 ? delimiter + 1 : 0;
  while (index < encoded.length) {
    const before = position;
    for (let weight = 1, k = BASE; ; k += BASE) {
      const digit = digitOf(encoded.charCodeAt(index++));
      if (digit === undefined) return undefined;
      position += digit * weight;
      if (position > Number.MAX_SAFE_INTEGER / BASE) return undefined;
      const threshold = k <= bias ? T_MIN : Math.min(k - bias, T_MAX);
      if (digit < threshold) break;
      weight *= BASE - threshold;
    }
    const length = output.length + 1;
    bias = adapt(position - before, length, before === 0);
    codePoint += Math.floor(position / length);
    position %= length;
    if (codePoint > MAX_CODE_POINT || (codePoint >= 0xd800 && codePoint <= 0xdfff)) return undefined;
    output.splice(position++, 0, codePoint);
  }
  return String.fromCodePoint(...output);
}

function mapDomain(domain: string): string | undefined {
  // PERF: a name this long cannot be valid, and the URL parser would read all of it.
  if (domain.length > MAX_DOMAIN_LENGTH * 4 || OTHER_ASCII.test(domain)) return undefined;
  const labels = domain.replace(IDEOGRAPHIC_STOP, ".");
  const host = toHost(labels);
  if (host === undefined || !isHostName(host) || NUMERIC_END.test(host)) return undefined;
  if (A_LABEL.test(labels) && !hasTrueALabels(host)) return undefined;
  // UTS #46 CheckHyphens.
  return labels.split(".").some((label) => label.startsWith("-") || label.endsWith("-")) ? undefined : host;
}

/**
 * Whether each A-label is the form of a U-label. QUIRK: the URL parsers of newer runtimes accept others, so each is decoded and
 * mapped back here.
 */
function hasTrueALabels(domain: string): boolean {
  return domain
    .toLowerCase()
    .split(".")
    .every((label) => {
      if (!label.startsWith("xn--")) return true;
      const decoded = decodePunycode(label.slice(4));
      return decoded !== undefined && !isAscii(decoded) && toHost(decoded) === label;
    });
}

function isHostName(domain: string): boolean {
  return domain.length <= MAX_DOMAIN_LENGTH && NAME.test(domain);
}

/** Maps by UTS #46: the URL parser has its tables on every runtime. Pass it only letters, marks, digits, "-", "_" and dots. */
function toHost(domain: string): string | undefined {
  try {
    return new URL(`http://${domain}/`).hostname;
  } catch {
    return undefined;
  }
}

/** "a" to "z" are 0 to 25, in either case; "0" to "9" are 26 to 35. */
function digitOf(unit: number): number | undefined {
  const lower = unit | 0x20;
  if (lower >= 0x61 && lower <= 0x7a) return lower - 0x61;
  return unit >= 0x30 && unit <= 0x39 ? unit - 0x30 + 26 : undefined;
}

function adapt(delta: number, length: number, isFirst: boolean): number {
  let rest = isFirst ? Math.floor(delta / DAMP) : Math.floor(delta / 2);
  rest += Math.floor(rest / length);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}

/** The number of 16-bit groups; undefined for invalid text. IPv4 at the very end counts as two. */
function countGroups(text: string, isLast: boolean): number | undefined {
  if (text === "") return 0;
  const groups = text.split(":");
  const tail = groups[groups.length - 1] ?? "";
  const endsInIpv4 = isLast && isIpv4(tail);
  const plain = endsInIpv4 ? groups.slice(0, -1) : groups;
  return plain.every((group) => GROUP.test(group)) ? plain.length + (endsInIpv4 ? 2 : 0) : undefined;
}

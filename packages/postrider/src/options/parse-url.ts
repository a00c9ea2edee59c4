/**
 * URLs that hold a user name and a password, taken apart with care for both.
 *
 * Layer: options. RFC 3986, the URL standard.
 */
import { OptionError } from "../errors.js";
import { hasMembers } from "./rule.js";

// SECURITY: no message shows the url or a part of it that may be a piece of a password.
export const ENCODING_HINT = "percent-encode signs such as @ : / ? # in the user name and the password";

// RFC 3986 §3.2: an authority ends at "/", "?" or "#", and holds one "@" at most.
const TWO_AT_SIGNS = /^[^/?#]*\/\/[^/?#@]*@[^/?#@]*@/;

/**
 * @throws OptionError when it is neither string nor URL, or holds what the parser would drop, or another parser would read
 * another way
 */
export function urlText(value: unknown, option: string): string {
  const text = hasMembers(value, { href: "string" }) ? (value as unknown as URL).href : value;
  if (typeof text !== "string") throw new OptionError(option, "must be a string or a URL");
  if (/[\x00-\x20\x7f]/.test(text)) throw new OptionError(option, "must not hold spaces or control characters");
  // SECURITY: to some "\\" is a "/", and of two "@" some end the user name at the first: the host is then another one.
  if (text.includes("\\")) throw new OptionError(option, "must not hold a backslash");
  if (TWO_AT_SIGNS.test(text)) throw new OptionError(option, `has a second @ before its path; ${ENCODING_HINT}`);
  return text;
}

/** @throws OptionError */
export function parseUrl(text: string, option: string): URL {
  try {
    return new URL(text);
  } catch {
    // SECURITY: the parser's own error carries the url, password included, so it is no cause of this one.
    throw new OptionError(option, `is no valid URL; ${ENCODING_HINT}`);
  }
}

/** The host of a URL that has nothing behind it but a query. @throws OptionError */
export function hostOf(url: URL, option: string): string {
  if (url.hash !== "" || (url.pathname !== "" && url.pathname !== "/")) {
    throw new OptionError(option, `must not have a path or a fragment; ${ENCODING_HINT}`);
  }
  if (url.hostname === "") throw new OptionError(option, "must name a host after //");
  return decodePart(url.hostname.replace(/^\[(.*)\]$/, "$1"), option);
}

/** @throws OptionError */
export function decodePart(text: string, option: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new OptionError(option, "has a % that does not start a percent-encoded UTF-8 character");
  }
}

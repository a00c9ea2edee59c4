/**
 * The URLs of List- fields, each in angle brackets, a comment behind it where one is given.
 *
 * Layer: message. RFC 2369 §2, RFC 3986 §2 (characters), RFC 6068 §5 (line breaks in mailto), RFC 5322 §3.2.2 (comments).
 */

import { MessageError } from "../../errors.js";
import { describe, ownEntries, urlText } from "../../given.js";
import { isPrintableAscii } from "../../text/characters.js";
import { encodeWords } from "../header/encoded-word.js";
import { checkLine, readKeys } from "../plain-data.js";

/** A URL (`https:`, `http:`, `mailto:`, `ftp:`, `news:` or `nntp:`), or one with a comment for people who read headers. */
export type ListUrl = string | URL | { readonly url: string | URL; readonly comment?: string | undefined };

/** One or more, the best first. */
export type ListUrls = ListUrl | readonly ListUrl[];

/** A URL, checked. */
export interface CheckedUrl {
  /** As it was given. */
  readonly href: string;
  /** In lower case, with its colon. */
  readonly protocol: string;
  readonly comment: string | undefined;
}

/** @throws MessageError that names the entry: `list.help[1].url`. */
export function readListUrls(value: unknown, field: string): CheckedUrl[] {
  if (!Array.isArray(value)) return [readOne(value, field)];
  if (value.length === 0) throw new MessageError(field, "must hold one URL at least; leave it out");
  return ownEntries(value).map((one, index) => readOne(one, `${field}[${index}]`));
}

/** The value of the field: `<https://example.org/leave> (one click), <mailto:leave@example.org>`. */
export function formatListUrls(urls: readonly CheckedUrl[]): string {
  return urls
    .map(({ href, comment }) => `<${href}>${comment === undefined ? "" : ` ${commentText(comment)}`}`)
    .join(", ");
}

const URL_KEYS = ["url", "comment"];

function readOne(value: unknown, field: string): CheckedUrl {
  const href = typeof value === "string" ? value : urlText(value);
  if (href !== undefined) return { ...checkUrl(href, field), comment: undefined };
  const { url, comment } = readKeys(value, URL_KEYS, field, "a URL with a comment");
  if (url === undefined) throw new MessageError(`${field}.url`, "is missing");
  if (comment !== undefined) checkLine(comment, `${field}.comment`);
  return { ...checkUrl(url, `${field}.url`), comment };
}

// SECURITY: what a reader opens on a click: no "javascript:", no "file:".
const SCHEMES: ReadonlySet<string> = new Set(["https:", "http:", "mailto:", "ftp:", "news:", "nntp:"]);
// SECURITY: a ">" would end the URL where the caller does not know of it. The others have no place in a URL (RFC 3986 §2).
const URL_TEXT = /^[!#-;=?-[\]_a-z~]+$/;
// SECURITY: some readers decode encoded words wherever they stand, and would open another URL.
const ENCODED_WORD = /=\?[^?]+\?[bq]\?[^?]*\?=/i;
/** More has no place on one line beside the name of the field (RFC 5322 §2.1.1). */
const MAX_URL_LENGTH = 900;
const ADDRESS_ALONE = /^[^\s:/@]+@[^\s:/@]+$/;

function checkUrl(value: unknown, field: string): Omit<CheckedUrl, "comment"> {
  const href = urlText(value) ?? value;
  if (typeof href !== "string") throw new MessageError(field, `must be a URL, not ${describe(value)}`);
  if (!URL_TEXT.test(href)) {
    throw new MessageError(
      field,
      "must be a URL of printable ASCII, without spaces, quotes and angle brackets (RFC 3986 §2)",
    );
  }
  if (href.length > MAX_URL_LENGTH) throw new MessageError(field, `a URL may have ${MAX_URL_LENGTH} characters here`);
  if (ENCODED_WORD.test(href))
    throw new MessageError(field, 'reads as an encoded word; write its "=" or "?" as %3D or %3F');
  if (ADDRESS_ALONE.test(href)) throw new MessageError(field, `an address needs its scheme: mailto:${href}`);
  if (!URL.canParse(href)) throw new MessageError(field, `${JSON.stringify(href.slice(0, 80))} is no absolute URL`);
  const { protocol, pathname, search } = new URL(href);
  if (!SCHEMES.has(protocol)) {
    throw new MessageError(field, `must be one of ${[...SCHEMES].join(" ")} and not ${protocol.slice(0, 80)}`);
  }
  if (protocol === "mailto:") checkMailto(pathname, search, field);
  return { href, protocol };
}

const ENCODED_BREAK = /%(?:0[0-9a-f]|1[0-9a-f]|7f)/i;

/** SECURITY: the reader's program writes a message from this; line breaks belong in its body only (RFC 6068 §5). */
function checkMailto(address: string, query: string, field: string): void {
  if (address === "" && query === "") throw new MessageError(field, "mailto: must name an address");
  const headers = query
    .slice(1)
    .split("&")
    .filter((one) => !/^body=/i.test(one));
  if ([address, ...headers].some((one) => ENCODED_BREAK.test(one))) {
    throw new MessageError(field, "control characters may stand only in the body of a mailto: URL (RFC 6068 §5)");
  }
}

/** In ASCII with its special characters escaped, else as encoded words, each of which may be folded away. */
function commentText(comment: string): string {
  if (isPrintableAscii(comment) && !comment.includes("=?")) return `(${comment.replace(/[()\\]/g, "\\$&")})`;
  return `( ${encodeWords(comment, "phrase", 1)} )`;
}

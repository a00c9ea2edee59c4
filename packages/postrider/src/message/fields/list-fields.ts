/**
 * The List- fields of a newsletter or mailing list.
 *
 * Layer: message. RFC 2369 (List-Help and its like), RFC 2919 (List-ID), RFC 8058 (one-click).
 */
import { formatPhrase } from "../../address/format.js";
import { MessageError } from "../../errors/errors.js";
import { describe, ownEntries, urlText } from "../../given/values.js";
import { isPrintableAscii } from "../../text/characters.js";
import { encodeWords } from "../header/encoded-word.js";
import type { MessageHeaders } from "../header/headers.js";
import { checkLine, readKeys } from "../plain-data.js";

/**
 * The List- fields of a message.
 *
 * @example
 * const list = {
 *   id: { id: "news.example.org", name: "News of Example" },
 *   unsubscribe: ["https://example.org/leave/8f3a", "mailto:leave@example.org?subject=8f3a"],
 *   unsubscribePost: true,
 * };
 */
export interface ListFields {
  /** List-ID (RFC 2919): a name with a dot, below a domain of the sender; the same in all messages of the list. */
  readonly id?: string | ListId | undefined;
  /** List-Unsubscribe: how to unsubscribe. */
  readonly unsubscribe?: ListUrls | undefined;
  /**
   * True adds List-Unsubscribe-Post (RFC 8058): a POST to the https URL of `unsubscribe` unsubscribes. `unsubscribe` must have exactly one
   * https URL and no http URL. Default false.
   */
  readonly unsubscribePost?: boolean | "List-Unsubscribe=One-Click" | undefined;
  /** List-Help: where to get help. */
  readonly help?: ListUrls | undefined;
  /** List-Subscribe: how to subscribe. */
  readonly subscribe?: ListUrls | undefined;
  /** List-Post: how to write to the list; `"NO"` when posting is not allowed (RFC 2369 §3.4). */
  readonly post?: ListUrls | "NO" | undefined;
  /** List-Owner: how to reach the person in charge. */
  readonly owner?: ListUrls | undefined;
  /** List-Archive: where the archive is. */
  readonly archive?: ListUrls | undefined;
}

/** The identifier of a list with its name for people (RFC 2919 §2). */
export interface ListId {
  /** A name with a dot, such as `"news.example.org"`, at most 255 characters; with or without angle brackets. */
  readonly id: string;
  /** Any text without control characters and angle brackets. Default: no name. */
  readonly name?: string | undefined;
}

const URL_FIELDS = [
  ["help", "List-Help"],
  ["unsubscribe", "List-Unsubscribe"],
  ["subscribe", "List-Subscribe"],
  ["post", "List-Post"],
  ["owner", "List-Owner"],
  ["archive", "List-Archive"],
] as const;
const KEYS: readonly (keyof ListFields)[] = ["id", ...URL_FIELDS.map(([key]) => key), "unsubscribePost"];
const ONE_CLICK = "List-Unsubscribe=One-Click";

/** @throws MessageError that names the key: `list.unsubscribe[1].comment`. */
export function applyList(headers: MessageHeaders, value: unknown, field: string): void {
  const list: ListFields = readKeys(value, KEYS, field, "list");
  if (list.id !== undefined) headers.set("List-ID", formatId(list.id, `${field}.id`));
  const isOneClick = readOneClick(list.unsubscribePost, `${field}.unsubscribePost`);
  if (isOneClick && list.unsubscribe === undefined) throw noOneClick(field);
  for (const [key, name] of URL_FIELDS) {
    const given: unknown = list[key];
    if (given === undefined) continue;
    if (key === "post" && given === "NO") {
      headers.set(name, given);
      continue;
    }
    const urls = readListUrls(given, `${field}.${key}`);
    headers.set(name, formatListUrls(urls));
    if (key !== "unsubscribe" || !isOneClick) continue;
    if (!allowsOneClick(urls)) throw noOneClick(field);
    headers.set("List-Unsubscribe-Post", ONE_CLICK);
  }
}

// RFC 2919 §3: a label, a dot, a namespace; ASCII only.
const ID = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)+$/;
const MAX_ID_LENGTH = 255;

function formatId(value: unknown, field: string): string {
  if (typeof value === "string") return `<${checkId(value, field)}>`;
  const { id, name } = readKeys(value, ["id", "name"], field, "an id that is an object");
  const bracketed = `<${checkId(id, `${field}.id`)}>`;
  if (name === undefined || name === "") return bracketed;
  checkLine(name, `${field}.name`);
  // SECURITY: readers look for the identifier at the first "<".
  if (/[<>]/.test(name)) throw new MessageError(`${field}.name`, "must not hold angle brackets");
  return `${formatPhrase(name)} ${bracketed}`;
}

function checkId(value: unknown, field: string): string {
  if (typeof value !== "string") throw new MessageError(field, `must be a string, not ${describe(value)}`);
  const id = value.startsWith("<") && value.endsWith(">") ? value.slice(1, -1) : value;
  if (id.length <= MAX_ID_LENGTH && ID.test(id) && !id.includes("=?")) return id;
  throw new MessageError(field, "must be a name with a dot, such as news.example.org (RFC 2919 §3)");
}

function readOneClick(value: unknown, field: string): boolean {
  if (value === undefined || value === false) return false;
  if (value === true || value === ONE_CLICK) return true;
  throw new MessageError(field, `must be true or false, not ${describe(value)}`);
}

/** RFC 8058 §3.1: exactly one https URL, and no http URL. */
function allowsOneClick(urls: readonly CheckedUrl[]): boolean {
  const web = urls.filter(({ protocol }) => protocol === "https:" || protocol === "http:");
  return web.length === 1 && web[0]?.protocol === "https:";
}

function noOneClick(field: string): MessageError {
  return new MessageError(
    `${field}.unsubscribePost`,
    `needs exactly one https URL in ${field}.unsubscribe, and no http one (RFC 8058 §3.1)`,
  );
}

/** A URL (`https:`, `http:`, `mailto:`, `ftp:`, `news:` or `nntp:`), or a URL with a comment. */
export type ListUrl = string | URL | CommentedUrl;

/** A URL of a List- field with its comment (RFC 2369 §2). */
export interface CommentedUrl {
  /** An absolute URL of printable ASCII, at most 900 characters. */
  readonly url: string | URL;
  /** Any text without control characters. Default: no comment. */
  readonly comment?: string | undefined;
}

/** One URL or several, the preferred one first (RFC 2369 §2). */
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
function readListUrls(value: unknown, field: string): CheckedUrl[] {
  if (!Array.isArray(value)) return [readOne(value, field)];
  if (value.length === 0) throw new MessageError(field, "must not be empty; leave it out");
  return ownEntries(value).map((one, index) => readOne(one, `${field}[${index}]`));
}

/** The value of the field: `<https://example.org/leave> (one click), <mailto:leave@example.org>`. */
function formatListUrls(urls: readonly CheckedUrl[]): string {
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

// SECURITY: readers open these URLs on a click: no "javascript:", no "file:".
const SCHEMES: ReadonlySet<string> = new Set(["https:", "http:", "mailto:", "ftp:", "news:", "nntp:"]);
// SECURITY: a ">" would end the URL early. The other characters are not allowed in a URL (RFC 3986 §2).
const URL_TEXT = /^[!#-;=?-[\]_a-z~]+$/;
// SECURITY: some readers decode encoded words everywhere, and would open another URL.
const ENCODED_WORD = /=\?[^?]+\?[bq]\?[^?]*\?=/i;
/** A longer URL does not fit on one line with the name of the field (RFC 5322 §2.1.1). */
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
  if (href.length > MAX_URL_LENGTH)
    throw new MessageError(field, `must not be longer than ${MAX_URL_LENGTH} characters`);
  if (ENCODED_WORD.test(href))
    throw new MessageError(field, 'looks like an encoded word; write its "=" or "?" as %3D or %3F');
  if (ADDRESS_ALONE.test(href)) throw new MessageError(field, `an address needs its scheme: mailto:${href}`);
  if (!URL.canParse(href)) throw new MessageError(field, `${JSON.stringify(href.slice(0, 80))} is not an absolute URL`);
  const { protocol, pathname, search } = new URL(href);
  if (!SCHEMES.has(protocol)) {
    throw new MessageError(field, `must be one of ${[...SCHEMES].join(", ")}, not ${protocol.slice(0, 80)}`);
  }
  if (protocol === "mailto:") checkMailto(pathname, search, field);
  return { href, protocol };
}

const ENCODED_BREAK = /%(?:0[0-9a-f]|1[0-9a-f]|7f)/i;

/** SECURITY: mail programs make a message of this URL; line breaks are allowed only in its body (RFC 6068 §5). */
function checkMailto(address: string, query: string, field: string): void {
  if (address === "" && query === "") throw new MessageError(field, "mailto: must name an address");
  const headers = query
    .slice(1)
    .split("&")
    .filter((one) => !/^body=/i.test(one));
  if ([address, ...headers].some((one) => ENCODED_BREAK.test(one))) {
    throw new MessageError(field, "control characters are allowed only in the body of a mailto: URL (RFC 6068 §5)");
  }
}

/** A comment: ASCII with special characters escaped, or encoded words, which may be folded. */
function commentText(comment: string): string {
  if (isPrintableAscii(comment) && !comment.includes("=?")) return `(${comment.replace(/[()\\]/g, "\\$&")})`;
  return `( ${encodeWords(comment, "phrase", 1)} )`;
}

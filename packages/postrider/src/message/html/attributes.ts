/**
 * A scanner for the attributes of html and the positions of their values, with the rules of browsers.
 *
 * Layer: message. WHATWG HTML §13.2.5 (tokenization), without character references, foreign content and escaped scripts.
 *
 * SECURITY: linear time; a search without a hit is made once.
 */

/** One attribute of a start tag. */
export interface HtmlAttribute {
  /** In lower case. */
  readonly element: string;
  /** In lower case. */
  readonly name: string;
  /** Index of the first character of the value, after the quote if there is one. */
  readonly start: number;
  /** Index after the last character of the value. */
  readonly end: number;
}

/** The attributes with a value, in order; of duplicates in a tag only the first, as in browsers. */
export function* htmlAttributes(html: string): Iterable<HtmlAttribute> {
  let position = html.indexOf("<");
  while (position !== -1) {
    const tag = readTag(html, position);
    yield* tag.attributes;
    position = html.indexOf("<", tag.end);
  }
}

interface Tag {
  readonly attributes: readonly HtmlAttribute[];
  /** The index at which scanning continues. */
  readonly end: number;
}

const TAG = /<(\/?)([A-Za-z][^\t\n\f\r />]*)/y;
// Elements whose content is raw text.
const RAW_TEXT: ReadonlySet<string> = new Set([
  "script",
  "style",
  "textarea",
  "title",
  "xmp",
  "iframe",
  "noembed",
  "noframes",
]);

function readTag(html: string, start: number): Tag {
  if (html.startsWith("<!--", start)) return { attributes: [], end: commentEnd(html, start) };
  TAG.lastIndex = start;
  const [opening = "", slash = "", name = ""] = TAG.exec(html) ?? [];
  if (opening === "")
    return { attributes: [], end: /^[!?/]/.test(html.charAt(start + 1)) ? behind(html, ">", start) : start + 1 };
  const element = name.toLowerCase();
  const { attributes, end } = readAttributes(html, start + opening.length, element);
  if (slash !== "") return { attributes: [], end };
  if (element === "plaintext") return { attributes, end: html.length };
  return { attributes, end: RAW_TEXT.has(element) ? rawTextEnd(html, element, end) : end };
}

/** The end of the tag; the end of the text when it is not closed, and then it is not a tag. */
function readAttributes(html: string, start: number, element: string): Tag {
  const found = new Map<string, HtmlAttribute>();
  let at = start;
  while (at < html.length) {
    at = skip(SPACE_OR_SLASH, html, at);
    if (html[at] === ">") return { attributes: [...found.values()].filter(({ end }) => end !== -1), end: at + 1 };
    const nameEnd = skip(NAME, html, at + 1);
    const name = html.slice(at, nameEnd).toLowerCase();
    const equals = skip(SPACE, html, nameEnd);
    const value = html[equals] === "=" ? readValue(html, skip(SPACE, html, equals + 1)) : undefined;
    at = value?.behind ?? equals;
    if (!found.has(name)) found.set(name, { element, name, start: value?.start ?? -1, end: value?.end ?? -1 });
  }
  return { attributes: [], end: html.length };
}

const SPACE = /[^\t\n\f\r ]/g;
const SPACE_OR_SLASH = /[^\t\n\f\r /]/g;
const NAME = /[\t\n\f\r />=]/g;
const UNQUOTED = /[\t\n\f\r >]/g;

/** The index of the first match from `at` on. */
function skip(until: RegExp, html: string, at: number): number {
  until.lastIndex = at;
  return until.exec(html)?.index ?? html.length;
}

interface Value {
  readonly start: number;
  readonly end: number;
  readonly behind: number;
}

function readValue(html: string, at: number): Value | undefined {
  const quote = html[at];
  if (quote === ">") return undefined;
  if (quote !== '"' && quote !== "'") {
    const end = skip(UNQUOTED, html, at);
    return { start: at, end, behind: end };
  }
  const end = html.indexOf(quote, at + 1);
  // Not closed: the rest of the text belongs to the tag.
  return end === -1 ? { start: at, end: at, behind: html.length } : { start: at + 1, end, behind: end + 1 };
}

const COMMENT_END = /--!?>/g;

function commentEnd(html: string, start: number): number {
  const empty = /^<!---?>/.exec(html.slice(start, start + "<!--->".length));
  if (empty !== null) return start + empty[0].length;
  COMMENT_END.lastIndex = start + "<!--".length;
  const match = COMMENT_END.exec(html);
  return match === null ? html.length : match.index + match[0].length;
}

function rawTextEnd(html: string, element: string, start: number): number {
  const end = new RegExp(`</${element}(?=[\\t\\n\\f\\r />])`, "gi");
  end.lastIndex = start;
  return end.exec(html)?.index ?? html.length;
}

function behind(html: string, text: string, start: number): number {
  const found = html.indexOf(text, start);
  return found === -1 ? html.length : found + text.length;
}

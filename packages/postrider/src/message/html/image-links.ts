/**
 * The images that an html text links to: `src` and `srcset` of pictures, `background` of tables.
 *
 * Layer: message. WHATWG HTML §4.8.4.2.1 (srcset) and §13.2.5.72 (character references), without the rarer named ones.
 */
import { type HtmlAttribute, htmlAttributes } from "./attributes.js";

/** One link. */
export interface ImageLink {
  /** With its character references resolved. */
  readonly url: string;
  /** Where the link stands in the html. */
  readonly start: number;
  readonly end: number;
}

const ELEMENTS: ReadonlyMap<string, readonly string[]> = new Map([
  ["src", ["img"]],
  ["srcset", ["img", "source"]],
  ["background", ["body", "table", "thead", "tbody", "tfoot", "tr", "td", "th"]],
]);

/** All links, in order. */
export function* imageLinks(html: string): Iterable<ImageLink> {
  for (const attribute of htmlAttributes(html)) {
    if (ELEMENTS.get(attribute.name)?.includes(attribute.element) !== true) continue;
    for (const [start, end] of attribute.name === "srcset" ? candidates(html, attribute) : [trim(html, attribute)]) {
      if (end > start) yield { url: resolveReferences(html.slice(start, end)), start, end };
    }
  }
}

const SPACE = /[\t\n\f\r ]/;

function trim(html: string, attribute: HtmlAttribute): readonly [start: number, end: number] {
  let { start, end } = attribute;
  while (start < end && SPACE.test(html.charAt(start))) start += 1;
  while (end > start && SPACE.test(html.charAt(end - 1))) end -= 1;
  return [start, end];
}

/** The URLs of `a.png 1x, b.png 2x`: a comma ends one only at its end, so that `data:` URIs stay whole. */
function* candidates(html: string, { start, end }: HtmlAttribute): Iterable<readonly [start: number, end: number]> {
  let at = start;
  while (at < end) {
    while (at < end && /[\t\n\f\r ,]/.test(html.charAt(at))) at += 1;
    const from = at;
    while (at < end && !SPACE.test(html.charAt(at))) at += 1;
    let to = at;
    while (to > from && html[to - 1] === ",") to -= 1;
    yield [from, to];
    if (to < at) continue;
    for (let depth = 0; at < end && (html[at] !== "," || depth > 0); at += 1) {
      if (html[at] === "(") depth += 1;
      else if (html[at] === ")") depth -= 1;
    }
  }
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);
const REFERENCE = /&(?:#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6})|(amp|lt|gt|quot|apos));/g;

function resolveReferences(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(REFERENCE, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED.get(name) ?? whole;
    const point = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}

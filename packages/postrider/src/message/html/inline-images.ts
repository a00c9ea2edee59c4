/**
 * inlineImages: local images of html as related parts; their links become `cid:`.
 *
 * Layer: message. RFC 2387, RFC 2392, RFC 3986 §3 (what is a scheme).
 */
import { MessageError } from "../../errors/errors.js";
import type { Attachment } from "../attachment.js";
import { fileAttachment, findFileWithin } from "../files/file-attachment.js";
import { mediaTypeOf } from "../files/media-types.js";
import { checkString, readKeys } from "../plain-data.js";
import { randomToken } from "../random-token.js";
import { type HtmlAttribute, htmlAttributes } from "./attributes.js";

/** Where `inlineImages` looks for files. */
export interface InlineImagesOptions {
  /** The folder that the links are relative to; no file outside of it is ever read. A path, or a file: URL. */
  readonly root: string | URL;
}

/** The result of `inlineImages`: fields of a message. */
export interface InlinedImages {
  /** The html with the links to local images replaced. */
  readonly html: string;
  /** One attachment for each file, in the order of first links. */
  readonly attachments: readonly Attachment[];
}

/**
 * Makes the local images that the html links to parts of the message: `src` and `srcset` of `<img>` and `<source>`,
 * `background` of tables and `<body>`. Links with `https:`, `http:`, `data:` or `cid:`, and links to other hosts (`//host/`)
 * stay as they are; so do links in comments and in styles.
 *
 * The files are located now, and read each time the message is composed.
 *
 * @example
 * const message = { ...(await inlineImages('<img src="logo.png">', { root: "./templates" })), subject: "Hello" };
 *
 * @throws MessageError (`"message"`) that quotes the link: when the file is missing, `..` or a symbolic link leads out of
 * `root`, the extension is not that of an image, or the scheme is not allowed.
 */
export async function inlineImages(html: string, options: InlineImagesOptions): Promise<InlinedImages> {
  checkString(html, FIELD);
  const { root }: Partial<InlineImagesOptions> = readKeys(options, KEYS, FIELD, "the options of inlineImages");
  if (root === undefined) {
    throw new MessageError(`${FIELD}.root`, "is missing: the folder that the links are relative to");
  }
  const token = randomToken();
  const paths = new Map<string, string>();
  const images = new Map<string, Attachment & { readonly contentId: string }>();
  let text = "";
  let end = 0;
  for (const link of imageLinks(html)) {
    if (STAYS.test(link.url)) continue;
    const path = paths.get(link.url) ?? (await findImage(link.url, root));
    paths.set(link.url, path);
    const known = images.get(path);
    const contentId = known?.contentId ?? `image-${images.size + 1}.${token}@inline`;
    if (known === undefined) images.set(path, { ...fileAttachment(path), contentId });
    text += `${html.slice(end, link.start)}cid:${contentId}`;
    end = link.end;
  }
  return { html: text + html.slice(end), attachments: [...images.values()] };
}

const FIELD = "inlineImages";
const KEYS: readonly (keyof InlineImagesOptions)[] = ["root"];
const STAYS = /^(?:https?:|data:|cid:|\/\/)/i;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;

async function findImage(url: string, root: string | URL): Promise<string> {
  const shown = JSON.stringify(url.slice(0, 80));
  // SECURITY: the html may be untrusted: a link names an image below the root, or it is an error.
  if (SCHEME.test(url)) throw new MessageError(FIELD, `${shown} has a scheme that an image must not have`);
  const path = decodePath(url.replace(/[?#].*$/s, ""), shown);
  if (path === "") throw new MessageError(FIELD, `${shown} names no file`);
  if (path.split("/").includes("..")) throw new MessageError(FIELD, `${shown} must not hold ".."`);
  if (/[\\\x00-\x1f\x7f]/.test(path)) {
    throw new MessageError(FIELD, `${shown} must not hold backslashes and control characters`);
  }
  if (mediaTypeOf(path)?.startsWith("image/") !== true) {
    throw new MessageError(FIELD, `${shown} is not an image by its file extension`);
  }
  return await findFileWithin(root, path, (rule, cause) => new MessageError(FIELD, `${shown} ${rule}`, { cause }));
}

function decodePath(path: string, shown: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new MessageError(FIELD, `${shown} has a broken escape: two hexadecimal digits of UTF-8 follow each "%"`, {
      cause,
    });
  }
}

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

/**
 * What the HTML of a message would fetch from elsewhere: pictures, backgrounds and fonts.
 *
 * Found by looking at attributes and at url() of style sheets, not by building a document. What is missed stays blocked,
 * because the policy of the frame lets in what is listed here and nothing else.
 */

/** Elements that fetch something when they are shown, and by which attributes. Frames and links have lost their names by then. */
const FETCHING: Readonly<Record<string, readonly string[]>> = {
  img: ["src", "srcset"],
  input: ["src"],
  source: ["srcset"],
  video: ["poster"],
  image: ["href", "xlink:href"],
};
/** An address ends at what delimits it. */
const ATTRIBUTE =
  /[\s"'/](src|srcset|background|poster|(?:xlink:)?href)\s*=\s*(?:"([^"]{1,8192})"|'([^']{1,8192})'|([^\s"'>]{1,8192}))/gi;
const STYLE_URL = /\burl\(\s*(?:&quot;|["'])?([^"')\s&]{1,8192})/gi;
/** SECURITY: hosts become part of a policy, in which ";" and "*" have a meaning, and a URL may have both in its host. */
const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/;
/** SECURITY: a message of megabytes of addresses must not become a page of them, nor a header of the answer. */
const MAX_ADDRESSES = 200;

/** Addresses, each once, in the order of the message; at most 200. */
export function remoteAddresses(html: string): readonly string[] {
  const found = new Set<string>();
  // Each piece is one tag and the text behind it.
  for (const piece of html.split("<")) {
    for (const reference of references(piece)) {
      const address = remoteAddress(reference);
      if (address !== undefined) found.add(address);
      if (found.size === MAX_ADDRESSES) return [...found];
    }
  }
  return [...found];
}

function* references(piece: string): Generator<string> {
  const element = /^[a-z]{1,20}/i.exec(piece)?.[0].toLowerCase() ?? "";
  const fetching = Object.hasOwn(FETCHING, element) ? FETCHING[element] : undefined;
  for (const [, name = "", double, single, bare] of piece.matchAll(ATTRIBUTE)) {
    const attribute = name.toLowerCase();
    const value = double ?? single ?? bare ?? "";
    if (attribute !== "background" && fetching?.includes(attribute) !== true) continue;
    if (attribute !== "srcset") yield value;
    else for (const candidate of value.split(/,\s/)) yield candidate.trim().split(/\s/, 1)[0] ?? "";
  }
  for (const [, address = ""] of piece.matchAll(STYLE_URL)) yield address;
}

/** Where the addresses lead, as sources of a Content-Security-Policy. */
export function remoteOrigins(html: string): readonly string[] {
  return [...new Set(remoteAddresses(html).map((address) => new URL(address).origin))];
}

function remoteAddress(reference: string): string | undefined {
  const address = reference.trim();
  if (!/^(?:https?:)?\/\//i.test(address)) return undefined;
  const text = address.replaceAll(/&amp;/gi, "&");
  // An address without a scheme takes that of the page, which is http here.
  const url = URL.canParse(text, "http://localhost") ? new URL(text, "http://localhost") : undefined;
  return url !== undefined && HOST.test(url.hostname) ? url.href : undefined;
}

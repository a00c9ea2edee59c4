/**
 * The `cid:` links of an html text.
 *
 * Layer: message. RFC 2392.
 */

/** Up to where the identifier ends in an attribute, in CSS or in plain text. Linear: each character is looked at once. */
const LINK = /cid:([^"'\s<>()\\]+)/gi;

/** The identifiers that the html links to, percent-decoded, without `cid:`. */
export function findContentIds(html: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, link = ""] of html.matchAll(LINK)) {
    const id = link.replaceAll("&amp;", "&");
    found.add(id);
    found.add(percentDecode(id));
  }
  return found;
}

function percentDecode(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * What the HTML of a message would fetch from elsewhere: pictures, backgrounds and fonts.
 *
 * Found by looking at attributes and at url() of style sheets, not by building a document. What is missed stays blocked,
 * because the policy of the frame lets in what is listed here and nothing else.
 */

/** Attributes that load something, and url(); an address ends at what delimits it. */
const REFERENCES =
  /(?:\b(?:src|srcset|background|poster)\s*=\s*(?:"([^"]{1,8192})"|'([^']{1,8192})'|([^\s"'>]{1,8192}))|\burl\(\s*(?:&quot;|["'])?([^"')\s&]{1,8192}))/gi;
/** SECURITY: hosts become part of a policy, in which ";" and "*" have a meaning, and a URL may have both in its host. */
const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/;
/** SECURITY: a message of megabytes of addresses must not become a page of them, nor a header of the answer. */
const MAX_ADDRESSES = 200;

/** Addresses, each once, in the order of the message; at most 200. */
export function remoteAddresses(html: string): readonly string[] {
  const found = new Set<string>();
  for (const [, double, single, bare, style] of html.matchAll(REFERENCES)) {
    const value = double ?? single ?? bare ?? style ?? "";
    for (const candidate of value.split(/[\s,]+(?=https?:|\/\/)/i)) {
      const address = remoteAddress(candidate.trim().split(/\s/, 1)[0] ?? "");
      if (address !== undefined) found.add(address);
      if (found.size === MAX_ADDRESSES) return [...found];
    }
  }
  return [...found];
}

/** Where the addresses lead, as sources of a Content-Security-Policy. */
export function remoteOrigins(html: string): readonly string[] {
  return [...new Set(remoteAddresses(html).map((address) => new URL(address).origin))];
}

function remoteAddress(reference: string): string | undefined {
  if (!/^(?:https?:)?\/\//i.test(reference)) return undefined;
  const text = reference.replaceAll(/&amp;/gi, "&");
  // An address without a scheme takes that of the page, which is http here.
  const url = URL.canParse(text, "http://localhost") ? new URL(text, "http://localhost") : undefined;
  return url !== undefined && HOST.test(url.hostname) ? url.href : undefined;
}

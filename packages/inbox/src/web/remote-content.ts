/**
 * What the HTML of a message would fetch from elsewhere when it is read: by attributes of any element, and by styles.
 *
 * Where readers differ, it counts: comments and hidden texts are looked through as well, because Outlook reads some of them.
 * HTML Standard §4.2 to §4.8 (attributes that fetch), §4.8.4.2.1 (srcset).
 */
import { Parser } from "htmlparser2";
import { styleAddresses } from "./style-addresses.js";

/** Attributes that are fetched, whatever the element; without their prefix, as in `xlink:href` and `v:src`. */
const FETCHED = new Set(
  "src background poster data href classid codebase archive code manifest lowsrc dynsrc longdesc icon".split(" "),
);
/** Lists of candidates. */
const SETS = new Set(["srcset", "imagesrcset"]);
/** Their addresses are followed when somebody clicks. */
const LINKS = new Set(["a", "area"]);
/** What these fetch is more than a picture, and stays blocked. */
const ACTIVE = new Set("link meta iframe frame frameset script object embed applet html".split(" "));
/** SECURITY: hosts become part of a policy, in which ";" and "*" have a meaning, and a URL may have both in its host. */
const POLICY_HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/;
/** SECURITY: a message of megabytes of addresses must not become a page of them, nor a header of the answer. */
const MAX_ADDRESSES = 200;
/** A longer address is listed by its origin alone. */
const MAX_LENGTH = 4096;
/** How deep HTML is looked for in comments and texts of HTML. */
const MAX_DEPTH = 3;
/** An address without a scheme or host leads here: to no place but the message. */
const NOWHERE = "http://message.invalid/";

/** What the HTML of a message would fetch. */
export interface RemoteContent {
  /** Addresses, each once, in the order of the message; at most 200. */
  readonly addresses: readonly string[];
  /** Those of them that the page loads when it is asked to: pictures, fonts, audio and video. */
  readonly loadable: readonly string[];
}

export function remoteContent(html: string): RemoteContent {
  const found = new Map<string, boolean>();
  const relative = new Map<string, boolean>();
  let last = "";
  let base: string | undefined;
  collect(html, 0, (reference, kind) => {
    // PERF: where there are many, they are mostly the same.
    if (kind + reference === last) return;
    last = kind + reference;
    const address = absoluteAddress(reference);
    if (kind === "base") base ??= address;
    else if (address === undefined) note(relative, reference, kind === "shown");
    else note(found, address, kind === "shown");
  });
  // With a base elsewhere, what would lead to no place leads there.
  if (base !== undefined) {
    for (const [reference, loadable] of relative) {
      const address = absoluteAddress(reference, base);
      if (address !== undefined) note(found, address, loadable);
    }
  }
  return { addresses: [...found.keys()], loadable: [...found.keys()].filter((address) => found.get(address) === true) };
}

/** Where pictures, fonts, audio and video come from, as sources of a Content-Security-Policy. */
export function remoteOrigins(html: string): readonly string[] {
  const urls = remoteContent(html).loadable.map((address) => new URL(address));
  const fit = urls.filter(({ protocol, hostname }) => /^https?:$/.test(protocol) && POLICY_HOST.test(hostname));
  return [...new Set(fit.map(({ origin }) => origin))];
}

function note(found: Map<string, boolean>, address: string, loadable: boolean): void {
  if (found.has(address) || found.size < MAX_ADDRESSES) found.set(address, loadable || found.get(address) === true);
}

/** `"shown"`: a picture, font, audio or video; `"active"`: a document, script or style sheet, which the page never loads. */
type Kind = "shown" | "active" | "base";
type Found = (reference: string, kind: Kind) => void;

function collect(html: string, depth: number, found: Found): void {
  let element = "";
  let hidden: string[] = [];
  const lookThrough = (text: string): void => {
    if (depth < MAX_DEPTH && text.includes("<")) collect(text, depth + 1, found);
  };
  const parser = new Parser({
    onopentagname: (name) => {
      element = name;
      hidden = [];
    },
    onattribute: (name, value) => {
      const local = name.slice(name.indexOf(":") + 1);
      const kind = ACTIVE.has(element) ? "active" : "shown";
      if (element === "base" && local === "href") found(value, "base");
      else if (FETCHED.has(local) && !(local === "href" && LINKS.has(element))) found(value, kind);
      else if (SETS.has(local)) for (const candidate of candidates(value)) found(candidate, kind);
      else if (local === "srcdoc") lookThrough(value);
      else if (element === "meta" && local === "content")
        found(/;\s*url\s*=\s*["']?(.*)$/is.exec(value)?.[1] ?? "", "active");
      else if (element === "param" && local === "value") found(value, "active");
      // Also presentation attributes of SVG: fill="url(...)".
      if (local === "style" || (value.includes("(") && /url|\\/i.test(value)))
        for (const address of styleAddresses(value)) found(address, "shown");
    },
    ontext: (text) => {
      // Within these, tags are text to this parser, and may be tags to another.
      if (HOLDS_TEXT.has(element)) hidden.push(text);
    },
    onclosetag: (name) => {
      const text = hidden.join("");
      hidden = [];
      if (name === "style") for (const address of styleAddresses(text)) found(address, "shown");
      if (text !== "") lookThrough(text);
      element = "";
    },
    oncomment: (text) => lookThrough(text),
    onprocessinginstruction: (_name, text) => lookThrough(text),
  });
  parser.end(html);
}

const HOLDS_TEXT = new Set(["style", "script", "title", "textarea", "xmp", "noscript", "noembed", "noframes"]);

/** The addresses of a srcset: each ends at white space, and a comma at its end or behind its descriptors begins the next. */
function* candidates(set: string): Generator<string> {
  let expected: boolean = true;
  for (const [word] of set.matchAll(/[^\s]+/g)) {
    const comma: number = expected ? -1 : word.indexOf(",");
    if (!expected && comma === -1) continue;
    const address: string = word.slice(comma + 1).replace(/^,+/, "");
    if (address !== "") yield address.replace(/,{1,9}$/, "");
    expected = address === "" || address.endsWith(",");
  }
}

function absoluteAddress(reference: string, base: string = NOWHERE): string | undefined {
  const alone = URL.canParse(reference);
  if (!alone && !URL.canParse(reference, base)) return undefined;
  const url = alone ? new URL(reference) : new URL(reference, base);
  // file: with a host is a share of Windows, which Outlook opens.
  if (!/^(?:https?|ftp|wss?|file):$/.test(url.protocol) || url.hostname === "" || url.href.startsWith(NOWHERE))
    return undefined;
  return url.href.length > MAX_LENGTH ? `${url.protocol}//${url.host}/` : url.href;
}

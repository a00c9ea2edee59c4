/**
 * The links of a message, the one that it was sent for (to confirm, to log in, to choose a password), and the code that it tells.
 */
import { Parser } from "htmlparser2";
import type { InboxMessage } from "../message.js";
import type { ApiLink } from "./api-types.js";
import { htmlText } from "./html-text.js";
import { trimmedUrl, URL_IN_TEXT } from "./url-in-text.js";

const MAX_LINKS = 500;
const MAX_ADDRESS = 4096;
const MAX_LABEL = 200;
/** PERF: of a longer text only the beginning is looked through. */
const MAX_TEXT = 500_000;
const MAX_HTML = 4_000_000;

const ACTION =
  /\b(?:confirm|verif|activat|validat|reset|recover|unlock|invit|accept|magic|sign[-_ ]?in|log[-_ ]?in|set[-_ ]?(?:up|password)|choose[-_ ]?password|change[-_ ]?password|opt[-_ ]?in|best[aä]tig|anmelde|passwor[dt])/i;
const TOKEN = /[?&#/](?:token|code|key|otp|ticket|signature|hash|t|k)=[\w%.~-]{6,}/i;
const UNSUBSCRIBE =
  /unsub(?:scri|\b)|opt[-_ ]?out|abmeld|abbestell|d[ée]sabonn|d[ée]sinscri|afmeld|uitschrijv|preferences/i;

/** Digits (or groups of them) close behind a word that announces a code. */
const CODE =
  /\b(?:code|pin|otp|passcode|one[- ]time password|verification|token)\b[^\n\r0-9]{0,60}\b(\d{3}[- ]\d{3}|\d{4,8})\b(?!\s*(?:%|€|\$|px|minutes|hours|days))/i;
/** Or in front of it. */
const CODE_BEFORE = /\b(\d{3}[- ]\d{3}|\d{6})\b[^\n\r0-9]{0,30}\b(?:is your|code|pin|otp|passcode)\b/i;

/** Each address once, those of the HTML first; at most 500. */
export function linksOf({ html = "", text = "", headers }: InboxMessage): readonly ApiLink[] {
  const found = new Map<string, { label: string; kind: ApiLink["kind"] }>();
  const add = (url: string, label: string): void => {
    if (found.size >= MAX_LINKS || url.length > MAX_ADDRESS) return;
    const before = found.get(url);
    if (before === undefined || before.label === "") found.set(url, { label, kind: kindOf(url, label) });
  };
  for (const { url, label } of anchorsOf(html)) add(url, label);
  for (const url of addressesIn(text.slice(0, MAX_TEXT))) add(url, "");
  for (const [, url = ""] of (headers.get("List-Unsubscribe") ?? "").matchAll(/<([^<>\s]+)>/g))
    add(url, "List-Unsubscribe");
  const links = [...found].map(([url, { label, kind }]) => ({ url, label, kind }));
  // Only one is what the message is for: the one whose words say so before one with a token.
  const main = links.find(({ kind, url, label }) => kind === "action" && ACTION.test(`${label} ${pathOf(url)}`));
  const chosen = main ?? links.find(({ kind }) => kind === "action");
  return links.map((link) => (link.kind === "action" && link !== chosen ? { ...link, kind: undefined } : link));
}

/** A code to type in somewhere, such as `"482913"`; undefined when none is announced. */
export function codeOf({ text, html, subject = "" }: InboxMessage): string | undefined {
  const words = `${subject}\n${text?.slice(0, 20_000) ?? htmlText(html ?? "")}`.replace(URL_IN_TEXT, " ");
  return (CODE.exec(words) ?? CODE_BEFORE.exec(words))?.[1];
}

/** Web addresses in a text, without the punctuation behind them. */
export function* addressesIn(text: string): Generator<string> {
  for (const [whole] of text.matchAll(URL_IN_TEXT)) {
    const url = trimmedUrl(whole);
    if (URL.canParse(url)) yield url;
  }
}

function kindOf(url: string, label: string): ApiLink["kind"] {
  const words = `${label} ${pathOf(url)}`;
  if (UNSUBSCRIBE.test(words)) return "unsubscribe";
  return ACTION.test(words) || TOKEN.test(url) ? "action" : undefined;
}

function pathOf(url: string): string {
  if (!URL.canParse(url)) return "";
  const { pathname, search, hash } = new URL(url);
  return `${pathname} ${search} ${hash}`;
}

function anchorsOf(html: string): readonly { readonly url: string; readonly label: string }[] {
  const anchors: { url: string; label: string }[] = [];
  let open: { url: string; label: string } | undefined;
  const parser = new Parser({
    onopentag: (name, attributes) => {
      if (name === "img" && open !== undefined) open.label += ` ${attributes["alt"] ?? ""}`;
      if (name !== "a" && name !== "area") return;
      const url = (attributes["href"] ?? "").trim();
      if (url === "" || url.startsWith("#") || anchors.length >= 10 * MAX_LINKS) return;
      open = { url, label: attributes["alt"] ?? "" };
      anchors.push(open);
    },
    ontext: (text) => {
      if (open !== undefined && open.label.length < MAX_LABEL) open.label += text;
    },
    onclosetag: (name) => {
      if (name === "a") open = undefined;
    },
  });
  parser.end(html.slice(0, MAX_HTML));
  return anchors.map(({ url, label }) => ({ url, label: label.replace(/\s+/g, " ").trim().slice(0, MAX_LABEL) }));
}

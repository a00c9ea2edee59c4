/**
 * How much there is, and of what: the text, the size, the length of lines.
 *
 * RFC 5322 §2.1.1 (length of lines), §2.3 (CR and LF only together).
 */
import { Buffer } from "node:buffer";
import type { InboxMessage } from "../message.js";
import type { ApiCheck } from "../web/api-types.js";

/** Gmail, Outlook and most others refuse more. */
const REFUSED_BYTES = 25 * 1000 * 1000;
const LARGE_BYTES = 10 * 1000 * 1000;
/** Gmail shows no more of the HTML than this and offers a link to the rest. */
const CLIPPED_HTML_BYTES = 102 * 1024;
/** Links get longer on the way, where clicks are counted. */
const NEARLY_CLIPPED = 0.8;
const MAX_LINE_BYTES = 998;
const CR = 13;
const LF = 10;

export function checkText({ text, html, attachments }: InboxMessage): ApiCheck {
  const about = { id: "text" };
  if (html !== undefined && (text ?? "").trim() === "")
    return {
      ...about,
      level: "warning",
      title: "No text part",
      detail: "HTML alone is a sign of spam, and some people read text. Add the same as text.",
    };
  if (html === undefined && (text ?? "").trim() === "" && attachments.length === 0)
    return {
      ...about,
      level: "warning",
      title: "Nothing to read",
      detail: "There is neither text nor HTML nor an attachment.",
    };
  return {
    ...about,
    level: "ok",
    title: "Text",
    detail: html === undefined ? "The message is text." : "The message is text and HTML.",
  };
}

export function checkSize({ size }: InboxMessage): ApiCheck {
  const about = { id: "size" };
  const detail = `${(size / 1_000_000).toFixed(2)} MB on the wire`;
  if (size > REFUSED_BYTES)
    return {
      ...about,
      level: "problem",
      title: "Too large",
      detail: `${detail}; Gmail and many others refuse more than 25 MB.`,
    };
  if (size > LARGE_BYTES)
    return { ...about, level: "warning", title: "Large", detail: `${detail}; some servers refuse more than 10 MB.` };
  return { ...about, level: "ok", title: "Size", detail: `${detail}.` };
}

/** Undefined without HTML. */
export function checkClipping({ html }: InboxMessage): ApiCheck | undefined {
  if (html === undefined) return undefined;
  const about = { id: "clipping" };
  const bytes = Buffer.byteLength(html);
  const detail = `The HTML has ${(bytes / 1024).toFixed(1)} KiB; Gmail shows the first 102 KiB.`;
  if (bytes > CLIPPED_HTML_BYTES) return { ...about, level: "warning", title: "HTML is long", detail };
  if (bytes > NEARLY_CLIPPED * CLIPPED_HTML_BYTES)
    return { ...about, level: "note", title: "HTML is nearly too long", detail };
  return { ...about, level: "ok", title: "Gmail shows all of it", detail };
}

export function checkLines({ raw }: InboxMessage): ApiCheck {
  const { longest, number, bare } = measureLines(raw);
  const about = { id: "lines" };
  if (bare > 0)
    return {
      ...about,
      level: "problem",
      title: "CR or LF alone",
      detail: `Line ${bare} does not end with CRLF; servers refuse it, because it can smuggle in another message.`,
    };
  if (longest > MAX_LINE_BYTES)
    return {
      ...about,
      level: "problem",
      title: "A line is too long",
      detail: `Line ${number} has ${longest} bytes; more than 998 are refused or broken on the way.`,
    };
  return { ...about, level: "ok", title: "Lines", detail: `The longest has ${longest} bytes of the 998 allowed.` };
}

interface Lines {
  /** Bytes without the line end, and the line's number. */
  readonly longest: number;
  readonly number: number;
  /** The first line that ends otherwise than by CRLF; 0 when none does. */
  readonly bare: number;
}

function measureLines(raw: Uint8Array): Lines {
  let longest = 0;
  let number = 0;
  let bare = 0;
  let line = 1;
  let start = 0;
  for (let index = 0; index <= raw.length; index += 1) {
    const byte = raw[index];
    if (byte !== LF && byte !== CR && byte !== undefined) continue;
    if (index - start > longest) {
      longest = index - start;
      number = line;
    }
    const whole = byte === CR && raw[index + 1] === LF;
    if (byte !== undefined && !whole && bare === 0) bare = line;
    if (whole) index += 1;
    start = index + 1;
    line += 1;
  }
  return { longest, number, bare };
}

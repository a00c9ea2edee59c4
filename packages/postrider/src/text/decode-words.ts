/**
 * Decodes encoded words in headers.
 *
 * Layer: text. RFC 2047 §2, §4 and §6.2, RFC 2231 §5 (language), RFC 6532.
 */
import { Buffer } from "node:buffer";
import { findHeaderControl } from "./characters.js";

// SECURITY: no part matches a "?", so the cost of each start is bounded by the next "?".
const ENCODED_WORD = /=\?([^?\t ]+)\?([bq])\?([^?\t ]*)\?=/gi;
const WHOLE_WORD = /^=\?[^?\t ]+\?[bq]\?[^?\t ]*\?=$/i;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const WHITE_SPACE = /^[ \t]+$/;

interface Word {
  readonly charset: string;
  readonly bytes: Buffer;
}

/** True when the whole text is one encoded word. */
export function isEncodedWord(text: string): boolean {
  return WHOLE_WORD.test(text);
}

/**
 * Decodes the encoded words in a text; white space between two of them is dropped (RFC 2047 §6.2).
 *
 * Words in an unknown charset, with invalid base64 or with control characters stay undecoded. Adjacent words in one charset are
 * decoded together, because some writers split a character between two words.
 *
 * @example
 * decodeEncodedWords("=?utf-8?Q?Gr=C3=BC=C3=9Fe?= aus Wien");  // "Grüße aus Wien"
 */
export function decodeEncodedWords(text: string): string {
  if (!text.includes("=?")) return text;
  let result = "";
  let end = 0;
  let group: Word[] = [];
  let groupStart = 0;
  for (const match of text.matchAll(ENCODED_WORD)) {
    const word = decodeWord(match[1] ?? "", match[2] ?? "", match[3] ?? "");
    if (word === undefined) continue;
    const between = text.slice(end, match.index);
    const [first] = group;
    const continues = first !== undefined && (between === "" || WHITE_SPACE.test(between));
    if (!continues || first.charset !== word.charset) {
      result += decodeGroup(group, text.slice(groupStart, end));
      if (!continues) result += between;
      group = [];
      groupStart = match.index;
    }
    group.push(word);
    end = match.index + match[0].length;
  }
  return result + decodeGroup(group, text.slice(groupStart, end)) + text.slice(end);
}

function decodeGroup(group: readonly Word[], source: string): string {
  const [first] = group;
  if (first === undefined) return source;
  const decoder = new TextDecoder(first.charset, { ignoreBOM: true });
  const decoded = decoder.decode(Buffer.concat(group.map((word) => word.bytes)));
  const text = decoder.encoding === "windows-1252" ? decoded.replace(C1, fromWindows1252) : decoded;
  // SECURITY: a decoded line break would inject a header wherever the text is written again.
  return findHeaderControl(text) === undefined ? text : source;
}

// QUIRK: Node 20 decodes windows-1252 as ISO 8859-1, so that quotes become controls.
const C1 = /[\x80-\x9f]/g;
const WINDOWS_1252 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

const fromWindows1252 = (unit: string): string => WINDOWS_1252.charAt(unit.charCodeAt(0) - 0x80);

function decodeWord(charset: string, encoding: string, content: string): Word | undefined {
  const label = charset.split("*")[0]?.toLowerCase() ?? "";
  if (!isKnownCharset(label)) return undefined;
  if (encoding === "q" || encoding === "Q") return { charset: label, bytes: decodeQ(content) };
  return BASE64.test(content) ? { charset: label, bytes: Buffer.from(content, "base64") } : undefined;
}

function isKnownCharset(label: string): boolean {
  if (label === "utf-8") return true;
  try {
    return new TextDecoder(label).encoding !== "";
  } catch {
    return false;
  }
}

const Q_BYTE = /_|=([0-9A-Fa-f]{2})/g;

/** RFC 2047 §4.2: "_" is a space, "=XX" a byte. Other characters stand for themselves (RFC 6532). */
function decodeQ(content: string): Buffer {
  const utf8 = Buffer.from(content, "utf8").toString("latin1");
  const bytes = utf8.replace(Q_BYTE, (match, hex: string | undefined) =>
    hex === undefined ? (match === "_" ? " " : match) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1");
}

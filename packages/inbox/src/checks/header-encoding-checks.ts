/**
 * How characters outside ASCII stand in the headers of a message and of its parts.
 *
 * RFC 5322 §2.2 (ASCII only), RFC 6532 (UTF-8, with SMTPUTF8), RFC 2047 §2 (encoded words).
 */
import { Buffer, isUtf8 } from "node:buffer";
import { isKnownCharset } from "../mime/decode-part.js";
import type { MimePart } from "../mime/split-message.js";
import type { ApiCheck } from "../web/api-types.js";

const WORD = /=\?([^?\s]{1,80})\?([^?\s]{1,9})\?([^?\s]*)\?=/g;
/** What is left of a word when its end is missing. */
const CUT_OFF = /=\?[\w.:*-]{1,40}(?:\?(?:[bq](?:\?|$)|$)|$)/i;

export function checkHeaderBytes(parts: readonly MimePart[]): ApiCheck {
  const about = { id: "header-bytes" };
  const found = parts.find(({ header }) => header.some((byte) => byte > 127));
  if (found === undefined)
    return { ...about, level: "ok", title: "Header in ASCII", detail: "No field has a byte above 127." };
  const field = found.fields.find(({ name, value }) => /[^\u0000-\u007f]/.test(name + value))?.name ?? "A line";
  if (isUtf8(found.header))
    return {
      ...about,
      level: "warning",
      title: "UTF-8 in the header",
      detail: `${field} is not encoded; only servers with SMTPUTF8 take that, others refuse the message.`,
    };
  return {
    ...about,
    level: "problem",
    title: "8-bit bytes in the header",
    detail: `${field} has bytes above 127 that are not UTF-8; readers show other characters. They must be encoded words.`,
  };
}

export function checkEncodedWords(parts: readonly MimePart[]): ApiCheck {
  const about = { id: "encoded-words" };
  for (const { fields } of parts) {
    for (const { name, value } of fields) {
      const fault = value.includes("=?") ? faultOf(value) : undefined;
      if (fault === undefined) continue;
      const detail = `${name}: ${fault}; readers show it as it stands, or other characters.`;
      return { ...about, level: "problem", title: "A broken encoded word", detail };
    }
  }
  return { ...about, level: "ok", title: "Encoded words", detail: "All that the header has can be decoded." };
}

function faultOf(value: string): string | undefined {
  for (const [word, charset = "", encoding = "", text = ""] of value.matchAll(WORD)) {
    const fault = faultOfWord(charset, encoding, text);
    if (fault !== undefined) return `${JSON.stringify(word.slice(0, 80))} ${fault}`;
  }
  return CUT_OFF.test(value.replace(WORD, "")) ? "an encoded word has no end (?=)" : undefined;
}

function faultOfWord(label: string, encoding: string, text: string): string | undefined {
  // RFC 2231 §5: a language may follow the charset.
  const charset = label.split("*", 1)[0] ?? "";
  if (!isKnownCharset(charset)) return `has the unknown charset ${charset}`;
  const bytes = /^b$/i.test(encoding) ? fromBase64(text) : /^q$/i.test(encoding) ? fromQ(text) : "is neither B nor Q";
  if (typeof bytes === "string") return bytes;
  return /^utf-?8$/i.test(charset) && !isUtf8(bytes) ? "is cut off within a character" : undefined;
}

function fromBase64(text: string): Uint8Array | string {
  if (text.length % 4 !== 0 || !/^[\w+/-]*={0,2}$/.test(text) || /[_-]/.test(text)) return "is not base64";
  return Buffer.from(text, "base64");
}

function fromQ(text: string): Uint8Array | string {
  if (/=(?![0-9a-f]{2})/i.test(text)) return "has = without two digits";
  return Buffer.from(
    text.replace(/=([0-9a-f]{2})/gi, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    "latin1",
  );
}

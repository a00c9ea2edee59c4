/**
 * `lib/mime-funcs`: the functions that programs import: encoded words, folding, media types.
 *
 * Layer: nodemailer. RFC 2047, RFC 5322 §2.2.3 (folding).
 */
import { Buffer } from "node:buffer";
import { MimePart } from "postrider";

/** Whether the text is printable ASCII, perhaps with line breaks and tabs. */
export function isPlainText(value: unknown): boolean {
  return typeof value === "string" && /^[\t\n\r\u0020-\u007e]*$/.test(value);
}

export function hasLongerLines(text: string, lineLength: number): boolean {
  return text.split(/\r?\n/).some((line) => line.length > lineLength);
}

const PREFIX = "=?UTF-8?";

/**
 * Encodes the whole text as encoded words of UTF-8, `"Q"` or `"B"`.
 *
 * @param maxLength of each word, its frame included; 0: one word.
 */
export function encodeWord(data: string | Buffer, encoding = "Q", maxLength = 0): string {
  const text = typeof data === "string" ? data : data.toString("utf8");
  const kind = String(encoding).trim().toUpperCase().charAt(0) === "B" ? "B" : "Q";
  const encode = kind === "B" ? (part: string) => Buffer.from(part).toString("base64") : quoted;
  const room = maxLength > 0 ? Math.max(maxLength - PREFIX.length - 4, 12) : Number.POSITIVE_INFINITY;
  const words: string[] = [];
  let part = "";
  // A character never stands in two words (RFC 2047 §5).
  for (const character of text) {
    if (part !== "" && encode(part + character).length > room) {
      words.push(part);
      part = "";
    }
    part += character;
  }
  return [...words, part].map((word) => `${PREFIX}${kind}?${encode(word)}?=`).join(" ");
}

/** Encodes what is not ASCII, from the first such word to the last. */
export function encodeWords(value: string, encoding = "Q", maxLength = 0, encodeAll = false): string {
  if (encodeAll) return encodeWord(value, encoding, maxLength);
  const [, before = "", middle, after = ""] = /^([\s\S]*?)(\S*[^\t\n\r\u0020-\u007e][\s\S]*)()$/.exec(value) ?? [];
  if (middle === undefined) return value;
  const [, wide = middle, rest = after] =
    /^([\s\S]*[^\t\n\r\u0020-\u007e]\S*)([\t\n\r\u0020-\u007e]*)$/.exec(middle) ?? [];
  return `${before}${encodeWord(wide, encoding, maxLength)}${rest}`;
}

/** Folds at white space, so that lines have at most so many characters where they can. */
export function foldLines(text: string, lineLength = 76, afterSpace = false): string {
  const lines: string[] = [];
  let line = "";
  const words = afterSpace ? text.split(/(?<=\s)(?=\S)/) : text.split(/(?<=\S)(?=\s)/);
  for (const word of words) {
    if (line !== "" && line.length + word.length > lineLength) {
      lines.push(line);
      line = "";
    }
    line += word;
  }
  return [...lines, line].join("\r\n");
}

/** The media type of a file, by its name or its ending. */
export function detectMimeType(name?: string | false): string {
  if (!name) return DEFAULT_TYPE;
  const part = new MimePart({ content: NO_CONTENT, filename: `file.${String(name).replace(/^.*[./\\]/s, "")}` });
  return part.headers.get("Content-Type")?.split(";")[0] ?? DEFAULT_TYPE;
}

const NO_CONTENT = new Uint8Array(0);
const DEFAULT_TYPE = "application/octet-stream";

/** Types whose ending is not their subtype. */
const ENDINGS: Readonly<Record<string, string>> = {
  "application/gzip": "gz",
  "application/javascript": "js",
  "application/msword": "doc",
  "application/vnd.ms-excel": "xls",
  "application/vnd.ms-powerpoint": "ppt",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
  "audio/mpeg": "mp3",
  "image/svg+xml": "svg",
  "image/tiff": "tiff",
  "message/rfc822": "eml",
  "text/calendar": "ics",
  "text/javascript": "js",
  "text/markdown": "md",
  "text/plain": "txt",
  "video/quicktime": "mov",
  "video/x-msvideo": "avi",
};

/** The ending of files of this type; `"bin"` where it is not known. */
export function detectExtension(mimeType?: string | false): string {
  const type = String(mimeType || "")
    .split(";", 1)[0]
    ?.trim()
    .toLowerCase();
  const subtype = type?.split("/")[1] ?? "";
  const known = ENDINGS[type ?? ""];
  if (known !== undefined) return known;
  return subtype !== "" && /^[\w.-]+$/.test(subtype) && detectMimeType(subtype) === type ? subtype : "bin";
}

/** The characters that stand for themselves in a phrase too (RFC 2047 §5). */
function quoted(text: string): string {
  let encoded = "";
  for (const byte of Buffer.from(text)) {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z\d!*+/-]/.test(character)) encoded += character;
    else encoded += character === " " ? "_" : `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

/**
 * Is what the parts of a message say of themselves true: boundaries, charsets, transfer encodings?
 *
 * RFC 2045 §4 (MIME-Version), §6 (transfer encodings), RFC 2046 §4.1.2 (charset), §5.1.1 (boundary).
 */
import { Buffer, isUtf8 } from "node:buffer";
import { decodedBytes, isKnownCharset } from "../mime/decode-part.js";
import type { MimePart } from "../mime/split-message.js";
import type { ApiCheck } from "../web/api-types.js";

const ENCODINGS: readonly string[] = ["", "7bit", "8bit", "binary", "quoted-printable", "base64"];
const EIGHT_BIT: readonly string[] = ["8bit", "binary"];
const ASCII = /^(?:us-)?ascii$/i;

export function checkMultiparts(parts: readonly MimePart[]): ApiCheck {
  const about = { id: "multipart" };
  const root = new Map(parts[0]?.fields.map(({ name, value }) => [name.toLowerCase(), value]));
  const usesMime = root.has("content-type") || root.has("content-transfer-encoding");
  const multiparts = parts.filter(isMultipart);
  // One without parts takes the end of the one around it along, so it comes first.
  const broken = multiparts.find(({ isLeaf }) => isLeaf) ?? multiparts.find(({ isClosed }) => !isClosed);
  if (broken !== undefined)
    return { ...about, level: "problem", title: `A broken ${broken.type}`, detail: faultOfMultipart(broken) };
  if (usesMime && !root.has("mime-version"))
    return {
      ...about,
      level: parts.length > 1 ? "problem" : "warning",
      title: "No MIME-Version",
      detail: "Without MIME-Version: 1.0 a reader may show the parts and their encodings as plain text.",
    };
  if (usesMime && !/^1\.0(?:\s|\(|$)/.test(root.get("mime-version") ?? ""))
    return {
      ...about,
      level: "warning",
      title: "MIME-Version is not 1.0",
      detail: `It says ${JSON.stringify(root.get("mime-version"))}.`,
    };
  const detail = parts.length > 1 ? `The message has ${parts.length} parts.` : "The message has one part.";
  return { ...about, level: "ok", title: "Parts", detail };
}

function faultOfMultipart({ boundary, isLeaf }: MimePart): string {
  if (boundary === undefined) return "Content-Type has no boundary that can be used; its parts are shown as one text.";
  if (isLeaf) return `The boundary ${JSON.stringify(boundary)} never comes; its parts are shown as one text.`;
  return `The line --${boundary}-- that ends it is missing; the message may have been cut off.`;
}

export async function checkCharsets(parts: readonly MimePart[]): Promise<ApiCheck> {
  const about = { id: "charset" };
  for (const part of parts.filter(isText)) {
    const { charset } = part;
    if (charset !== undefined && !isKnownCharset(charset))
      return {
        ...about,
        level: "problem",
        title: "An unknown charset",
        detail: `${part.type} says ${JSON.stringify(charset)}; readers guess, and show other characters.`,
      };
    const bytes = await decodedBytes(part);
    if (/^utf-?8$/i.test(charset ?? "") && !isUtf8(bytes))
      return {
        ...about,
        level: "problem",
        title: "Not UTF-8",
        detail: `${part.type} says charset=${charset}, and its bytes are something else.`,
      };
    if ((charset === undefined || ASCII.test(charset)) && bytes.some((byte) => byte > 127))
      return {
        ...about,
        level: "problem",
        title: "Not ASCII",
        detail: `${part.type} has bytes above 127 and says ${charset === undefined ? "no charset" : `charset=${charset}`}; readers guess.`,
      };
  }
  return { ...about, level: "ok", title: "Charsets", detail: "Every text is in the charset that it names." };
}

export function checkTransferEncodings(parts: readonly MimePart[]): ApiCheck {
  const about = { id: "transfer-encoding" };
  const unknown = parts.find(({ encoding }) => !ENCODINGS.includes(encoding));
  if (unknown !== undefined)
    return {
      ...about,
      level: "problem",
      title: "An unknown transfer encoding",
      detail: `${unknown.type} says ${JSON.stringify(unknown.encoding)}; readers show or save it still encoded.`,
    };
  const container = parts.find((part) => isContainer(part) && ["base64", "quoted-printable"].includes(part.encoding));
  if (container !== undefined)
    return {
      ...about,
      level: "problem",
      title: "An encoded container",
      detail: `${container.type} says ${container.encoding}; only what is in it may be encoded.`,
    };
  return { ...about, level: "ok", title: "Transfer encodings", detail: "All are known." };
}

export function checkBodyBytes(parts: readonly MimePart[]): ApiCheck {
  const about = { id: "body-bytes" };
  const found = parts.find(
    ({ isLeaf, encoding, body }) => isLeaf && !EIGHT_BIT.includes(encoding) && body.some((byte) => byte > 127),
  );
  if (found === undefined)
    return { ...about, level: "ok", title: "7-bit bodies", detail: "8-bit bytes are only where they are announced." };
  const said = found.encoding === "" ? "no Content-Transfer-Encoding, which means 7bit" : found.encoding;
  return {
    ...about,
    level: "problem",
    title: "An 8-bit body that is called something else",
    detail: `${found.type} has bytes above 127 and says ${said}; servers may cut the eighth bit off.`,
  };
}

export function checkBase64(parts: readonly MimePart[]): ApiCheck {
  const about = { id: "base64" };
  for (const part of parts.filter(({ isLeaf }) => isLeaf)) {
    const fault = part.encoding === "base64" ? faultOfBase64(part.body) : faultOfQuotedPrintable(part);
    if (fault === undefined) continue;
    const title = part.encoding === "base64" ? "Broken base64" : "Broken quoted-printable";
    return { ...about, level: "problem", title, detail: `${part.type}${named(part)}: ${fault}.` };
  }
  return { ...about, level: "ok", title: "Encoded content", detail: "All of it can be decoded." };
}

function faultOfBase64(body: Uint8Array): string | undefined {
  const text = latin1(body).replace(/[\r\n]/g, "");
  const bad = /[^A-Za-z0-9+/=]/.exec(text)?.[0];
  if (bad !== undefined) return `${JSON.stringify(bad)} is not a character of base64`;
  const padding = text.indexOf("=");
  if (padding !== -1 && !/^={1,2}$/.test(text.slice(padding))) return "there is more after the = at its end";
  return text.length % 4 === 0 ? undefined : "its length is not a multiple of four: its end is missing";
}

function faultOfQuotedPrintable({ encoding, body }: MimePart): string | undefined {
  if (encoding !== "quoted-printable") return undefined;
  const bad = /=(?![0-9a-f]{2}|[ \t]*\r?\n|$).{0,2}/is.exec(latin1(body))?.[0];
  return bad === undefined ? undefined : `${JSON.stringify(bad)} does not encode a byte`;
}

function isMultipart({ type }: MimePart): boolean {
  return type.startsWith("multipart/");
}

function isContainer({ type }: MimePart): boolean {
  return type.startsWith("multipart/") || type === "message/rfc822";
}

function isText({ isLeaf, type }: MimePart): boolean {
  return isLeaf && type.startsWith("text/");
}

function named({ filename }: MimePart): string {
  return filename === undefined ? "" : ` ${JSON.stringify(filename)}`;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/**
 * Keys as people have them: PEM, base64 or bytes, down to the bytes inside.
 *
 * Layer: dkim. RFC 7468 (PEM).
 */
import { Buffer } from "node:buffer";
import { OptionError } from "../errors.js";
import { copyBytes, isBytes } from "../given.js";

/** More than any key; what is longer is some other file. */
const MAX_KEY_CHARACTERS = 64 * 1024;

const BEGIN = /-----BEGIN ([A-Z0-9 ]{0,40})-----/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * SECURITY: no error shows any of the text.
 *
 * @throws OptionError
 */
export function readKeyBytes(key: unknown, option: string): Uint8Array {
  if (isBytes(key)) {
    const bytes = copyBytes(key);
    if (bytes === undefined)
      throw new OptionError(option, "must not be the bytes of a buffer that was transferred away");
    return isPem(bytes) ? readPem(bytes.toString("latin1"), option) : bytes;
  }
  if (typeof key !== "string") throw new OptionError(option, "must be PEM, base64, bytes or a CryptoKey");
  return key.includes("-----BEGIN ") ? readPem(key, option) : readBase64(key, option);
}

function isPem(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes("-----BEGIN ");
}

function readPem(text: string, option: string): Uint8Array {
  const begin = BEGIN.exec(text);
  const label = begin?.[1] ?? "";
  const start = begin === null ? -1 : begin.index + begin[0].length;
  const end = start === -1 ? -1 : text.indexOf(`-----END ${label}-----`, start);
  if (end === -1) throw new OptionError(option, "is PEM without its end; was it cut off?");
  const body = text.slice(start, end);
  if (label.includes("ENCRYPTED") || body.includes("Proc-Type:")) {
    throw new OptionError(option, "is encrypted; decrypt it first: openssl pkey -in key.pem");
  }
  if (!label.endsWith("KEY")) throw new OptionError(option, `must be a key, not a ${label.toLowerCase()}`);
  if (body.includes("\\n")) throw new OptionError(option, 'holds the two characters "\\n" in place of line ends');
  return readBase64(body, option);
}

function readBase64(text: string, option: string): Uint8Array {
  const packed = text.length > MAX_KEY_CHARACTERS ? "" : text.replace(/\s+/g, "");
  if (packed.length % 4 !== 0 || !BASE64.test(packed)) {
    throw new OptionError(option, "is neither PEM nor base64 of a key");
  }
  return Buffer.from(packed, "base64");
}

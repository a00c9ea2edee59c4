/**
 * ESMTP parameters of MAIL and RCPT, and xtext.
 *
 * Layer: wire. RFC 5321 §4.1.2 (esmtp-param), RFC 3461 §4 (xtext), RFC 6531 §3.3 (UTF-8 in values).
 */
import { Buffer } from "node:buffer";
import { OptionError } from "../errors.js";

// esmtp-value: any character but "=", space and controls. UTF-8 is for SMTPUTF8 sessions (RFC 6531 §3.3).
const PARAMETER = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([^\u0000-\u0020=\u007f-\u00a0\u2028\u2029\ud800-\udfff]+))?$/u;
const MAX_PARAMETER_LENGTH = 1024;

/** One parameter that may go out as it is. */
export interface Parameter {
  /** Upper-case. */
  readonly keyword: string;
  readonly text: string;
}

const NONE: readonly Parameter[] = [];

/**
 * Checks parameters as the caller wrote them, such as `"BODY=8BITMIME"`.
 *
 * @throws OptionError that names the field and index.
 */
export function checkParameters(parameters: readonly string[], field: string): readonly Parameter[] {
  if (parameters.length === 0) return NONE;
  const seen = new Set<string>();
  return parameters.map((text, index) => {
    const match = typeof text === "string" && text.length <= MAX_PARAMETER_LENGTH ? PARAMETER.exec(text) : null;
    if (match === null) {
      throw new OptionError(
        `${field}[${index}]`,
        'must be KEYWORD or KEYWORD=VALUE, without spaces, controls or a second "="',
      );
    }
    const keyword = (match[1] ?? "").toUpperCase();
    if (seen.has(keyword)) throw new OptionError(`${field}[${index}]`, `repeats ${keyword}`);
    seen.add(keyword);
    return { keyword, text };
  });
}

/**
 * xtext (RFC 3461 §4): "+", "=" and all that is not printable ASCII become "+XX", by UTF-8 byte.
 *
 * SECURITY: angle brackets too, as any byte may: a server that looks for the last ">" of a line finds the path's.
 */
export function encodeXtext(text: string): string {
  let encoded = "";
  for (const byte of Buffer.from(text, "utf8")) {
    const plain = byte > 0x20 && byte < 0x7f && byte !== 0x2b && byte !== 0x3d && byte !== 0x3c && byte !== 0x3e;
    encoded += plain ? String.fromCharCode(byte) : `+${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

/**
 * Base64 as AUTH writes it: strict to read, because a challenge that is not base64 has no meaning.
 *
 * Layer: protocol. RFC 4648 §4, RFC 4954 §4.
 */
import { Buffer } from "node:buffer";
import type { SaslFault } from "./exchange.js";

const ALPHABET = /^[A-Za-z0-9+/]*={0,2}$/;

/** The bytes, or undefined when `text` is not base64 with its padding; `""` is no bytes. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !ALPHABET.test(text)) return undefined;
  return new Uint8Array(Buffer.from(text, "base64"));
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** The challenge in the text of a 334 reply. */
export function decodeChallenge(text: string): Uint8Array | SaslFault {
  return decodeBase64(text) ?? { fault: "The server's challenge is not base64" };
}

/** How a response goes on the wire. As an argument of AUTH, nothing is written `=` (RFC 4954 §4). */
export function encodeResponse(response: Uint8Array, place: "argument" | "line"): string {
  return response.length === 0 && place === "argument" ? "=" : encodeBase64(response);
}

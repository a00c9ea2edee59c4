/**
 * Base64 as AUTH writes it: strict to read, because a challenge that is not base64 has no meaning.
 *
 * Layer: protocol. RFC 4648 §4, RFC 4954 §4.
 */
import { Buffer } from "node:buffer";
import type { SaslFault } from "./exchange.js";

/** The bytes, or undefined when `text` is not the one way to write them in base64; `""` is no bytes. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  // What Node passes over (other characters, missing padding, bits after the last byte) does not come back.
  return bytes.toString("base64") === text ? new Uint8Array(bytes) : undefined;
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** The challenge in the text of a 334 reply. */
export function decodeChallenge(text: string): Uint8Array | SaslFault {
  return decodeBase64(text) ?? { fault: "The server's challenge is not base64" };
}

/** The same for a mechanism whose challenges are words for people: QUIRK, some servers send these in clear text. */
export function decodePrompt(text: string): Uint8Array {
  // "Username" and "Password" happen to be base64 as well.
  const isClear = /^(?:user|pass)/i.test(text);
  return (isClear ? undefined : decodeBase64(text)) ?? Buffer.from(text, "utf8");
}

/** How a response goes on the wire. As an argument of AUTH, nothing is written `=` (RFC 4954 §4). */
export function encodeResponse(response: Uint8Array, place: "argument" | "line"): string {
  return response.length === 0 && place === "argument" ? "=" : encodeBase64(response);
}

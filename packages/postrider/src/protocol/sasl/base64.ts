/**
 * Challenges and responses of AUTH in base64.
 *
 * Layer: protocol. RFC 4954 §4.
 */
import { decodeBase64, encodeBase64 } from "../../text/base64.js";
import type { SaslFault } from "./exchange.js";

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

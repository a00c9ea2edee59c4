/**
 * The interface of a SASL mechanism: an exchange that turns challenges into responses; and their encoding.
 *
 * Layer: sasl. RFC 4422, RFC 4954, RFC 5801 §4 (names within a message).
 */
import { decodeBase64, encodeBase64 } from "../text/base64.js";

/** The secrets of a mechanism. SECURITY: never exposed to callers, so without a redacting `toJSON` or `inspect`. */
export interface SaslCredentials {
  readonly username: string;
  readonly password?: string | undefined;
  /** OAuth 2 bearer token (RFC 6750). */
  readonly accessToken?: string | undefined;
  /** Authorization identity, when not the user's own. */
  readonly authorizationId?: string | undefined;
}

/** Randomness and connection facts, passed in so that an exchange can be replayed in tests. */
export interface SaslEnvironment {
  readonly hostname: string | undefined;
  readonly port: number | undefined;
  randomBytes(length: number): Uint8Array;
  /** Channel binding data of type `tls-exporter`; undefined without TLS 1.3. */
  readonly channelBinding: Uint8Array | undefined;
  /** The mechanisms that the server offered; SCRAM confirms them, so that an attacker cannot remove some unnoticed. */
  readonly offered?: readonly string[] | undefined;
}

/** The server violated the mechanism: the exchange is cancelled with `*`. */
export interface SaslFault {
  readonly fault: string;
}

/** The reason of a refusal that the server gives inside the exchange, before its 5yz. Bounded, controls escaped, no secrets. */
export interface SaslRefusal {
  /** For error messages, such as `"status 401, scope mail"`. */
  readonly text: string;
  /** OAuth's error object (RFC 7628 §3.2.2); undefined for other mechanisms. */
  readonly detail: Readonly<Record<string, unknown>> | undefined;
}

/** One run of one mechanism. */
export interface SaslExchange {
  /** Such as `"SCRAM-SHA-256"`. */
  readonly mechanism: string;
  /** Its challenges are prompts in plain text, perhaps without base64. */
  readonly acceptsClearText?: true;
  /** Set once the server has given a reason inside the exchange. */
  readonly refusal?: SaslRefusal | undefined;
  /** The initial response of AUTH; undefined when the server speaks first. An empty one is sent as `=`. */
  initialResponse(): Uint8Array | undefined;
  /** Answers one decoded challenge. */
  respond(challenge: Uint8Array): Promise<Uint8Array | SaslFault> | Uint8Array | SaslFault;
  /** Called at 235: a fault when the server has not proved its identity (SCRAM's server signature). */
  conclude(): SaslFault | undefined;
}

/** The challenge in the text of a 334 reply. */
export function decodeChallenge(text: string): Uint8Array | SaslFault {
  return decodeBase64(text) ?? { fault: "The server's challenge is not base64" };
}

/** The same for a mechanism that prompts in plain text. QUIRK: some servers send prompts without base64. */
export function decodePrompt(text: string): Uint8Array {
  // "Username" and "Password" are valid base64 too.
  const isClear = /^(?:user|pass)/i.test(text);
  return (isClear ? undefined : decodeBase64(text)) ?? Buffer.from(text, "utf8");
}

/** A response in base64. An empty initial response is `=` (RFC 4954 §4). */
export function encodeResponse(response: Uint8Array, place: "argument" | "line"): string {
  return response.length === 0 && place === "argument" ? "=" : encodeBase64(response);
}

/** RFC 5801 §4 (saslname). */
export function escapeSaslName(name: string): string {
  return name.replaceAll("=", "=3D").replaceAll(",", "=2C");
}

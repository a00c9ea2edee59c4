/**
 * What a SASL mechanism is to the session: a dialogue that turns challenges into responses.
 *
 * Layer: sasl. RFC 4422, RFC 4954, RFC 5801 §4 (names within a message).
 */
import { decodeBase64, encodeBase64 } from "../text/base64.js";

/** SECURITY: what a mechanism may know. `toJSON` and `inspect` are no concern here: exchanges never leave the client. */
export interface SaslCredentials {
  readonly username: string;
  readonly password?: string | undefined;
  /** OAuth 2 bearer token (RFC 6750). */
  readonly accessToken?: string | undefined;
  /** Authorization identity, when not the user's own. */
  readonly authorizationId?: string | undefined;
}

/** What is handed in from outside, so that a dialogue can be replayed. */
export interface SaslEnvironment {
  readonly hostname: string | undefined;
  readonly port: number | undefined;
  randomBytes(length: number): Uint8Array;
  /** Channel binding data of type `tls-exporter`; undefined without TLS 1.3. */
  readonly channelBinding: Uint8Array | undefined;
  /** The mechanisms that the server names; SCRAM tells it what it saw, so that no one between can take some away. */
  readonly offered?: readonly string[] | undefined;
}

/** The peer said something that makes no sense here: the exchange is cancelled with `*`. */
export interface SaslFault {
  readonly fault: string;
}

/** Why the server refuses, as told inside the dialogue, before the 5yz that follows. Bounded, controls escaped; no secrets of ours. */
export interface SaslRefusal {
  /** For a message of ours, such as `"invalid_token (scope: mail)"`. */
  readonly text: string;
  /** OAuth's error object (RFC 7628 §3.2.2); undefined for other mechanisms. */
  readonly detail: Readonly<Record<string, unknown>> | undefined;
}

/** One run of one mechanism. */
export interface SaslExchange {
  /** Such as `"SCRAM-SHA-256"`. */
  readonly mechanism: string;
  /** Its challenges are prompts for people, and may come without base64. */
  readonly acceptsClearText?: true;
  /** Set once the server has given a reason inside the dialogue. */
  readonly refusal?: SaslRefusal | undefined;
  /** What goes out with AUTH; undefined when the server speaks first. An empty array goes out as `=`. */
  initialResponse(): Uint8Array | undefined;
  /** Answers one decoded challenge. */
  respond(challenge: Uint8Array): Promise<Uint8Array | SaslFault> | Uint8Array | SaslFault;
  /** Called at 235: a fault when the server has not proved what it must (SCRAM's server signature). */
  conclude(): SaslFault | undefined;
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

export function escapeSaslName(name: string): string {
  return name.replaceAll("=", "=3D").replaceAll(",", "=2C");
}

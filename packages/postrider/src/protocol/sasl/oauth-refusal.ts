/**
 * The JSON by which a server says what is wrong with a token.
 *
 * Layer: protocol. RFC 7628 §3.2.2; XOAUTH2 has the same with numbers for the status.
 */
import { Buffer } from "node:buffer";
import { parseJsonObject } from "../../json-object.js";
import { escapeUnseen } from "../../text/characters.js";
import type { SaslRefusal } from "./exchange.js";

/** SECURITY: the server writes these; messages stay readable. */
const MAX_TEXT_LENGTH = 200;

/** The refusal in a challenge, or undefined when it is not a JSON object. */
export function parseOauthRefusal(challenge: Uint8Array): SaslRefusal | undefined {
  const detail = parseJsonObject(Buffer.from(challenge).toString("utf8"));
  if (detail === undefined) return undefined;
  const facts = ["status", "error", "scope"].flatMap((name) => {
    const value = Object.hasOwn(detail, name) ? detail[name] : undefined;
    return typeof value === "string" || typeof value === "number" ? [`${name} ${value}`] : [];
  });
  const text = escapeUnseen(facts.join(", ").slice(0, MAX_TEXT_LENGTH));
  return { text: text === "" ? "the token was refused" : text, detail: Object.freeze(detail) };
}

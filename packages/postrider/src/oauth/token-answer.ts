/**
 * What a token endpoint answers: a token, or a reason.
 *
 * Layer: oauth. RFC 6749 §5.1 (success), §5.2 (error), appendix A (characters).
 */

import { parseJsonObject } from "../json-object.js";

/** A token and what is known of it. */
export interface TokenGrant {
  readonly accessToken: string;
  /** Seconds; undefined when the provider does not say. */
  readonly lifetime: number | undefined;
  readonly refreshToken: string | undefined;
}

/** What a refusal says; all of it may be missing. */
export interface TokenRefusal {
  readonly reason: string | undefined;
  readonly description: string | undefined;
}

const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
// RFC 6749 §5.2: printable ASCII but the quotation mark and the backslash.
const REASON = /^[ !#-[\]-~]{1,100}$/;

/** The grant, or what is wrong with the answer. SECURITY: the fault shows nothing of the answer, which may hold a token. */
export function readGrant(text: string): TokenGrant | { readonly fault: string } {
  const answer = parseJsonObject(text);
  if (answer === undefined) return { fault: "the answer is not a JSON object" };
  const { access_token: accessToken, token_type: type, refresh_token: refreshToken } = answer;
  if (typeof type !== "string" || type.toLowerCase() !== "bearer") return { fault: "token_type is not bearer" };
  if (!isToken(accessToken)) return { fault: "access_token is not a string of visible ASCII" };
  if (refreshToken !== undefined && !isToken(refreshToken)) {
    return { fault: "refresh_token is not a string of visible ASCII" };
  }
  const lifetime = readLifetime(answer["expires_in"]);
  if (lifetime === "bad") return { fault: "expires_in is not a number of seconds" };
  return { accessToken, lifetime, refreshToken };
}

export function readRefusal(text: string): TokenRefusal {
  const { error, error_description: description } = parseJsonObject(text) ?? {};
  return {
    reason: typeof error === "string" && REASON.test(error) ? error : undefined,
    description: typeof description === "string" ? description : undefined,
  };
}

function readLifetime(value: unknown): number | undefined | "bad" {
  if (value === undefined) return undefined;
  // QUIRK: Microsoft's first version of the protocol writes the number as a string.
  const seconds = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 0 ? seconds : "bad";
}

const isToken = (value: unknown): value is string => typeof value === "string" && VISIBLE_ASCII.test(value);

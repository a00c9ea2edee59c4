/**
 * What user names, passwords and tokens may be, whichever mechanism takes them.
 *
 * Layer: protocol. RFC 4616 §2 (no NUL), RFC 6749 appendix A.12 (tokens).
 */
import { OptionError } from "../../errors.js";
import type { SaslCredentials } from "./exchange.js";

// SECURITY: NUL and U+0001 part the fields of PLAIN and of the OAuth mechanisms; no control character is ever meant.
const CONTROL = /[\x00-\x1f\x7f]/;
const SURROGATE = /[\ud800-\udfff]/u;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

export type CredentialName = "username" | "password" | "authorizationId";

/**
 * The text as it is. SECURITY: the error never shows it.
 *
 * @throws OptionError when it is no string, is empty, or holds a control character or half a surrogate pair
 */
export function checkCredentialText(option: CredentialName, value: unknown): string {
  if (typeof value !== "string") throw new OptionError(option, "must be a string");
  if (value === "") throw new OptionError(option, "must not be empty");
  if (CONTROL.test(value)) throw new OptionError(option, "must not hold control characters");
  if (SURROGATE.test(value)) throw new OptionError(option, "must not hold half of a surrogate pair");
  return value;
}

/**
 * The token as it is. SECURITY: the error never shows it.
 *
 * @throws OptionError when it is no string of visible ASCII
 */
export function checkAccessToken(value: unknown): string {
  if (typeof value !== "string") throw new OptionError("accessToken", "must be a string, or a function that gives one");
  if (value === "") throw new OptionError("accessToken", "must not be empty");
  if (!VISIBLE_ASCII.test(value)) {
    throw new OptionError(
      "accessToken",
      'must be visible ASCII without spaces; give the token alone, without "Bearer"',
    );
  }
  return value;
}

/** @throws OptionError when a mechanism that takes a password has none */
export function passwordOf(credentials: SaslCredentials): string {
  return checkCredentialText("password", credentials.password);
}

/** @throws OptionError when a mechanism that takes a token has none */
export function accessTokenOf(credentials: SaslCredentials): string {
  return checkAccessToken(credentials.accessToken);
}

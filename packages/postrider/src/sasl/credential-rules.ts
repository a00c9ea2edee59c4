/**
 * Validation of user names, passwords and access tokens, for all mechanisms.
 *
 * Layer: sasl. RFC 4616 §2 (no NUL), RFC 6749 appendix A.12 (tokens), RFC 4954 §4 (length of a line of AUTH).
 */
import { Buffer } from "node:buffer";
import { OptionError } from "../errors/errors.js";
import { describeKind } from "../given/values.js";
import { findControl, findLoneSurrogate } from "../text/characters.js";
import type { SaslCredentials } from "./exchange.js";

// SECURITY: NUL and U+0001 separate the fields of PLAIN and of the OAuth mechanisms.
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/** An AUTH line holds 12 288 bytes, 9216 before base64: user name, secret and the fields of the mechanism fit. */
const MAX_BYTES: Readonly<Record<CredentialName | "accessToken", number>> = {
  username: 1024,
  authorizationId: 1024,
  password: 4096,
  accessToken: 8000,
};

export type CredentialName = "username" | "password" | "authorizationId";

/**
 * Returns the text unchanged. SECURITY: the error never shows it.
 *
 * @throws OptionError when it is no string, is empty or too long, or holds a control character or half a surrogate pair
 */
export function checkCredentialText(option: CredentialName, value: unknown): string {
  if (typeof value !== "string") throw new OptionError(option, `must be a string, not ${describeKind(value)}`);
  if (value === "") throw new OptionError(option, "must not be empty");
  checkLength(option, value);
  if (findControl(value) !== undefined) throw new OptionError(option, "must not hold control characters");
  if (findLoneSurrogate(value) !== undefined) throw new OptionError(option, "must not hold a lone surrogate");
  return value;
}

/**
 * Returns the token unchanged. SECURITY: the error never shows it.
 *
 * @throws OptionError when it is no string of visible ASCII
 */
export function checkAccessToken(value: unknown): string {
  if (typeof value !== "string") throw new OptionError("accessToken", "must be a string, or a function that opens one");
  if (value === "") throw new OptionError("accessToken", "must not be empty");
  checkLength("accessToken", value);
  if (!VISIBLE_ASCII.test(value)) {
    throw new OptionError(
      "accessToken",
      'must be visible ASCII without spaces; give the token alone, without "Bearer"',
    );
  }
  return value;
}

/** @throws OptionError when the password is missing or invalid */
export function passwordOf(credentials: SaslCredentials): string {
  return checkCredentialText("password", credentials.password);
}

/** @throws OptionError when the token is missing or invalid */
export function accessTokenOf(credentials: SaslCredentials): string {
  return checkAccessToken(credentials.accessToken);
}

function checkLength(option: keyof typeof MAX_BYTES, value: string): void {
  const most = MAX_BYTES[option];
  if (value.length <= most && Buffer.byteLength(value) <= most) return;
  throw new OptionError(
    option,
    `must not be longer than ${most} bytes: an AUTH line has no room for more (RFC 4954 §4)`,
  );
}

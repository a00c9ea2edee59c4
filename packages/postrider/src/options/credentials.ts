/**
 * Credentials: user name, password, access token, mechanisms. SECURITY: secrets are in private fields, which printing does not show.
 *
 * Layer: options.
 */
import { OptionError } from "../errors/errors.js";
import type { SmtpReply } from "../reply.js";
import { checkAccessToken, checkCredentialText } from "../sasl/credential-rules.js";
import type { SaslCredentials } from "../sasl/exchange.js";
import { type CredentialKind, findMechanism } from "../sasl/mechanisms.js";
import type { Rule } from "./rules.js";

/** An access token, or a function that gives one for each connection (RFC 6750), such as that of `oauth2()`. */
export type AccessToken = string | ((request?: AccessTokenRequest) => string | Promise<string>);

/** What a function for `accessToken` is told. */
export interface AccessTokenRequest {
  /** True when the server refused the token given before: a new one is needed. Default false. */
  readonly expired?: boolean;
}

/**
 * A login by the caller's own mechanism. Resolves once the server has accepted it, or with false to leave the login to `username` and
 * `password`; what it throws is the error of the connection.
 */
export type Authenticate = (exchange: LoginExchange) => unknown;

/** The server, as a login by the caller's own mechanism sees it. */
export interface LoginExchange {
  /** The mechanisms that the server offers, upper case. */
  readonly authMethods: readonly string[];
  /** What the server offered to EHLO: upper-case keyword to parameters. */
  readonly extensions: ReadonlyMap<string, string>;
  /**
   * Sends `AUTH` with a mechanism and perhaps its initial response; after a 334 the response, in base64, or `*` to cancel (RFC 4954 §4).
   * Resolves with the reply, whatever its code. SECURITY: responses are not shown in traces.
   *
   * @throws OptionError for another line
   */
  send(line: string): Promise<SmtpReply>;
}

/** The argument of `auth()`: the user, and the secret that the mechanism needs. */
export interface AuthCredentials {
  /** Who logs in; `""` with EXTERNAL takes the identity of the client's certificate. */
  readonly username: string;
  /** For mechanisms that take a password. */
  readonly password?: string | undefined;
  /** For XOAUTH2 and OAUTHBEARER (RFC 7628). */
  readonly accessToken?: string | undefined;
}

/** The credentials of a connection. SECURITY: `inspect` and JSON show only the kind and the user name. */
export class Credentials {
  readonly kind: CredentialKind;
  /** `""` with EXTERNAL: the identity is that of the client certificate. */
  readonly username: string;
  readonly #password: string | undefined;
  readonly #accessToken: AccessToken | undefined;

  constructor(given: GivenCredentials) {
    this.username = given.username ?? "";
    this.#password = given.password;
    this.#accessToken = given.accessToken;
    this.kind = given.password !== undefined ? "password" : given.accessToken !== undefined ? "token" : "none";
    Object.freeze(this);
  }

  /** Whether a new token can be requested after a refusal: `reveal({ expired: true })`. */
  get canRenew(): boolean {
    return typeof this.#accessToken === "function";
  }

  /**
   * The secrets for a mechanism. A function for the token is called each time.
   *
   * @throws OptionError when that function returns no token; what it throws
   */
  async reveal(request?: AccessTokenRequest): Promise<SaslCredentials> {
    const given = this.#accessToken;
    const token = typeof given === "function" ? await given(request) : given;
    const accessToken = token === undefined && typeof given !== "function" ? undefined : checkAccessToken(token);
    return { username: this.username, password: this.#password, accessToken };
  }
}

export interface GivenCredentials {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly accessToken?: AccessToken | undefined;
  readonly authMethods?: readonly string[] | undefined;
}

export const username: Rule<string> = (value) => checkCredentialText("username", value);
export const password: Rule<string> = (value) => checkCredentialText("password", value);

export const accessToken: Rule<AccessToken> = (value) =>
  typeof value === "function" ? (value as AccessToken) : checkAccessToken(value);

/** Names in upper case, each once. */
export const authMethods: Rule<readonly string[]> = (value, option) => {
  if (!Array.isArray(value)) throw new OptionError(option, "must be an array of names");
  if (value.length === 0) throw new OptionError(option, "must name a mechanism, or be left out");
  const names = Array.from(value, (name: unknown, index) => {
    if (typeof name !== "string") throw new OptionError(`${option}[${index}]`, "must be a string");
    return findMechanism(name, `${option}[${index}]`).name;
  });
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new OptionError(option, `names ${repeated} twice`);
  return Object.freeze(names);
};

/** The credentials, or undefined without a login. @throws OptionError when the options contradict each other */
export function resolveCredentials(given: GivenCredentials): Credentials | undefined {
  const secret =
    given.password !== undefined ? "password" : given.accessToken !== undefined ? "accessToken" : undefined;
  if (given.password !== undefined && given.accessToken !== undefined) {
    throw new OptionError("accessToken", "must not be given together with password");
  }
  if (secret !== undefined && given.username === undefined) {
    throw new OptionError("username", `must be given with ${secret}`);
  }
  const wantsExternal = given.authMethods?.includes("EXTERNAL") ?? false;
  if (secret === undefined && !wantsExternal) {
    if (given.username === undefined) return undefined;
    throw new OptionError("username", 'needs password or accessToken (or authMethods: ["EXTERNAL"])');
  }
  const credentials = new Credentials(given);
  checkMethodsFit(credentials.kind, given.authMethods);
  return credentials;
}

function checkMethodsFit(kind: CredentialKind, methods: readonly string[] | undefined): void {
  const fits = methods?.some((name) => [kind, "none"].includes(findMechanism(name).needs)) ?? true;
  if (fits) return;
  throw new OptionError(
    "authMethods",
    `names no mechanism that takes ${kind === "token" ? "an accessToken" : "a password"}`,
  );
}

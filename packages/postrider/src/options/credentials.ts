/**
 * Who logs in, and by what. The secret is kept where nothing that prints the options can reach it.
 *
 * Layer: options.
 */
import { OptionError } from "../errors/errors.js";
import { checkAccessToken, checkCredentialText } from "../sasl/credential-rules.js";
import type { SaslCredentials } from "../sasl/exchange.js";
import { type CredentialKind, findMechanism } from "../sasl/mechanisms.js";
import type { Rule } from "./rules.js";

/** A token, or a function that gives one for each connection (RFC 6750). */
export type AccessToken = string | ((request?: AccessTokenRequest) => string | Promise<string>);

export interface AccessTokenRequest {
  /** True when the server refused the token given before. */
  readonly expired?: boolean;
}

/** SECURITY: `inspect` and JSON show the kind and the user name; only `reveal` gives the rest. */
export class Credentials {
  readonly kind: CredentialKind;
  /** `""` when the certificate of the client says who it is (EXTERNAL). */
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

  /** True when a refused token may be asked for anew: `reveal({ expired: true })`. */
  get canRenew(): boolean {
    return typeof this.#accessToken === "function";
  }

  /**
   * What a mechanism needs. A function for the token is called each time.
   *
   * @throws OptionError when that function gives no token; and what it throws
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

/** The credentials, or undefined when no one logs in. @throws OptionError when the options contradict each other */
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

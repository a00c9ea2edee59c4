/**
 * The options of `oauth2()`: types, rules and defaults.
 *
 * Layer: oauth. RFC 6749 §2.3 (client), §3.2 (token endpoint), §3.3 (scope).
 */
import { isIpv4 } from "../address/domain.js";
import { OptionError } from "../errors/errors.js";
import { callable, flag, listOf, milliseconds, oneOf, type Rule, readOptions, text } from "../options/rules.js";
import { urlText } from "../options/urls.js";

const DEFAULT_TIMEOUT = 30_000;

// RFC 6749 §3.3: visible ASCII but the quotation mark and the backslash.
const SCOPE = /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/** The client, the token endpoint, and the grant (RFC 6749). */
export interface OAuth2Options {
  /** The provider's token endpoint; `https://`, or `http://` to this machine. */
  readonly tokenUrl: string | URL;
  /** The identifier that the provider gave the application (RFC 6749 §2.2). */
  readonly clientId: string;
  /** The secret of the application; may be absent for an application that cannot keep one. */
  readonly clientSecret?: string | undefined;
  /** The refresh token of a user's consent (RFC 6749 §6). This, or `clientCredentials`. */
  readonly refreshToken?: string | undefined;
  /** The application asks in its own name (RFC 6749 §4.4). Needs `clientSecret`. */
  readonly clientCredentials?: boolean | undefined;
  /** The scopes to ask for, with spaces between, or as an array; default: what was consented to. */
  readonly scope?: string | readonly string[] | undefined;
  /** How the client authenticates (RFC 6749 §2.3.1): `"body"`, or `"basic"` for the Authorization field; default `"body"`. */
  readonly clientAuthentication?: "body" | "basic" | undefined;
  /** Milliseconds for one request; default 30 000. */
  readonly timeout?: number | undefined;
  /**
   * Called and awaited when the provider issues a new refresh token, which may invalidate the old one: the program must store it. When it
   * throws, the call that needed the token rejects with that error, and the next call tries again.
   */
  readonly onRefreshToken?: ((refreshToken: string) => void | Promise<void>) | undefined;
  /** The function that makes the request; default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

/** Checked, with the defaults filled in. */
export interface ResolvedOAuth2Options {
  /** The whole URL. */
  readonly tokenUrl: string;
  /** The URL for errors, without its query. */
  readonly shownUrl: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly refreshToken: string | undefined;
  readonly scope: string | undefined;
  readonly clientAuthentication: "body" | "basic";
  readonly timeout: number;
  readonly onRefreshToken: OAuth2Options["onRefreshToken"];
  readonly fetch: typeof fetch | undefined;
}

const tokenUrl: Rule<URL> = (value, option) => {
  const given = urlText(value, option);
  if (!URL.canParse(given)) throw new OptionError(option, "is not a valid URL");
  const url = new URL(given);
  if (url.username !== "" || url.password !== "") {
    throw new OptionError(option, "must not hold credentials; they are clientId and clientSecret");
  }
  // RFC 6749 §3.2.
  if (url.hash !== "") throw new OptionError(option, "must not have a fragment");
  // SECURITY: request and response hold secrets.
  if (url.protocol === "https:" || (url.protocol === "http:" && isThisMachine(url.hostname))) return url;
  throw new OptionError(option, "must start with https:// (http:// only to localhost)");
};

const scope: Rule<string> = (value, option) => {
  const given = Array.isArray(value) ? words(value, option).join(" ") : text(value, option);
  if (!SCOPE.test(given)) throw new OptionError(option, "must be words of visible ASCII, separated by one space");
  return given;
};

const words = listOf(text);

const token: Rule<string> = (value, option) => {
  const given = text(value, option);
  if (!VISIBLE_ASCII.test(given)) throw new OptionError(option, "must be visible ASCII without spaces");
  return given;
};

const RULES = {
  tokenUrl,
  clientId: text,
  clientSecret: text,
  refreshToken: token,
  clientCredentials: flag,
  scope,
  clientAuthentication: oneOf("body", "basic"),
  timeout: milliseconds,
  onRefreshToken: callable<(refreshToken: string) => void | Promise<void>>(),
  fetch: callable<typeof fetch>(),
} satisfies Record<keyof OAuth2Options, Rule<unknown>>;

/** @throws OptionError that names the option and the rule, and never shows a value */
export function oauth2Options(options: OAuth2Options): ResolvedOAuth2Options {
  const given = readOptions(options, RULES, "oauth2");
  const { tokenUrl: url, clientId, clientSecret, refreshToken, clientCredentials = false } = given;
  if (url === undefined) throw new OptionError("oauth2.tokenUrl", "must be given");
  if (clientId === undefined) throw new OptionError("oauth2.clientId", "must be given");
  if (refreshToken === undefined && !clientCredentials) {
    throw new OptionError("oauth2.refreshToken", "must be given, or clientCredentials: true");
  }
  if (refreshToken !== undefined && clientCredentials) {
    throw new OptionError("oauth2.clientCredentials", "must not be true together with refreshToken");
  }
  const { clientAuthentication = "body" } = given;
  if (clientSecret === undefined && (clientCredentials || clientAuthentication === "basic")) {
    const because = clientCredentials ? "clientCredentials" : 'clientAuthentication: "basic"';
    throw new OptionError("oauth2.clientSecret", `must be given with ${because}`);
  }
  return {
    tokenUrl: url.href,
    shownUrl: url.origin + url.pathname,
    clientId,
    clientSecret,
    refreshToken,
    scope: given.scope,
    clientAuthentication,
    timeout: given.timeout ?? DEFAULT_TIMEOUT,
    onRefreshToken: given.onRefreshToken,
    fetch: given.fetch,
  };
}

/** Takes a host as the URL parser writes it. */
function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "[::1]" || (isIpv4(host) && host.startsWith("127."));
}

/**
 * OAuth 2: access tokens for `accessToken`, requested when needed and cached until they expire.
 *
 * Layer: oauth. RFC 6749 §4.4 (client credentials), §6 (refresh tokens), RFC 6750.
 */
import type { AccessTokenRequest } from "../options/credentials.js";
import { type OAuth2Options, oauth2Options } from "./oauth2-options.js";
import { requestToken, type TokenGrant } from "./token-request.js";

/**
 * Makes a function for `accessToken`. It caches a token until 60 seconds before it expires, makes one request for parallel calls, and
 * requests a new token when a server has refused the old one.
 *
 * @throws OptionError. The function rejects with OAuthTokenError (code `"oauth"`): retry `"later"` when the provider cannot be
 * reached or has a temporary error, `"never"` when it refuses.
 *
 * @example
 * const accessToken = oauth2({
 *   tokenUrl: "https://oauth2.googleapis.com/token",
 *   clientId: "id.apps.googleusercontent.com",
 *   clientSecret: process.env.CLIENT_SECRET,
 *   refreshToken: process.env.REFRESH_TOKEN,
 * });
 * await send(message, { url: "smtps://smtp.gmail.com", username: "ann@example.org", accessToken });
 */
export function oauth2(options: OAuth2Options): (request?: AccessTokenRequest) => Promise<string> {
  const checked = oauth2Options(options);
  const source = new TokenSource({
    request: (refreshToken) => requestToken(checked, refreshToken),
    refreshToken: checked.refreshToken,
    onRefreshToken: checked.onRefreshToken,
    now: Date.now,
  });
  // SECURITY: a function and not the source, so that nothing that prints it shows the tokens.
  return (request) => source.token(request);
}

/** A token must not expire on its way to the server. */
const MARGIN_MS = 60_000;

export interface TokenSourceOptions {
  /** Requests a token, with the refresh token if there is one. */
  request(refreshToken: string | undefined): Promise<TokenGrant>;
  readonly refreshToken: string | undefined;
  readonly onRefreshToken: ((refreshToken: string) => void | Promise<void>) | undefined;
  /** The clock, in milliseconds. */
  now(): number;
}

export class TokenSource {
  readonly #options: TokenSourceOptions;
  #refreshToken: string | undefined;
  /** A new refresh token that `onRefreshToken` has not accepted yet. */
  #untold: string | undefined;
  #kept: { readonly accessToken: string; readonly until: number } | undefined;
  #pending: Promise<string> | undefined;

  constructor(options: TokenSourceOptions) {
    this.#options = options;
    this.#refreshToken = options.refreshToken;
  }

  /** A valid token; parallel calls share one request. */
  token({ expired = false }: AccessTokenRequest = {}): Promise<string> {
    if (expired) this.#kept = undefined;
    const kept = this.#valid();
    if (kept !== undefined && this.#untold === undefined) return Promise.resolve(kept);
    this.#pending ??= this.#get().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #get(): Promise<string> {
    const token = this.#valid() ?? (await this.#ask());
    const fresh = this.#untold;
    if (fresh !== undefined) {
      await this.#options.onRefreshToken?.(fresh);
      this.#untold = undefined;
    }
    return token;
  }

  async #ask(): Promise<string> {
    // The time before the request: the round trip must not extend the lifetime.
    const asked = this.#options.now();
    const { accessToken, lifetime, refreshToken } = await this.#options.request(this.#refreshToken);
    if (refreshToken !== undefined && this.#refreshToken !== undefined && refreshToken !== this.#refreshToken) {
      this.#refreshToken = refreshToken;
      this.#untold = refreshToken;
    }
    // A token without a lifetime is used once.
    this.#kept = lifetime === undefined ? undefined : { accessToken, until: asked + lifetime * 1000 - MARGIN_MS };
    return accessToken;
  }

  #valid(): string | undefined {
    return this.#kept !== undefined && this.#options.now() < this.#kept.until ? this.#kept.accessToken : undefined;
  }
}

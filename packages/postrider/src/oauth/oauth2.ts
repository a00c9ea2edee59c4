/**
 * OAuth 2: access tokens for `accessToken`, got when they are needed and kept while they hold.
 *
 * Layer: oauth. RFC 6749 §4.4 (client credentials), §6 (refresh tokens), RFC 6750.
 */
import type { AccessTokenRequest } from "../options/credentials.js";
import { type OAuth2Options, oauth2Options } from "./oauth2-options.js";
import { requestToken, type TokenGrant } from "./token-request.js";

/**
 * A function for `accessToken`. It keeps a token until 60 seconds before the end that the provider named, gives the same one
 * to all who ask at the same time, and gets a new one when a server has refused the old.
 *
 * @throws OptionError. The function rejects with OAuthTokenError (code `"oauth"`): retry `"later"` when the provider cannot be
 * reached or has trouble of its own, `"never"` when it refuses.
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
  // A function and not the source: nothing that prints it can reach what it keeps.
  return (request) => source.token(request);
}

/** A token that expires on its way to the server is of no use. */
const MARGIN_MS = 60_000;

export interface TokenSourceOptions {
  /** Asks for a token; with the refresh token, where there is one. */
  request(refreshToken: string | undefined): Promise<TokenGrant>;
  readonly refreshToken: string | undefined;
  readonly onRefreshToken: ((refreshToken: string) => void | Promise<void>) | undefined;
  /** Milliseconds since some moment. */
  now(): number;
}

export class TokenSource {
  readonly #options: TokenSourceOptions;
  #refreshToken: string | undefined;
  /** A new refresh token of which the caller has not yet heard. */
  #untold: string | undefined;
  #kept: { readonly accessToken: string; readonly until: number } | undefined;
  #pending: Promise<string> | undefined;

  constructor(options: TokenSourceOptions) {
    this.#options = options;
    this.#refreshToken = options.refreshToken;
  }

  /** A token that holds; all who ask while one is being got are given that one. */
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
    // From before the request, so that its way does not lengthen the token's life.
    const asked = this.#options.now();
    const { accessToken, lifetime, refreshToken } = await this.#options.request(this.#refreshToken);
    if (refreshToken !== undefined && this.#refreshToken !== undefined && refreshToken !== this.#refreshToken) {
      this.#refreshToken = refreshToken;
      this.#untold = refreshToken;
    }
    // How long a token holds is the provider's to say; one of which nothing is said is used once.
    this.#kept = lifetime === undefined ? undefined : { accessToken, until: asked + lifetime * 1000 - MARGIN_MS };
    return accessToken;
  }

  #valid(): string | undefined {
    return this.#kept !== undefined && this.#options.now() < this.#kept.until ? this.#kept.accessToken : undefined;
  }
}

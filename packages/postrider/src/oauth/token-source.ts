/**
 * One stream of access tokens: kept while they hold, asked for once at a time.
 *
 * Layer: oauth. RFC 6749 §5.1 (lifetime), §6 (a refresh token may be replaced).
 */
import type { AccessTokenRequest } from "../options.js";
import type { TokenGrant } from "./token-answer.js";

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

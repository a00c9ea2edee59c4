/**
 * The authorization code flow with PKCE, by oauth4webapi: the address of the page, and tokens for the code that comes back.
 *
 * RFC 6749 §4.1, RFC 7636 (PKCE), RFC 9207 (issuer).
 */
import * as oauth from "oauth4webapi";
import { CliError } from "../cli-error.js";
import { EXIT } from "../exit-code.js";
import type { OAuthClient } from "./oauth-client.js";

export interface Tokens {
  readonly refreshToken: string;
  readonly accessToken: string;
  /** Seconds; undefined when the provider does not say. */
  readonly expiresIn: number | undefined;
  /** What was consented to, when the provider says. */
  readonly scope: string | undefined;
}

/** One attempt: its secrets are good for one answer. */
export class CodeFlow {
  readonly #client: OAuthClient;
  readonly #redirectUri: string;
  readonly #state = oauth.generateRandomState();
  readonly #verifier = oauth.generateRandomCodeVerifier();

  constructor(client: OAuthClient, redirectUri: string) {
    this.#client = client;
    this.#redirectUri = redirectUri;
  }

  /** The page on which the user consents. */
  async pageUrl(user: string | undefined): Promise<string> {
    const { authUrl, clientId, scope, parameters } = this.#client;
    const url = new URL(authUrl);
    const all = {
      response_type: "code",
      client_id: clientId,
      redirect_uri: this.#redirectUri,
      scope,
      state: this.#state,
      code_challenge: await oauth.calculatePKCECodeChallenge(this.#verifier),
      code_challenge_method: "S256",
      ...parameters,
      ...(user === undefined ? {} : { login_hint: user }),
    };
    for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
    return url.href;
  }

  /** @throws CliError: refused by the user or the provider, or no refresh token */
  async tokens(answer: URL): Promise<Tokens> {
    try {
      return await this.#exchange(answer);
    } catch (error) {
      throw inWords(error);
    }
  }

  async #exchange(answer: URL): Promise<Tokens> {
    const { tokenUrl, clientId, clientSecret } = this.#client;
    // The issuer is compared only where the provider says that it names itself, which no discovery has told here.
    const server: oauth.AuthorizationServer = {
      issuer: answer.searchParams.get("iss") ?? tokenUrl,
      token_endpoint: tokenUrl,
    };
    const client: oauth.Client = { client_id: clientId };
    const parameters = oauth.validateAuthResponse(server, client, answer, this.#state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      clientSecret === undefined ? oauth.None() : oauth.ClientSecretPost(clientSecret),
      parameters,
      this.#redirectUri,
      this.#verifier,
      // http:// is allowed to this machine only (see `endpoint`).
      { [oauth.allowInsecureRequests]: tokenUrl.startsWith("http://"), signal: AbortSignal.timeout(30_000) },
    );
    const result = await oauth.processAuthorizationCodeResponse(server, client, response);
    if (result.refresh_token === undefined) {
      throw new CliError(
        EXIT.unavailable,
        "the provider returned no refresh token: request offline access with --scope",
      );
    }
    return {
      refreshToken: result.refresh_token,
      accessToken: result.access_token,
      expiresIn: result.expires_in,
      scope: result.scope,
    };
  }
}

/** SECURITY: the library's errors may hold the answer with its code, so they are not kept as cause. */
function inWords(error: unknown): unknown {
  if (error instanceof CliError) return error;
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError) {
    const why = error.error_description === undefined ? "" : `: ${error.error_description}`;
    return new CliError(EXIT.unavailable, `the provider rejected the login: ${error.error}${why}`);
  }
  if (error instanceof oauth.OperationProcessingError) {
    return new CliError(EXIT.unavailable, `the response of the provider is invalid: ${error.message}`);
  }
  const message = error instanceof Error ? error.message : String(error);
  return new CliError(EXIT.tryAgain, `the provider's token endpoint cannot be reached: ${message}`);
}

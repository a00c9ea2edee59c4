/**
 * OAuth 2: access tokens for `accessToken`, got when they are needed and kept while they hold.
 *
 * Layer: oauth. RFC 6749 §4.4 (client credentials), §6 (refresh tokens), RFC 6750.
 */
import type { AccessTokenRequest } from "../options.js";
import { type OAuth2Options, oauth2Options } from "./oauth2-options.js";
import { requestToken } from "./token-request.js";
import { TokenSource } from "./token-source.js";

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

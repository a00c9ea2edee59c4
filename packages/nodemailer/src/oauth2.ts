/**
 * OAuth 2 by nodemailer's options: a token, a refresh token, the key of a service account, or the program's own function.
 *
 * Layer: nodemailer. RFC 6749 §6, RFC 7523 (the key of a service account).
 */
import { createSign } from "node:crypto";
import type { EventEmitter } from "node:events";
import { type AccessToken, oauth2 } from "postrider";
import { mailError } from "./errors.js";
import type { Mail } from "./mailer.js";
import type { AuthOptions, OAuth2Token, ProvisionCallback } from "./types.js";

const GOOGLE_TOKENS = "https://oauth2.googleapis.com/token";
const GOOGLE_MAIL = "https://mail.google.com/";
/** A token ends a little before its time: the way to the server takes some. */
const MARGIN_MS = 60_000;

type Login = AuthOptions & { user: string };
type AnyMail = Mail<any>;

/** Undefined: the login is by password. The transporter hears of each new token by the event `token`. */
export function accessTokenOf(
  auth: Login | undefined,
  transport: EventEmitter,
  mailer: AnyMail | undefined,
): AccessToken | undefined {
  if (auth === undefined || !isOAuth2(auth)) return undefined;
  const tell = (token: OAuth2Token): void => {
    transport.emit("token", token);
  };
  const provision = auth.provisionCallback ?? (mailer?.get("oauth2_provision_cb") as ProvisionCallback | undefined);
  if (typeof provision === "function") return provided(auth, provision, tell);
  const renew = renewal(auth);
  const { accessToken } = auth;
  if (accessToken === undefined || accessToken === "") {
    if (renew !== undefined) return told(auth, renew, tell);
    throw mailError(
      "EOAUTH2",
      "auth: needs accessToken, refreshToken with clientId, or serviceClient with privateKey",
      { command: "API" },
    );
  }
  if (renew === undefined) return accessToken;
  const fresh = told(auth, renew, tell);
  let isSpent = false;
  return async (request) => {
    isSpent ||= request?.expired === true || isOver(auth.expires);
    return isSpent ? fresh(request) : accessToken;
  };
}

function isOAuth2({ type, accessToken, refreshToken, serviceClient, pass }: Login): boolean {
  if (typeof type === "string" && type !== "") return /^(?:x?oauth2|oauthbearer)$/i.test(type);
  return !pass && Boolean(accessToken || refreshToken || serviceClient);
}

function isOver(expires: number | undefined): boolean {
  return typeof expires === "number" && expires > 0 && expires - MARGIN_MS < Date.now();
}

type Renew = Exclude<AccessToken, string>;

function told({ user }: Login, renew: Renew, tell: (token: OAuth2Token) => void): Renew {
  let last: string | undefined;
  return async (request) => {
    const accessToken = await renew(request);
    if (accessToken !== last) tell({ user, accessToken, expires: 0 });
    last = accessToken;
    return accessToken;
  };
}

function provided({ user }: Login, provision: ProvisionCallback, tell: (token: OAuth2Token) => void): Renew {
  return (request) =>
    new Promise((resolve, reject) => {
      provision(user, request?.expired === true, (error, accessToken, expires) => {
        if (error) return reject(error);
        if (!accessToken) return reject(mailError("EOAUTH2", "oauth2_provision_cb returned no token"));
        tell({ user, accessToken, expires: expires ?? 0 });
        resolve(accessToken);
      });
    });
}

function renewal(auth: Login): Renew | undefined {
  const { refreshToken, clientId, clientSecret, accessUrl, serviceClient, privateKey, scope } = auth;
  if (serviceClient && privateKey) return serviceTokens(auth);
  if (!refreshToken || !clientId) return undefined;
  return oauth2({ tokenUrl: accessUrl || GOOGLE_TOKENS, clientId, clientSecret, refreshToken, scope });
}

/** RFC 7523 §2.1: the key of the account signs who asks, and for whom. */
function serviceTokens(auth: Login): Renew {
  let kept: { readonly token: string; readonly until: number } | undefined;
  return async (request) => {
    if (kept !== undefined && request?.expired !== true && kept.until > Date.now()) return kept.token;
    const { token, seconds } = await askWithAssertion(auth);
    kept = { token, until: Date.now() + seconds * 1000 - MARGIN_MS };
    return token;
  };
}

async function askWithAssertion({ accessUrl, ...auth }: Login): Promise<{ token: string; seconds: number }> {
  const url = accessUrl || GOOGLE_TOKENS;
  const body = new URLSearchParams({
    grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
    assertion: assertion(auth as Login, url),
  });
  const answer = await fetch(url, { method: "POST", body, signal: AbortSignal.timeout(30_000) }).catch(
    (cause: unknown) => {
      throw mailError("EOAUTH2", "The token endpoint cannot be reached", { cause });
    },
  );
  const read = (await answer.json().catch(() => undefined)) as
    | { access_token?: string; expires_in?: number; error?: string }
    | undefined;
  if (!answer.ok || typeof read?.access_token !== "string") {
    const reason = typeof read?.error === "string" ? read.error.slice(0, 100) : `HTTP status ${answer.status}`;
    throw mailError("EOAUTH2", `The token endpoint returned no token: ${reason}`);
  }
  return { token: read.access_token, seconds: Number(read.expires_in) || 3600 };
}

function assertion({ user, serviceClient, privateKey, scope, timeout }: Login, audience: string): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: serviceClient,
    scope: scope ?? GOOGLE_MAIL,
    sub: user,
    aud: audience,
    iat: now,
    exp: now + (timeout || 300),
  };
  const encoded = [{ alg: "RS256", typ: "JWT" }, claims]
    .map((one) => Buffer.from(JSON.stringify(one)).toString("base64url"))
    .join(".");
  const signature = createSign("RSA-SHA256")
    .update(encoded)
    .sign(privateKey as string);
  return `${encoded}.${signature.toString("base64url")}`;
}

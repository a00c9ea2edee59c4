/**
 * One request to a token endpoint.
 *
 * Layer: oauth. RFC 6749 §2.3.1 (client password), §4.4.2, §6, RFC 7617 (Basic).
 */
import { Buffer } from "node:buffer";
import { OAuthTokenError, type SmtpRetry } from "../errors.js";
import { escapeUnseen } from "../text/characters.js";
import type { ResolvedOAuth2Options } from "./oauth2-options.js";
import { readBody } from "./read-body.js";
import { readGrant, readRefusal, type TokenGrant } from "./token-answer.js";

/** SECURITY: what a provider says is shown, but never at full length. */
const MAX_DESCRIPTION_LENGTH = 300;

const HINTS: Readonly<Record<string, string>> = {
  invalid_grant: "The refresh token has expired or was revoked; the user must consent anew",
  invalid_client: "Check clientId, clientSecret and clientAuthentication",
  invalid_scope: "Check scope",
};

/** Statuses and words (RFC 6749 §4.1.2.1, RFC 8628 §3.5) by which a provider speaks of itself and not of the request. */
const PASSING_STATUS: ReadonlySet<number> = new Set([408, 425, 429]);
const PASSING_REASON: ReadonlySet<string | undefined> = new Set([
  "temporarily_unavailable",
  "server_error",
  "slow_down",
]);

/** @throws OAuthTokenError, which holds none of the secrets */
export async function requestToken(
  options: ResolvedOAuth2Options,
  refreshToken: string | undefined,
): Promise<TokenGrant> {
  const redact = redactor(options, refreshToken);
  const { status, text } = await exchange(options, refreshToken, redact);
  if (status < 200 || status > 299) throw refusalError(options, status, text, redact);
  const grant = readGrant(text);
  if (!("fault" in grant)) return grant;
  throw new OAuthTokenError(options.shownUrl, { problem: grant.fault, status, retry: "never" });
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function exchange(
  options: ResolvedOAuth2Options,
  refreshToken: string | undefined,
  redact: (text: string) => string,
): Promise<Answer> {
  const { shownUrl, timeout } = options;
  const signal = AbortSignal.timeout(timeout);
  // A fetch of the caller's may not heed the signal.
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  try {
    return await Promise.race([late, post(options, refreshToken, signal)]);
  } catch (error) {
    if (error instanceof OAuthTokenError) throw error;
    // SECURITY: the error of a fetch may hold the request, secrets and all, so it is no cause of ours.
    const problem = signal.aborted ? `no answer within ${timeout} ms` : redact(describe(error));
    throw new OAuthTokenError(shownUrl, { problem, retry: "later" });
  }
}

async function post(
  options: ResolvedOAuth2Options,
  refreshToken: string | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  const { tokenUrl, shownUrl, clientAuthentication } = options;
  const response = await (options.fetch ?? fetch)(tokenUrl, {
    method: "POST",
    headers: {
      Accept: "application/json",
      "Content-Type": "application/x-www-form-urlencoded",
      ...(clientAuthentication === "basic" ? { Authorization: `Basic ${basic(options)}` } : {}),
    },
    body: form(options, refreshToken),
    // SECURITY: a redirect could carry the secrets to another server.
    redirect: "error",
    signal,
  });
  if (response.redirected) {
    throw new OAuthTokenError(shownUrl, { problem: "the request was redirected", retry: "never" });
  }
  const text = await readBody(response);
  if (text !== undefined) return { status: response.status, text };
  throw new OAuthTokenError(shownUrl, { problem: "the answer is too long", status: response.status, retry: "never" });
}

function form(options: ResolvedOAuth2Options, refreshToken: string | undefined): string {
  const { clientId, clientSecret, scope, clientAuthentication } = options;
  const fields = new URLSearchParams({
    grant_type: refreshToken === undefined ? "client_credentials" : "refresh_token",
  });
  if (refreshToken !== undefined) fields.set("refresh_token", refreshToken);
  if (scope !== undefined) fields.set("scope", scope);
  if (clientAuthentication === "body") {
    fields.set("client_id", clientId);
    if (clientSecret !== undefined) fields.set("client_secret", clientSecret);
  }
  return fields.toString();
}

/** RFC 6749 §2.3.1: both are form-encoded before they are joined. */
function basic({ clientId, clientSecret = "" }: ResolvedOAuth2Options): string {
  return Buffer.from(`${formEncode(clientId)}:${formEncode(clientSecret)}`).toString("base64");
}

const formEncode = (text: string): string => new URLSearchParams({ "": text }).toString().slice(1);

function refusalError(
  { shownUrl }: ResolvedOAuth2Options,
  status: number,
  text: string,
  redact: (text: string) => string,
): OAuthTokenError {
  const refusal = readRefusal(text);
  const reason = refusal.reason === undefined ? undefined : redact(refusal.reason);
  const description = refusal.description === undefined ? "" : `: ${redact(refusal.description)}`;
  return new OAuthTokenError(shownUrl, {
    problem: `${[`answered ${status}`, reason].filter((part) => part !== undefined).join(" ")}${description}`,
    status,
    reason,
    retry: retryAfter(status, reason),
    hint: reason !== undefined && Object.hasOwn(HINTS, reason) ? HINTS[reason] : undefined,
  });
}

function retryAfter(status: number, reason: string | undefined): SmtpRetry {
  return status >= 500 || PASSING_STATUS.has(status) || PASSING_REASON.has(reason) ? "later" : "never";
}

/** What a fetch complains of: Node's says "fetch failed", and the reason is below it. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return `${error.message}: ${cause.message === "" && "code" in cause ? String(cause.code) : cause.message}`;
}

/** SECURITY: takes the secrets out of what others say, bounds it and escapes control characters. */
function redactor(options: ResolvedOAuth2Options, refreshToken: string | undefined): (text: string) => string {
  const secrets = [options.clientSecret, refreshToken, basic(options)]
    .filter((secret) => secret !== undefined)
    .flatMap((secret) => [secret, formEncode(secret)]);
  return (text) => {
    const clean = secrets.reduce((said, secret) => said.replaceAll(secret, "***"), text);
    return escapeUnseen(clean.slice(0, MAX_DESCRIPTION_LENGTH));
  };
}

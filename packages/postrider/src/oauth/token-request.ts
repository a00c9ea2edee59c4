/**
 * One request to a token endpoint.
 *
 * Layer: oauth. RFC 6749 §2.3.1 (client password), §4.4.2, §6, RFC 7617 (Basic).
 */
import { Buffer } from "node:buffer";
import { isError, OAuthTokenError, type SmtpRetry } from "../errors/errors.js";
import { parseJsonObject } from "../given/values.js";
import { escapeUnseen } from "../text/characters.js";
import type { ResolvedOAuth2Options } from "./oauth2-options.js";

/** SECURITY: bounds what an error shows of the provider's text. */
const MAX_DESCRIPTION_LENGTH = 300;

const HINTS: Readonly<Record<string, string>> = {
  invalid_grant: "The refresh token has expired or was revoked; the user must consent again",
  invalid_client: "Check clientId, clientSecret and clientAuthentication",
  invalid_scope: "Check scope",
};

/** Statuses and error codes of temporary failures of the provider (RFC 6749 §4.1.2.1, RFC 8628 §3.5). */
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
  // The `fetch` of the caller may ignore the signal.
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  try {
    return await Promise.race([late, post(options, refreshToken, signal)]);
  } catch (error) {
    if (error instanceof OAuthTokenError) throw error;
    // SECURITY: the error of a fetch may hold the request, with its secrets, so it is not kept as cause.
    const problem = signal.aborted ? `no response within ${timeout} ms` : redact(describe(error));
    // A permission that Deno or Node did not give will not be given later.
    throw new OAuthTokenError(shownUrl, { problem, retry: problem.includes("--allow-net") ? "never" : "later" });
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
    // SECURITY: a redirect could carry the secrets to another server. QUIRK: Cloudflare Workers have no "error".
    redirect: "manual",
    signal,
  });
  if (response.redirected || Math.floor(response.status / 100) === 3) {
    throw new OAuthTokenError(shownUrl, { problem: "the request was redirected", retry: "never" });
  }
  const text = await readBody(response);
  if (text !== undefined) return { status: response.status, text };
  throw new OAuthTokenError(shownUrl, { problem: "the response is too long", status: response.status, retry: "never" });
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
    problem: `${[`status ${status}`, reason].filter((part) => part !== undefined).join(" ")}${description}`,
    status,
    reason,
    retry: retryAfter(status, reason),
    hint: reason !== undefined && Object.hasOwn(HINTS, reason) ? HINTS[reason] : undefined,
  });
}

function retryAfter(status: number, reason: string | undefined): SmtpRetry {
  return status >= 500 || PASSING_STATUS.has(status) || PASSING_REASON.has(reason) ? "later" : "never";
}

/** The message of a failed fetch: Node says "fetch failed", and the reason is in `cause`. */
function describe(error: unknown): string {
  if (!isError(error)) return String(error);
  const { cause } = error;
  if (!isError(cause)) return error.message;
  return `${error.message}: ${cause.message === "" && "code" in cause ? String(cause.code) : cause.message}`;
}

/** SECURITY: masks secrets in text of the provider, bounds it, and escapes control characters. */
function redactor(options: ResolvedOAuth2Options, refreshToken: string | undefined): (text: string) => string {
  const secrets = [options.clientSecret, refreshToken, basic(options)]
    .filter((secret) => secret !== undefined)
    .flatMap((secret) => [secret, formEncode(secret)]);
  return (text) => {
    const clean = secrets.reduce((said, secret) => said.replaceAll(secret, "***"), text);
    return escapeUnseen(clean.slice(0, MAX_DESCRIPTION_LENGTH));
  };
}

/** The response to a token request (RFC 6749 §5.1). */
export interface TokenGrant {
  readonly accessToken: string;
  /** Seconds; undefined when the provider does not say. */
  readonly lifetime: number | undefined;
  readonly refreshToken: string | undefined;
}

/** An error response (RFC 6749 §5.2); both members may be missing. */
export interface TokenRefusal {
  readonly reason: string | undefined;
  readonly description: string | undefined;
}

const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
// RFC 6749 §5.2: printable ASCII but the quotation mark and the backslash.
const REASON = /^[ !#-[\]-~]{1,100}$/;

/** The grant, or what is wrong with the response. SECURITY: the fault quotes nothing of the response, which may hold a token. */
export function readGrant(text: string): TokenGrant | { readonly fault: string } {
  const answer = parseJsonObject(text);
  if (answer === undefined) return { fault: "the response is not a JSON object" };
  const { access_token: accessToken, token_type: type, refresh_token: refreshToken } = answer;
  if (typeof type !== "string" || type.toLowerCase() !== "bearer") return { fault: "token_type is not bearer" };
  if (!isToken(accessToken)) return { fault: "access_token is not a string of visible ASCII" };
  if (refreshToken !== undefined && !isToken(refreshToken)) {
    return { fault: "refresh_token is not a string of visible ASCII" };
  }
  const lifetime = readLifetime(answer["expires_in"]);
  if (lifetime === "bad") return { fault: "expires_in is not a number of seconds" };
  return { accessToken, lifetime, refreshToken };
}

export function readRefusal(text: string): TokenRefusal {
  const { error, error_description: description } = parseJsonObject(text) ?? {};
  return {
    reason: typeof error === "string" && REASON.test(error) ? error : undefined,
    description: typeof description === "string" ? description : undefined,
  };
}

function readLifetime(value: unknown): number | undefined | "bad" {
  if (value === undefined) return undefined;
  // QUIRK: Microsoft's first version of the protocol writes the number as a string.
  const seconds = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 0 ? seconds : "bad";
}

const isToken = (value: unknown): value is string => typeof value === "string" && VISIBLE_ASCII.test(value);

/** SECURITY: far above any token response; an endless one must not fill the memory. */
const MAX_BODY_BYTES = 64 * 1024;

/** The body as UTF-8; undefined when it is longer than the limit, the rest is not read. */
async function readBody(response: Response): Promise<string | undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.byteLength;
    if (length > MAX_BODY_BYTES) break;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel().catch(() => undefined);
  return undefined;
}

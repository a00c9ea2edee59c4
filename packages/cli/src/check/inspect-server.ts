/**
 * Finds out what a server is, on connections of its own: without credentials first, so that a certificate that does not hold can
 * still be looked at.
 */
import {
  type ConnectionOptions,
  isSmtpError,
  SmtpClient,
  SmtpNotSupportedError,
  type SmtpReply,
  SmtpTlsError,
} from "postrider";
import { wordsOf } from "../error-words.js";
import { isThisMachine } from "../server/this-machine.js";
import { describeChain } from "./certificates.js";
import type { ClearTextReport, LimitsReport, LoginReport, ServerReport, TlsReport } from "./server-report.js";
import { findWarnings } from "./warnings.js";

/** What is inspected, taken apart: who logs in stands beside where. */
export interface Inspected {
  /** With neither user nor password. */
  readonly url: URL;
  readonly options: ConnectionOptions;
  readonly login: LoginData;
  /** Told what begins, for somebody who waits. */
  readonly onStep: (text: string) => void;
}

export interface LoginData {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly accessToken: ConnectionOptions["accessToken"];
  readonly authMethods: readonly string[] | undefined;
  /** Whether to log in where the certificate does not hold. */
  readonly isTrusting: boolean;
}

/** @throws SmtpError when there is no connection, or no SMTP on it. */
export async function inspectServer(inspected: Inspected): Promise<ServerReport> {
  const visit = await open(inspected);
  const { client, tls } = visit;
  try {
    inspected.onStep("measuring a round trip");
    const roundTripMs = await roundTrip(client);
    const report = {
      server: inspected.url.href.replace(/\/$/, ""),
      greeting: client.greeting?.message ?? "",
      connectMs: visit.connectMs,
      roundTripMs,
      tls,
      extensions: Object.fromEntries(client.extensions),
      authMethods: client.authMethods,
      limits: limitsOf(client.extensions),
      clearText: visit.clearText,
      login: await tryLogin(client, inspected, tls),
    };
    return { ...report, warnings: findWarnings(report, inspected.url, inspected.options.startTls === true) };
  } finally {
    await client.quit().catch(() => undefined);
    client.close();
  }
}

interface Visit {
  readonly client: SmtpClient;
  readonly connectMs: number;
  readonly tls: TlsReport | undefined;
  readonly clearText: ClearTextReport;
}

/** A connection that is as secure as the server makes it; one that is not trusted is opened again, to be looked at. */
async function open(inspected: Inspected): Promise<Visit> {
  try {
    return await visit(inspected, undefined);
  } catch (error) {
    if (!(error instanceof SmtpTlsError) || error.reason === undefined) throw error;
    const trusting = { ...inspected.options, tls: { ...inspected.options.tls, rejectUnauthorized: false } };
    // What was no question of trust fails again, in its own words.
    return await visit({ ...inspected, options: trusting }, wordsOf(error));
  }
}

async function visit({ url, options, onStep }: Inspected, problem: string | undefined): Promise<Visit> {
  const { startTls, ...others } = options;
  const asked = startTls ?? flagIn(url, "startTls");
  const client = new SmtpClient({ ...others, ...whereTo(url, options.useTls, asked) });
  try {
    onStep(`connecting to ${url.host}`);
    const start = performance.now();
    await client.connect();
    const connectMs = since(start);
    await client.ehlo();
    const clearText = clearTextOf(client, url);
    if (client.isSecure) return { client, connectMs, tls: tlsOf(client, "first byte", problem), clearText };
    if (asked === false || !client.supports("STARTTLS")) return { client, connectMs, tls: undefined, clearText };
    onStep("STARTTLS");
    await client.startTls({ servername: nameToCheck(url), ...options.tls });
    await client.ehlo();
    return { client, connectMs, tls: tlsOf(client, "STARTTLS", problem), clearText };
  } catch (error) {
    client.close();
    throw error;
  }
}

/** STARTTLS by hand, so that what is offered before it is seen as well; on the port that it would have. */
function whereTo(url: URL, useTls: boolean | undefined, startTls: boolean | undefined): ConnectionOptions {
  const plain = new URL(url);
  plain.searchParams.delete("startTls");
  const isImplicit = useTls ?? flagIn(url, "useTls") ?? (url.protocol === "smtps:" || url.port === "465");
  if (isImplicit) return { url: plain };
  if (startTls === true && url.port === "") plain.port = "587";
  return { url: plain, startTls: false };
}

function flagIn(url: URL, name: string): boolean | undefined {
  const text = url.searchParams.get(name);
  return text === null ? undefined : text === "true";
}

function nameToCheck(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

function tlsOf(client: SmtpClient, by: TlsReport["by"], problem: string | undefined): TlsReport {
  const { protocol = "unknown", cipher = "unknown", peerCertificate } = client.tlsInfo ?? {};
  return { by, protocol, cipher, problem, chain: describeChain(peerCertificate, Date.now()) };
}

function clearTextOf(client: SmtpClient, url: URL): ClearTextReport {
  const allowed = url.searchParams.get("allowPlaintextAuth") === "true" || isThisMachine(url);
  return { authMethods: client.isSecure ? [] : client.authMethods, refusedByPostrider: !allowed };
}

async function roundTrip(client: SmtpClient): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    await client.noop();
    best = Math.min(best, since(start));
  }
  return best;
}

/** SECURITY: never over a connection whose certificate does not hold, unless that was asked for. */
async function tryLogin(
  client: SmtpClient,
  inspected: Inspected,
  tls: TlsReport | undefined,
): Promise<LoginReport | undefined> {
  const { login, onStep } = inspected;
  const isExternal = login.authMethods?.some((name) => name.toUpperCase() === "EXTERNAL") === true;
  if (login.password === undefined && login.accessToken === undefined && !isExternal) return undefined;
  const username = login.username ?? "";
  if (tls?.problem !== undefined && !login.isTrusting) {
    return { username, accepted: false, answer: "not tried: the certificate does not hold" };
  }
  if (tls === undefined && inspected.options.startTls === true) {
    return { username, accepted: false, answer: "not tried: the server offers no STARTTLS" };
  }
  onStep("logging in");
  try {
    const reply = await logIn(client, login);
    return { username, accepted: true, answer: `${reply.code} ${reply.message}` };
  } catch (error) {
    if (!isSmtpError(error) || !(error.phase === "auth" || error instanceof SmtpNotSupportedError)) throw error;
    const later = error.retry === "later" ? { mayWorkLater: true as const } : {};
    return { username, accepted: false, answer: wordsOf(error), ...later };
  }
}

/** RFC 7628 first, where the server has both. */
const OF_TOKENS = ["OAUTHBEARER", "XOAUTH2"];

async function logIn(
  client: SmtpClient,
  { username = "", password, accessToken, authMethods }: LoginData,
): Promise<SmtpReply> {
  const offered = client.authMethods;
  const [only] = authMethods ?? [];
  if (accessToken !== undefined) {
    const token = typeof accessToken === "function" ? await accessToken() : accessToken;
    const mechanism = only ?? OF_TOKENS.find((name) => offered.includes(name)) ?? "XOAUTH2";
    return client.auth(mechanism, { username, accessToken: token });
  }
  if (only === undefined) return client.login(username, password ?? "");
  const mechanism = authMethods?.find((name) => offered.includes(name.toUpperCase())) ?? only;
  return client.auth(mechanism, password === undefined ? { username } : { username, password });
}

function limitsOf(extensions: ReadonlyMap<string, string>): LimitsReport {
  const limits = new Map((extensions.get("LIMITS") ?? "").split(/\s+/).map((one) => splitLimit(one)));
  const size = toNumber(extensions.get("SIZE"));
  return {
    // 0 says that there is no limit that could be told (RFC 1870 §4).
    messageBytes: size === 0 ? undefined : size,
    mailMax: toNumber(limits.get("MAILMAX")),
    rcptMax: toNumber(limits.get("RCPTMAX")),
    rcptDomainMax: toNumber(limits.get("RCPTDOMAINMAX")),
  };
}

function splitLimit(text: string): readonly [name: string, value: string] {
  const [name = "", value = ""] = text.split("=");
  return [name.toUpperCase(), value];
}

function toNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function since(start: number): number {
  return Math.round((performance.now() - start) * 10) / 10;
}

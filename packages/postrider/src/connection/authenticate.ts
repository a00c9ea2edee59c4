/**
 * AUTH: tries the mechanisms in order of strength, and runs the exchange of each.
 *
 * Layer: connection. RFC 4954 §4 (the exchange), §6 (reply codes).
 */
import {
  OptionError,
  SmtpAuthenticationError,
  SmtpNotSupportedError,
  SmtpProtocolError,
  SmtpTimeoutError,
} from "../errors/errors.js";
import type { AccessTokenRequest, Authenticate, Credentials } from "../options/credentials.js";
import type { SmtpReply } from "../reply.js";
import { createExchange } from "../sasl/create-exchange.js";
import {
  decodeChallenge,
  decodePrompt,
  encodeResponse,
  type SaslCredentials,
  type SaslEnvironment,
  type SaslExchange,
  type SaslFault,
} from "../sasl/exchange.js";
import { chooseMechanisms, findMechanism } from "../sasl/mechanisms.js";
import { isPositive } from "../session/transaction.js";
import type { CommandWork } from "../session/work.js";
import { decodeBase64 } from "../text/base64.js";
import { NO_CAPABILITIES } from "../wire/capabilities.js";
import { stepTimeout, Watchdog, withDeadline } from "./clock.js";
import type { Connection } from "./connection.js";

/** RFC 9266 §3: the keying material for channel binding in TLS 1.3. */
const CHANNEL_BINDING_LABEL = "EXPORTER-Channel-Binding";
const CHANNEL_BINDING_BYTES = 32;

const CHALLENGE = 334;
/** RFC 4954 §4: the longest line of AUTH. */
const MAX_AUTH_LENGTH = 12_286;
const AUTH_COMMAND = /^AUTH [A-Za-z0-9_-]{1,40}(?: (?:=|[A-Za-z0-9+/]+={0,2}))?$/i;
const RESPONSE = /^(?:\*|[A-Za-z0-9+/]*={0,2})$/;
const NO_INITIAL_RESPONSE = 501;
/** Refusals of the mechanism: 504 unknown, 534 too weak, 538 needs TLS, 500 and 502 no AUTH. All other codes refuse the credentials. */
const TRY_NEXT: ReadonlySet<number> = new Set([500, 502, 504, 534, 538]);

/**
 * Logs in by the strongest mechanism that both sides know.
 *
 * @throws SmtpAuthenticationError, SmtpNotSupportedError
 */
export async function authenticate(
  connection: Connection,
  credentials: Credentials,
  authMethods: readonly string[] | undefined,
  signal?: AbortSignal,
): Promise<SmtpReply> {
  await connection.hello();
  const failures: SmtpAuthenticationError[] = [];
  for (const name of methodsToTry(connection, credentials, authMethods)) {
    const outcome = await tryMechanism(connection, name, credentials, signal);
    if (!(outcome instanceof SmtpAuthenticationError)) return outcome;
    failures.push(outcome);
    if (!TRY_NEXT.has(outcome.reply.code) || connection.ending !== undefined) break;
  }
  throw mostUseful(failures);
}

/** Runs one mechanism by its name. A refused access token is renewed once (RFC 6750 §3.1). */
export async function tryMechanism(
  connection: Connection,
  name: string,
  credentials: Credentials,
  signal?: AbortSignal,
): Promise<SmtpReply | SmtpAuthenticationError> {
  // RFC 4954 §4: AUTH follows EHLO.
  await connection.hello();
  const first = await runExchange(
    connection,
    name,
    await revealSecret(connection, credentials, undefined, signal),
    signal,
  );
  const mayRenew = findMechanism(name).needs === "token" && credentials.canRenew;
  if (!(first instanceof SmtpAuthenticationError) || !mayRenew || TRY_NEXT.has(first.reply.code)) return first;
  if (connection.ending !== undefined || first.retry === "later") return first;
  return runExchange(connection, name, await revealSecret(connection, credentials, { expired: true }, signal), signal);
}

/**
 * Runs a mechanism of the caller's own; false when it leaves the login to the credentials.
 *
 * @throws SmtpAuthenticationError when the last reply is no success, SmtpTimeoutError; what the function throws.
 */
export async function authenticateByCaller(
  connection: Connection,
  own: Authenticate,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const timeout = stepTimeout(connection, "authTimeout");
  const { authMethods, extensions } = connection.capabilities ?? NO_CAPABILITIES;
  let work = authCommand("", undefined);
  let reply: SmtpReply | undefined;
  const result = await new Promise<unknown>((resolve, reject) => {
    const watchdog = new Watchdog(() =>
      reject(new SmtpTimeoutError({ phase: "auth", timeout, waitingFor: "authenticate to continue" })),
    );
    const send = async (line: string): Promise<SmtpReply> => {
      watchdog.disarm();
      const isResponse = reply?.code === CHALLENGE;
      checkAuthLine(line, isResponse);
      hideSecrets(connection, line);
      if (!isResponse) work = freeAuthCommand(line);
      const asked = isResponse ? connection.respond(work, line, "***", signal) : connection.command(work, signal);
      reply = await asked.finally(() => watchdog.arm(timeout));
      return reply;
    };
    watchdog.arm(timeout);
    const running = (async () => own({ authMethods, extensions, send }))();
    Promise.race([running, connection.lost()])
      .then(resolve, reject)
      .finally(() => watchdog.disarm());
  });
  if (reply === undefined) return result !== false;
  if (isPositive(reply)) return true;
  throw new SmtpAuthenticationError(work.line.split(" ")[1] ?? "", { reply });
}

/** @throws OptionError: another command would change the session behind the connection's back. */
function checkAuthLine(line: unknown, isResponse: boolean): asserts line is string {
  const isRight = typeof line === "string" && line.length <= MAX_AUTH_LENGTH;
  if (isRight && (isResponse ? RESPONSE : AUTH_COMMAND).test(line)) return;
  const rule = isResponse ? "a response in base64, or *" : "AUTH, a mechanism, and optionally a response in base64";
  throw new OptionError("authenticate", `must send ${rule}, in at most ${MAX_AUTH_LENGTH} characters`);
}

function hideSecrets({ redactor }: Connection, line: string): void {
  const encoded = line.slice(line.lastIndexOf(" ") + 1);
  const decoded = decodeBase64(encoded);
  if (decoded !== undefined && encoded !== line.split(" ")[1]) redactor.hideResponse(decoded, "\0");
}

function freeAuthCommand(line: string): CommandWork {
  const [verb = "", mechanism = "", initial] = line.split(" ");
  const shown = initial === undefined ? line : `${verb} ${mechanism} ***`;
  return { kind: "command", verb: "AUTH", line, shown };
}

function methodsToTry(
  connection: Connection,
  credentials: Credentials,
  authMethods: readonly string[] | undefined,
): readonly string[] {
  const offered = connection.capabilities?.authMethods ?? [];
  const { isSecure } = connection.transport;
  if (offered.length === 0) {
    throw new SmtpNotSupportedError("AUTH", {
      reason: "The server does not offer AUTH",
      phase: "auth",
      hint: isSecure
        ? undefined
        : "Many servers offer it only inside TLS: set startTls: true, or useTls: true on port 465",
    });
  }
  const hasChannelBinding = channelBinding(connection) !== undefined;
  const names = chooseMechanisms({ offered, kind: credentials.kind, authMethods, hasChannelBinding });
  if (names.length > 0) return names;
  const ours =
    authMethods ??
    (credentials.kind === "token"
      ? ["OAUTHBEARER", "XOAUTH2"]
      : ["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"]);
  throw new SmtpNotSupportedError("AUTH", {
    reason: `The server offers ${offered.join(", ")}, but none of ${ours.join(", ")}`,
    phase: "auth",
  });
}

async function runExchange(
  connection: Connection,
  name: string,
  secret: Awaited<ReturnType<Credentials["reveal"]>>,
  signal?: AbortSignal,
): Promise<SmtpReply | SmtpAuthenticationError> {
  const { redactor } = connection;
  redactor.hide(secret.password, secret.accessToken);
  let exchange = createExchange(name, secret, environmentOf(connection));
  const initial = exchange.initialResponse();
  if (initial !== undefined) redactor.hideResponse(initial, secret.username);
  let work = authCommand(name, initial);
  let reply = await connection.command(work, signal);
  if (reply.code === NO_INITIAL_RESPONSE && initial !== undefined && connection.ending === undefined) {
    // QUIRK: servers that take AUTH only without an initial response answer 501 to one.
    exchange = createExchange(name, secret, environmentOf(connection));
    work = authCommand(name, undefined);
    reply = await connection.command(work, signal);
  }
  while (reply.code === CHALLENGE) {
    const response = await answer(exchange, reply);
    if ("fault" in response) return cancel(connection, work, name, response, signal);
    redactor.hideResponse(response, secret.username);
    reply = await connection.respond(work, encodeResponse(response, "line"), "***", signal);
  }
  if (isPositive(reply)) return conclude(connection, exchange, reply);
  const hint = exchange.refusal?.text;
  return new SmtpAuthenticationError(name, { reply, hint: hint === undefined ? undefined : redactor.line(hint) });
}

function authCommand(name: string, initial: Uint8Array | undefined): CommandWork {
  const bare = `AUTH ${name}`;
  if (initial === undefined) return { kind: "command", verb: "AUTH", line: bare, shown: bare };
  return {
    kind: "command",
    verb: "AUTH",
    line: `${bare} ${encodeResponse(initial, "argument")}`,
    shown: `${bare} ***`,
  };
}

async function answer(exchange: SaslExchange, reply: SmtpReply): Promise<Uint8Array | SaslFault> {
  const text = reply.message.trim();
  const challenge = exchange.acceptsClearText === true ? decodePrompt(text) : decodeChallenge(text);
  return "fault" in challenge ? challenge : exchange.respond(challenge);
}

/** RFC 4954 §4: the client cancels with a lone `*`, and the server answers 501. */
async function cancel(
  connection: Connection,
  work: CommandWork,
  name: string,
  { fault }: SaslFault,
  signal?: AbortSignal,
): Promise<never> {
  const reply = await connection.respond(work, "*", "*", signal);
  if (reply.code === CHALLENGE) connection.end({ kind: "closed" });
  throw new SmtpAuthenticationError(name, { reply, hint: fault });
}

/** SECURITY: a 235 without the proof that the mechanism requires may come from an impostor. */
function conclude(connection: Connection, exchange: SaslExchange, reply: SmtpReply): SmtpReply {
  const owed = exchange.conclude();
  if (owed === undefined) return reply;
  const excerpt = connection.redactor.line(`${reply.code} ${reply.message}`);
  const error = new SmtpProtocolError(owed.fault, { phase: "auth", excerpt });
  connection.end({ kind: "failed", error });
  throw error;
}

function environmentOf(connection: Connection): SaslEnvironment {
  const { hostname, port } = connection.transport.peer;
  return {
    hostname,
    port,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    channelBinding: channelBinding(connection),
    offered: connection.capabilities?.authMethods,
  };
}

function channelBinding({ transport }: Connection): Uint8Array | undefined {
  return transport.exportKeyingMaterial(CHANNEL_BINDING_BYTES, CHANNEL_BINDING_LABEL);
}

/** Prefers refusals of the credentials (535) over refusals of the mechanism (504). */
function mostUseful(failures: readonly SmtpAuthenticationError[]): SmtpAuthenticationError {
  const rank = ({ reply }: SmtpAuthenticationError): number =>
    TRY_NEXT.has(reply.code) ? (reply.code >= 530 ? 1 : 2) : 0;
  return failures.reduce((best, one) => (rank(one) < rank(best) ? one : best));
}

/** Calls `accessToken` with the timeout of a step. @throws what it throws; SmtpTimeoutError; `signal.reason`. */
function revealSecret(
  connection: Connection,
  credentials: Credentials,
  request: AccessTokenRequest | undefined,
  signal: AbortSignal | undefined,
): Promise<SaslCredentials> {
  const timeout = stepTimeout(connection, "authTimeout");
  const late = (): SmtpTimeoutError =>
    new SmtpTimeoutError({ phase: "auth", timeout, waitingFor: "accessToken to return a token" });
  return withDeadline({ timeout, signal, late }, (deadline) =>
    Promise.race([credentials.reveal(request), rejection(deadline), connection.lost()]),
  );
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

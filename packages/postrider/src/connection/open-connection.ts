/**
 * Opens a connection that is ready for its first message: TCP, greeting, TLS, AUTH.
 *
 * Layer: connection. RFC 5321 §3.1, RFC 3207 (STARTTLS), RFC 8314 §3.3 (implicit TLS), RFC 4954.
 */
import { Buffer } from "node:buffer";
import {
  formatPeer,
  type Peer,
  SmtpNotSupportedError,
  SmtpReplyError,
  SmtpTimeoutError,
  SmtpTlsError,
} from "../errors/errors.js";
import { onAbort } from "../given/abort.js";
import type { ResolvedConnectionOptions } from "../options/connection-options.js";
import type { TlsMode } from "../options/target.js";
import type { TlsOptions } from "../options/tls-options.js";
import type { SmtpReply } from "../reply.js";
import type { ServerKnowledge } from "../session/knowledge.js";
import { formatProxy } from "../transport/node/connect-errors.js";
import { localHostname } from "../transport/node/tcp.js";
import { openTransport } from "../transport/open-transport.js";
import type { Transport } from "../transport/transport.js";
import { guardTrace, serverAttributes, watchConnect } from "../watch.js";
import { authenticate, authenticateByCaller } from "./authenticate.js";
import { stepTimeout, withDeadline } from "./clock.js";
import { Connection } from "./connection.js";
import { type Batcher, knowledgeFor } from "./settings.js";

export interface ConnectAttempt {
  /** Milliseconds for each step of this attempt; default: the options' own. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether EHLO is sent, also where neither TLS nor a login needs it. Default: when the first command or message does. */
  readonly hello?: boolean | undefined;
  /** Shared by the connections to the same server. */
  readonly knowledge?: ServerKnowledge | undefined;
  /** A TLS session of an earlier connection, to resume (RFC 8446 §2.2). */
  readonly tlsSession?: Uint8Array | undefined;
  /** Shared by the connections of a pool. */
  readonly batcher?: Batcher | undefined;
}

export interface OpenedConnection {
  readonly connection: Connection;
  readonly greeting: SmtpReply;
}

/**
 * Connects, upgrades to TLS as the options say, and logs in when there are credentials. Nothing stays open when it fails.
 *
 * @throws SmtpConnectError, SmtpTlsError, SmtpTimeoutError, SmtpGreetingError, SmtpAuthenticationError and the like.
 */
export function openConnection(
  options: ResolvedConnectionOptions,
  attempt: ConnectAttempt = {},
): Promise<OpenedConnection> {
  const server = serverAttributes(targetPeer(options), options.protocol === "lmtp");
  return watchConnect(
    server,
    () => open(options, attempt),
    ({ connection }) => connection.transport.isSecure,
  );
}

/** STARTTLS and the handshake. @throws SmtpReplyError, SmtpTlsError, SmtpTimeoutError, SmtpDisconnectedError */
export async function upgrade(
  connection: Connection,
  tls: TlsOptions | undefined,
  signal?: AbortSignal,
): Promise<SmtpReply> {
  const reply = await connection.command({ kind: "command", verb: "STARTTLS", line: "STARTTLS" }, signal);
  if (reply.code !== 220) {
    throw new SmtpReplyError("The server refused STARTTLS", { reply, command: "STARTTLS", phase: "tls" });
  }
  const timeout = stepTimeout(connection, "tlsTimeout");
  const late = (): SmtpTimeoutError => new SmtpTimeoutError({ phase: "tls", timeout, waitingFor: "the TLS handshake" });
  await withDeadline({ timeout, signal, late }, (deadline) => connection.secure(tls, deadline));
  return reply;
}

/** SECURITY: a password or token goes out only inside TLS, to this machine, or when the caller says so by name. */
export function checkMaySendSecrets({ transport }: Connection, allowPlaintextAuth: boolean): void {
  if (transport.isSecure || transport.isLocal || allowPlaintextAuth) return;
  const { peer } = transport;
  const isGiven = peer.port === undefined && peer.socketPath === undefined;
  throw new SmtpTlsError(peer, {
    problem: `the connection is in clear text${isGiven ? ", or its certificate not verified for hostname" : ""}, so the credentials were not sent`,
    reason: "PLAINTEXT_AUTH",
    hint: "Set startTls: true or useTls: true; or allowPlaintextAuth: true to send them in clear text all the same",
  });
}

async function open(options: ResolvedConnectionOptions, attempt: ConnectAttempt): Promise<OpenedConnection> {
  // A key that cannot sign would fail every message, so it is checked before anything is opened.
  for (const signer of options.dkim) await signer.ready();
  const { timeouts } = options;
  const signals = [options.signal, attempt.signal].filter((signal) => signal !== undefined);
  const signal = signals.length > 1 ? AbortSignal.any(signals) : signals[0];
  const tls = withSession(options.tls, attempt.tlsSession);
  const transport = await connectTransport(options, tls, attempt.timeout ?? timeouts.connect, signal);
  const connection = startSession(transport, options, attempt);
  const stopFollowing = endOnAbort(connection, signal);
  try {
    const greeting = await connection.start();
    if (transport.mayBeSecured) await maySecure(connection, options.tlsMode, tls, signal);
    await login(connection, options, signal);
    if (attempt.hello === true) await connection.hello();
    connection.attemptTimeout = undefined;
    return { connection, greeting };
  } catch (error) {
    connection.end({ kind: "failed", error });
    throw error;
  } finally {
    stopFollowing();
    void connection.ended.then(endOnAbort(connection, options.signal));
  }
}

/** A transport that no connection owns would stay open for ever. */
function startSession(transport: Transport, options: ResolvedConnectionOptions, attempt: ConnectAttempt): Connection {
  try {
    return new Connection(transport, settingsOf(options, transport, attempt), attempt.timeout);
  } catch (error) {
    transport.destroy();
    throw error;
  }
}

/** SECURITY: an attacker who cuts AUTH out of a clear text greeting must not turn a login into an open session: TLS is asked for first. */
async function login(
  connection: Connection,
  { credentials, authenticate: own, auth, authMethods, allowPlaintextAuth }: ResolvedConnectionOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (credentials === undefined && own === undefined) return;
  checkMaySendSecrets(connection, allowPlaintextAuth);
  await connection.hello();
  if (auth === "when-offered" && connection.capabilities?.authMethods.length === 0) return;
  if (own !== undefined && (await authenticateByCaller(connection, own, signal))) return;
  if (credentials !== undefined) await authenticate(connection, credentials, authMethods, signal);
}

function connectTransport(
  options: ResolvedConnectionOptions,
  tls: TlsOptions | undefined,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Transport> {
  const { target } = options;
  const peer = targetPeer(options);
  const proxy = target.kind === "tcp" ? target.proxy : undefined;
  const late = (): SmtpTimeoutError =>
    new SmtpTimeoutError({
      phase: "connect",
      timeout,
      waitingFor: `a connection to ${formatPeer(peer)}${proxy === undefined ? "" : ` through ${formatProxy(proxy)}`}`,
      hint:
        proxy === undefined
          ? "A firewall may drop the packets; check hostname and port"
          : "Either the proxy or the server behind it does not answer; check both",
    });
  const implicit = options.tlsMode === "implicit" ? { options: tls } : undefined;
  return withDeadline({ timeout, signal, late }, (deadline) =>
    openTransport(target, { tls: implicit, signal: deadline }),
  );
}

function targetPeer({ target }: ResolvedConnectionOptions): Peer {
  if (target.kind === "tcp") return target;
  return { hostname: target.hostname, socketPath: target.kind === "unix" ? target.path : undefined };
}

function withSession(tls: TlsOptions | undefined, session: Uint8Array | undefined): TlsOptions | undefined {
  return session === undefined || tls?.session !== undefined ? tls : { ...tls, session: Buffer.from(session) };
}

function settingsOf(
  options: ResolvedConnectionOptions,
  transport: Transport,
  attempt: ConnectAttempt,
): Connection["settings"] {
  return {
    localHostname: options.localHostname ?? localHostname(transport.localAddress),
    isLmtp: options.protocol === "lmtp",
    timeout: options.timeouts.command,
    greetingTimeout: attempt.timeout ?? options.timeouts.greeting,
    tlsTimeout: options.timeouts.tls,
    authTimeout: options.timeouts.auth,
    contentTimeout: options.timeouts.content,
    deliveryTimeout: options.deliveryTimeout,
    trace: guardTrace(options.trace),
    dkim: options.dkim,
    batcher: attempt.batcher,
    knowledge: attempt.knowledge ?? knowledgeFor(options),
  };
}

async function maySecure(
  connection: Connection,
  mode: TlsMode,
  tls: TlsOptions | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (mode === "none") return;
  await connection.hello();
  if (connection.capabilities?.extensions.has("STARTTLS")) {
    await upgrade(connection, tls, signal);
  } else if (mode === "starttls-required") {
    throw new SmtpNotSupportedError("STARTTLS", {
      reason: `${formatPeer(connection.transport.peer)} does not offer STARTTLS`,
      phase: "tls",
      hint: "If the port speaks TLS from the first byte (465 does), set useTls: true in place of startTls: true",
    });
  }
}

/** Ends the connection when the signal fires; returns what stops that. */
function endOnAbort(connection: Connection, signal: AbortSignal | undefined): () => void {
  if (signal === undefined) return () => undefined;
  const abort = (): void => connection.end({ kind: "signal", reason: signal.reason });
  if (!signal.aborted) return onAbort(signal, abort);
  abort();
  return () => undefined;
}

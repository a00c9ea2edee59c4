/**
 * The client's side of a TLS handshake over a connected stream: one function for both ways into TLS, so that a check that
 * holds on one holds on the other.
 *
 * Layer: transport. RFC 8446, RFC 3207 §4, RFC 8314 §3, RFC 6066 §3 (server name), RFC 9525 (checking the name).
 */
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { formatPeer, type Peer, SmtpDisconnectedError, type SmtpRetry, SmtpTlsError } from "../../errors/errors.js";
import type { TlsOptions } from "../../options.js";
import { escapeUnseen } from "../../text/characters.js";
import type { TlsInfo } from "../transport.js";
import { awaitReady, discard, hearLastWords } from "./tcp.js";
import { isClientCertificateProblem, TLS_PROBLEMS, type TlsProblem } from "./tls-problems.js";

export interface HandshakeOptions {
  readonly peer: Peer;
  readonly options: TlsOptions | undefined;
  readonly signal: AbortSignal;
  readonly way: WayIntoTls;
}

/**
 * Resolves with the stream inside TLS. After a failure both streams are destroyed.
 *
 * @throws SmtpTlsError; SmtpDisconnectedError when the peer closes during the handshake; `signal.reason` after an abort.
 */
export async function handshake(stream: Duplex, { peer, options, signal, way }: HandshakeOptions): Promise<TLSSocket> {
  // The stream inside speaks for the one below from here on; a complaint of the latter must not end the process.
  stream.on("error", ignore);
  try {
    signal.throwIfAborted();
    // QUIRK: Node begins the handshake before it listens for its end. Over a stream that answers inside the write (a pair of
    // Duplexes in one process) it would miss it, so the first bytes leave a moment later. A net.Socket does not mind.
    stream.cork();
    queueMicrotask(() => stream.uncork());
    const name = options?.servername ?? peer.hostname;
    const secure = startTls(peer, {
      ...withoutAbsent(options),
      ...identity(peer, name, options),
      socket: stream,
    });
    const explain = (error: Error | undefined): Error => handshakeError(peer, error, { way, name });
    await awaitReady(secure, { event: "secureConnect", signal, explain });
    hearLastWords(secure);
    return secure;
  } catch (error) {
    discard(stream);
    throw error;
  }
}

/** What a finished handshake agreed on. */
export function describeTls(secure: TLSSocket): TlsInfo {
  const certificate = secure.getPeerCertificate(true);
  return {
    protocol: secure.getProtocol() ?? "unknown",
    cipher: secure.getCipher().name,
    // Node gives an empty object where there is none.
    peerCertificate: certificate?.raw === undefined ? undefined : certificate,
    authorized: secure.authorized,
  };
}

/** QUIRK: keys and certificates that do not parse make `tls.connect` throw at once. */
function startTls(peer: Peer, options: ConnectionOptions): TLSSocket {
  try {
    return connect(options);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new SmtpTlsError(peer, {
      problem: `the options in tls cannot be used: ${said}`,
      reason: error instanceof Error && "code" in error ? String(error.code) : undefined,
      hint: "Check tls.key, tls.cert, tls.pfx, tls.passphrase and tls.ca",
      cause: error,
    });
  }
}

/** Whom the certificate must name, and whether that is insisted on. */
function identity(peer: Peer, name: string | undefined, options: TlsOptions | undefined): ConnectionOptions {
  // Said here and not left to Node, which lets the environment (NODE_TLS_REJECT_UNAUTHORIZED) turn it off.
  const rejectUnauthorized = options?.rejectUnauthorized !== false;
  if (name === undefined) {
    // SECURITY: without a name Node would check the certificate against "localhost".
    if (!rejectUnauthorized || options?.checkServerIdentity !== undefined) return { rejectUnauthorized };
    throw new SmtpTlsError(peer, {
      problem: "there is no name that the certificate could be checked against",
      hint: "Set hostname or tls.servername",
    });
  }
  // `host` is what Node checks the certificate against when there is no `servername`. An address must not stand in the
  // server name extension, nor must a final dot (RFC 6066 §3).
  if (isIP(name) !== 0) return { rejectUnauthorized, host: name, servername: "" };
  return { rejectUnauthorized, host: name, servername: name.endsWith(".") ? name.slice(0, -1) : name };
}

/** QUIRK: Node takes a property that is there but undefined for a value (`checkServerIdentity: undefined` would be called). */
function withoutAbsent(options: TlsOptions = {}): TlsOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function ignore(): void {}

/** From the first byte, after STARTTLS, or with an `https` proxy. */
export type WayIntoTls = "implicit" | "starttls" | "proxy";

export interface TlsContext {
  readonly way?: WayIntoTls | undefined;
  /** The name that the certificate was checked against. */
  readonly name?: string | undefined;
  /** Default `"never"`. */
  readonly retry?: SmtpRetry;
}

/** The parts of Node's TLS errors that are read here; all of them may be missing. */
interface TlsFailure extends Error {
  readonly code?: string;
  readonly syscall?: string;
  readonly library?: string;
  /** ERR_TLS_CERT_ALTNAME_INVALID: the certificate that has other names. */
  readonly cert?: { readonly subjectaltname?: string };
}

/** SECURITY: the names in a certificate are the server's words; a certificate may hold thousands. */
const MAX_NAMES_LENGTH = 300;

/** A handshake that did not end well. Undefined: the stream ended, and TLS itself had nothing to say. */
export function handshakeError(
  peer: Peer,
  error: Error | undefined,
  context: TlsContext,
): SmtpTlsError | SmtpDisconnectedError {
  if (error !== undefined && isTlsFailure(error)) return tlsError(peer, error, context);
  const text = `${formatPeer(peer)} closed the connection during the TLS handshake`;
  return new SmtpDisconnectedError(text, { phase: "tls", cause: error });
}

/** False for errors of the stream below: then the connection broke, and TLS is not to blame. */
export function isTlsFailure(error: TlsFailure): boolean {
  // QUIRK: Node reports a failure of OpenSSL inside a write as EPROTO with `syscall`, and a FIN in the handshake as an
  // ECONNRESET without.
  if (error.code === "EPROTO") return true;
  return error.syscall === undefined && error.code !== "ECONNRESET" && error.code !== "EPIPE";
}

/** A failure after the handshake: what a new connection may mend, unless the server refused the client certificate. */
export function lateTlsError(peer: Peer, error: TlsFailure): SmtpTlsError {
  return tlsError(peer, error, { retry: isClientCertificateProblem(reasonOf(error)) ? "never" : "reconnect" });
}

/** An error of OpenSSL or of Node's certificate checks as an SmtpTlsError. */
export function tlsError(peer: Peer, error: TlsFailure, context: TlsContext = {}): SmtpTlsError {
  const reason = reasonOf(error);
  if (reason === "ERR_TLS_CERT_ALTNAME_INVALID") return wrongNameError(peer, error, context);
  const { problem, hint } = problemOf(reason, context) ?? { problem: escapeUnseen(error.message), hint: undefined };
  return new SmtpTlsError(peer, {
    problem: reason === undefined ? problem : `${problem} (${reason})`,
    reason,
    hint,
    retry: context.retry ?? "never",
    cause: error,
  });
}

function problemOf(reason: string | undefined, { way }: TlsContext): TlsProblem | undefined {
  if (reason === undefined) return undefined;
  const problem = TLS_PROBLEMS[reason];
  if (problem !== "plain-text") return problem;
  if (way === "proxy") {
    return {
      problem: "the proxy does not speak TLS on this port",
      hint: "Write http:// in proxy if it is a plain one",
    };
  }
  return way === "starttls"
    ? { problem: "the server sent clear text where the handshake should begin", hint: undefined }
    : {
        problem: "the server does not speak TLS on this port",
        hint: "A port that speaks plain SMTP first, such as 587 or 25, needs startTls: true (or useTls: false), not useTls: true",
      };
}

function wrongNameError(peer: Peer, error: TlsFailure, { name }: TlsContext): SmtpTlsError {
  const names = error.cert?.subjectaltname ?? "";
  const shown = escapeUnseen(names.length > MAX_NAMES_LENGTH ? `${names.slice(0, MAX_NAMES_LENGTH)}...` : names);
  const valid = shown === "" ? "it names no host" : `it is for ${shown}`;
  return new SmtpTlsError(peer, {
    problem: `the server's certificate is not for ${name ?? "this host"}; ${valid} (ERR_TLS_CERT_ALTNAME_INVALID)`,
    reason: "ERR_TLS_CERT_ALTNAME_INVALID",
    hint: "Connect by a name that the certificate holds, or set tls.servername to it",
    cause: error,
  });
}

/** Node's code; else what OpenSSL names in its text, in the form that Node uses elsewhere. */
function reasonOf(error: TlsFailure): string | undefined {
  // QUIRK: Node knows no code for some of OpenSSL's verification results and says UNSPECIFIED.
  if (error.code === "UNSPECIFIED") return WEAK[error.message] ?? error.code;
  const text = error.code === "EPROTO" ? /:SSL routines:[^:]*:([^:\n]+)/.exec(error.message)?.[1] : undefined;
  const code = text === undefined ? error.code : `ERR_SSL_${text.trim().toUpperCase().replaceAll(" ", "_")}`;
  // QUIRK: since OpenSSL 3.2 the alerts of SSLv3 are those of "SSL/TLS"; one name for one thing.
  return code?.replace("ERR_SSL_SSL/TLS_", "ERR_SSL_SSLV3_");
}

const WEAK: Readonly<Record<string, string>> = {
  "EE certificate key too weak": "EE_KEY_TOO_SMALL",
  "CA certificate key too weak": "CA_KEY_TOO_SMALL",
  "CA signature digest algorithm too weak": "CA_MD_TOO_WEAK",
};

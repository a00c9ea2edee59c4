/**
 * The client side of a TLS handshake over a connected stream, and its errors. SECURITY: one function for implicit TLS, STARTTLS and
 * proxies, so that the same checks apply to all.
 *
 * Layer: transport. RFC 8446, RFC 3207 §4, RFC 8314 §3, RFC 6066 §3 (server name), RFC 9525 (checking the name).
 */
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { type CipherNameAndProtocol, type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import {
  formatPeer,
  isError,
  type Peer,
  SmtpDisconnectedError,
  type SmtpRetry,
  SmtpTlsError,
} from "../../errors/errors.js";
import type { TlsOptions } from "../../options/tls-options.js";
import { escapeUnseen } from "../../text/characters.js";
import type { TlsInfo } from "../transport.js";
import { socketsApi } from "../web/sockets-api.js";
import { awaitReady, discard, ignore, keepLastBytes } from "./tcp.js";
import { isClientCertificateProblem, knownProblem, type TlsProblem } from "./tls-problems.js";

/** SECURITY: bounds text from the server: a certificate may hold thousands of names. */
const MAX_NAMES_LENGTH = 300;

/** Codes for verification results that Node reports as UNSPECIFIED, by OpenSSL's text. */
const WEAK_KEY_CODES: Readonly<Record<string, string>> = {
  "EE certificate key too weak": "EE_KEY_TOO_SMALL",
  "CA certificate key too weak": "CA_KEY_TOO_SMALL",
  "CA signature digest algorithm too weak": "CA_MD_TOO_WEAK",
};

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
  // SECURITY: node:tls of Cloudflare Workers calls a socket authorized without any handshake.
  if (socketsApi() !== undefined) {
    discard(stream);
    throw new SmtpTlsError(peer, {
      problem: "this runtime has no TLS over a stream of Node",
      hint: "Give hostname and port, or a socket of cloudflare:sockets as socket",
    });
  }
  // The TLS stream reports errors from here on; an error of the stream below must not end the process.
  stream.on("error", ignore);
  try {
    signal.throwIfAborted();
    // QUIRK: Node begins the handshake before it listens for its end. A stream that answers within the write (a pair of Duplexes in one
    // process) would finish too early, so the first bytes are delayed by a microtask.
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
    keepLastBytes(secure);
    return secure;
  } catch (error) {
    discard(stream);
    throw error;
  }
}

/** The result of a finished handshake. */
export function describeTls(secure: TLSSocket): TlsInfo {
  const certificate = secure.getPeerCertificate(true);
  return {
    protocol: secure.getProtocol() ?? "unknown",
    // Node has none, in spite of its types, when the stream is destroyed already.
    cipher: (secure.getCipher() as CipherNameAndProtocol | null)?.name ?? "unknown",
    // Node returns an empty object when there is none.
    peerCertificate: certificate?.raw === undefined ? undefined : certificate,
    authorized: secure.authorized,
  };
}

/** From the first byte, after STARTTLS, or with an `https` proxy. */
export type WayIntoTls = "implicit" | "starttls" | "proxy";

export interface TlsContext {
  readonly way?: WayIntoTls | undefined;
  /** The name that the certificate was verified against. */
  readonly name?: string | undefined;
  /** Default `"never"`. */
  readonly retry?: SmtpRetry;
}

/** The properties of Node's TLS errors that are used here; each may be missing. */
interface TlsFailure extends Error {
  readonly code?: string;
  readonly syscall?: string;
  readonly library?: string;
  /** The certificate, for ERR_TLS_CERT_ALTNAME_INVALID. */
  readonly cert?: { readonly subjectaltname?: string };
}

/** The error of a failed handshake. @param error undefined when the stream ended without one. */
export function handshakeError(
  peer: Peer,
  error: Error | undefined,
  context: TlsContext,
): SmtpTlsError | SmtpDisconnectedError {
  if (error !== undefined && isTlsFailure(error)) return tlsError(peer, error, context);
  const text = `${formatPeer(peer)} closed the connection during the TLS handshake`;
  return new SmtpDisconnectedError(text, { phase: "tls", cause: error });
}

/** False for errors of the stream below TLS. */
export function isTlsFailure(error: TlsFailure): boolean {
  // QUIRK: Node reports a failure of OpenSSL inside a write as EPROTO with `syscall`, and a FIN in the handshake as an
  // ECONNRESET without.
  if (error.code === "EPROTO") return true;
  return error.syscall === undefined && error.code !== "ECONNRESET" && error.code !== "EPIPE";
}

/** A TLS failure after the handshake. A retry may help, except when the server refused the client certificate. */
export function lateTlsError(peer: Peer, error: TlsFailure): SmtpTlsError {
  return tlsError(peer, error, { retry: isClientCertificateProblem(reasonOf(error)) ? "never" : "reconnect" });
}

/** Converts an error of OpenSSL or of Node's certificate checks. */
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

/** QUIRK: `tls.connect` throws synchronously for keys and certificates that do not parse. */
function startTls(peer: Peer, options: ConnectionOptions): TLSSocket {
  try {
    if (process.versions["deno"] !== undefined) checkClientIdentity(options);
    return connect(options);
  } catch (error) {
    const said = isError(error) ? error.message : String(error);
    throw new SmtpTlsError(peer, {
      problem: `the options in tls cannot be used: ${said}`,
      reason: isError(error) && "code" in error ? String(error.code) : undefined,
      hint: "Check tls.key, cert, pfx, passphrase, ca, crl, ciphers, sigalgs and ecdhCurve",
      cause: error,
    });
  }
}

/**
 * QUIRK: Deno shows no client certificate when it or its key does not parse, and the server alone would complain; a key of another
 * certificate is a matter of versions to it.
 */
function checkClientIdentity({ cert = [], key = [], passphrase = "" }: ConnectionOptions): void {
  const { createPrivateKey, X509Certificate } = process.getBuiltinModule("node:crypto");
  const keys = [key].flat().map((one) => {
    const given = typeof one === "object" && "pem" in one ? { passphrase, ...one } : { passphrase, pem: one };
    return createPrivateKey({ key: given.pem, passphrase: given.passphrase });
  });
  const certificates = [cert].flat().map((one) => new X509Certificate(one));
  const [only, ...others] = keys;
  if (only !== undefined && others.length === 0 && certificates[0]?.checkPrivateKey(only) === false) {
    throw new Error("tls.key is not the key of tls.cert");
  }
}

/** The name that the certificate must have, and whether it is verified. */
function identity(peer: Peer, name: string | undefined, options: TlsOptions | undefined): ConnectionOptions {
  // SECURITY: always explicit, because NODE_TLS_REJECT_UNAUTHORIZED would otherwise turn verification off.
  const rejectUnauthorized = options?.rejectUnauthorized !== false;
  if (name === undefined) {
    // SECURITY: without a name Node would accept a certificate for "localhost".
    if (!rejectUnauthorized || options?.checkServerIdentity !== undefined) return { rejectUnauthorized };
    throw new SmtpTlsError(peer, {
      problem: "there is no name that the certificate could be checked against",
      hint: "Set hostname or tls.servername",
    });
  }
  // Node verifies against `host` when `servername` is empty. RFC 6066 §3: the server name extension must not hold an address or a final
  // dot.
  if (isIP(name) !== 0) return { rejectUnauthorized, host: name, servername: "" };
  return { rejectUnauthorized, host: name, servername: name.endsWith(".") ? name.slice(0, -1) : name };
}

/** QUIRK: Node uses a property whose value is undefined (it would call `checkServerIdentity: undefined`). */
function withoutAbsent(options: TlsOptions = {}): TlsOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function problemOf(reason: string | undefined, { way }: TlsContext): TlsProblem | undefined {
  if (reason === undefined) return undefined;
  const problem = knownProblem(reason);
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

/** Node's code, or the reason in OpenSSL's text in the form of Node's codes. */
function reasonOf(error: TlsFailure): string | undefined {
  // QUIRK: Node has no code for some verification results of OpenSSL, and gives UNSPECIFIED.
  if (error.code === "UNSPECIFIED") return WEAK_KEY_CODES[error.message] ?? error.code;
  const text = error.code === "EPROTO" ? /:SSL routines:[^:]*:([^:\n]+)/.exec(error.message)?.[1] : undefined;
  const code = text === undefined ? error.code : `ERR_SSL_${text.trim().toUpperCase().replaceAll(" ", "_")}`;
  // QUIRK: OpenSSL 3.2 renamed the alerts of SSLv3 to "SSL/TLS".
  return code?.replace("ERR_SSL_SSL/TLS_", "ERR_SSL_SSLV3_");
}

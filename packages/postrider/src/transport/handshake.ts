/**
 * The client's side of a TLS handshake over a connected stream: one function for both ways into TLS, so that a check that
 * holds on one holds on the other.
 *
 * Layer: transport. RFC 8446, RFC 3207 §4, RFC 8314 §3, RFC 6066 §3 (server name), RFC 9525 (checking the name).
 */
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { type Peer, SmtpTlsError } from "../errors.js";
import type { TlsOptions } from "../options.js";
import { awaitReady, discard } from "./await-ready.js";
import { hearLastWords } from "./last-words.js";
import { handshakeError, type WayIntoTls } from "./tls-errors.js";
import type { TlsInfo } from "./transport.js";

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

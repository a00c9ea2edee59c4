/**
 * The interface of a byte stream: what the connection knows of TCP and TLS.
 *
 * Layer: transport. RFC 3207 §6 (STARTTLS), RFC 9266 (channel binding).
 */
import { type Peer, SmtpDisconnectedError } from "../errors/errors.js";
import type { TlsOptions } from "../options/tls-options.js";

/** For a handshake on a transport that is closed. */
export const closedError = (): SmtpDisconnectedError =>
  new SmtpDisconnectedError("The connection is closed", { phase: "tls" });

/** The result of a TLS handshake. */
export interface TlsInfo {
  /** Such as `"TLSv1.3"`; `"unknown"` on Cloudflare Workers, which do not tell. */
  readonly protocol: string;
  /** OpenSSL's name of the cipher; `"unknown"` on Cloudflare Workers. */
  readonly cipher: string;
  /** The peer's certificate as Node gives it; undefined when it sent none, and on Cloudflare Workers. */
  readonly peerCertificate: import("node:tls").DetailedPeerCertificate | undefined;
  /** True when the certificate was verified against the authorities and the name. */
  readonly authorized: boolean;
}

/** Callbacks of a transport. None is called after `ended`. */
export interface TransportListener {
  /** False: the next bytes belong to a TLS handshake, so a transport that reads on its own stops until `secure`. */
  received(bytes: Uint8Array): unknown;
  /** The buffer has drained, after `write` returned false. */
  drained(): void;
  /**
   * Called once: the peer closed the stream (no error), or it failed. The transport is closed by then. The error is the system's, or
   * an SmtpTlsError when TLS failed (TLS 1.3 servers may refuse a client certificate after the handshake).
   */
  ended(error: Error | undefined): void;
}

/** A connected byte stream: TCP, TLS, a Unix socket, a proxy's tunnel, a socket of Cloudflare Workers, or the caller's own. */
export interface Transport {
  readonly peer: Peer;
  readonly isSecure: boolean;
  /** Whether `secure` may be called: false inside TLS that this transport, or a socket of the Workers, has set up. */
  readonly mayBeSecured: boolean;
  /**
   * True when the peer is this machine: a loopback address or a Unix socket; of the caller's streams only a loopback
   * net.Socket. Never behind a proxy.
   */
  readonly isLocal: boolean;
  readonly localAddress: string | undefined;
  readonly tlsInfo: TlsInfo | undefined;
  /** The last TLS session for resumption; undefined without TLS, or when the server gave none. */
  readonly tlsSession: Uint8Array | undefined;
  /** Starts reading; called once. Bytes that arrived before are kept. */
  listen(listener: TransportListener): void;
  /**
   * Writes bytes, which must not change until they are sent. False means: wait for `drained` before the next write. During a handshake
   * and after the end nothing is written, and false returned.
   */
  write(bytes: Uint8Array): boolean;
  /** Buffers writes until `uncork`, so that they leave as one `writev` or one TLS record. */
  cork(): void;
  uncork(): void;
  /**
   * Client side of a TLS handshake over this stream (STARTTLS). SECURITY: it fails when undelivered bytes arrived in clear text (RFC
   * 3207 §6, injection). The listener stays; `ended` is not called for a failed handshake.
   *
   * @throws SmtpTlsError; SmtpDisconnectedError when the peer closes, or `destroy` is called, during the handshake;
   * `signal.reason` after an abort. The transport is destroyed in all three cases.
   */
  secure(options: TlsOptions | undefined, signal: AbortSignal): Promise<void>;
  /** Channel binding `tls-exporter` (RFC 9266); undefined without TLS 1.3. */
  exportKeyingMaterial(length: number, label: string): Uint8Array | undefined;
  /** Whether the open stream keeps the process alive; default true. */
  keepAlive(isWanted: boolean): void;
  /** Flushes, sends FIN, and closes without waiting for the peer's FIN; `ended` is not called. */
  end(): void;
  /** Closes at once; `ended` is not called. */
  destroy(): void;
}

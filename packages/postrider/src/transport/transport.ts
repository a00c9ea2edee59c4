/**
 * What a byte stream is to the rest of the library.
 *
 * Layer: transport. Knows no SMTP.
 */
import type { Peer } from "../errors/errors.js";
import type { TlsOptions } from "../options.js";

/** What TLS agreed on. */
export interface TlsInfo {
  /** Such as `"TLSv1.3"`. */
  readonly protocol: string;
  /** OpenSSL's name of the cipher. */
  readonly cipher: string;
  /** The peer's certificate as Node gives it; undefined when it sent none. */
  readonly peerCertificate: import("node:tls").DetailedPeerCertificate | undefined;
  /** True when the certificate was verified against the authorities and the name. */
  readonly authorized: boolean;
}

/** Who listens to a transport. Nothing is called after `ended`. */
export interface TransportListener {
  received(bytes: Uint8Array): void;
  /** After `write` returned false: there is room again. */
  drained(): void;
  /**
   * Once: the peer ended the stream (no error), or it broke. The transport is closed by then. The error is the system's, or
   * an SmtpTlsError when TLS broke (a server may refuse a client certificate as late as that).
   */
  ended(error: Error | undefined): void;
}

/** A connected byte stream: TCP, TLS, a Unix socket, a proxy's tunnel, or the caller's own. */
export interface Transport {
  readonly peer: Peer;
  readonly isSecure: boolean;
  /**
   * True when the peer is this machine: a loopback address or a Unix socket; of the caller's streams only a loopback
   * net.Socket. Never behind a proxy.
   */
  readonly isLocal: boolean;
  readonly localAddress: string | undefined;
  readonly tlsInfo: TlsInfo | undefined;
  /** The last session that the server gave for resuming; undefined outside TLS, or when it gave none. */
  readonly tlsSession: Uint8Array | undefined;
  /** Starts the flow of bytes; called once. Bytes that came before are kept. */
  listen(listener: TransportListener): void;
  /**
   * Hands bytes to the stream, which keeps them until they are gone: they must not change. False means: wait for `drained`
   * before the next. Nothing is written, and false returned, during a handshake and after the end.
   */
  write(bytes: Uint8Array): boolean;
  /** Holds back what is written until `uncork`, so that it leaves in one piece: one `writev`, or one record of TLS. */
  cork(): void;
  uncork(): void;
  /**
   * Client side of a TLS handshake over this stream, in place (STARTTLS). Bytes that arrived in clear text and were not
   * yet delivered make it fail (SECURITY: RFC 3207 §6, command injection). The listener stays; `ended` is not called for a
   * handshake that fails.
   *
   * @throws SmtpTlsError; SmtpDisconnectedError when the peer closes, or `destroy` is called, during the handshake;
   * `signal.reason` after an abort. The transport is destroyed in all three cases.
   */
  secure(options: TlsOptions | undefined, signal: AbortSignal): Promise<void>;
  /** Channel binding `tls-exporter` (RFC 9266) for TLS 1.3; undefined elsewhere. */
  exportKeyingMaterial(length: number, label: string): Uint8Array | undefined;
  /** Whether the open stream keeps the process alive; it does until told otherwise. */
  keepAlive(isWanted: boolean): void;
  /** Sends what was written, then FIN, and closes without waiting for the peer's; `ended` is not called for it. */
  end(): void;
  /** Closes at once; `ended` is not called for it. */
  destroy(): void;
}

/**
 * The Transport over a Node Duplex, which STARTTLS replaces by a TLS stream; and the adoption of a caller's stream.
 *
 * Layer: transport. RFC 3207 §6 (no clear text may cross into TLS), RFC 9266 (channel binding).
 */
import { Buffer } from "node:buffer";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { checkServerIdentity, type TLSSocket } from "node:tls";
import { OptionError, type Peer, SmtpConnectError, SmtpTlsError } from "../../errors/errors.js";
import type { TlsOptions } from "../../options/tls-options.js";
import { giveBack } from "../../text/base64.js";
import { closedError, type TlsInfo, type Transport, type TransportListener } from "../transport.js";
import { socketsApi } from "../web/sockets-api.js";
import { connectError } from "./connect-errors.js";
import { awaitReady, discard, ignore } from "./tcp.js";
import { describeTls, handshake, isTlsFailure, lateTlsError } from "./tls.js";

export interface StreamFacts {
  readonly peer: Peer;
  readonly isLocal: boolean;
  readonly localAddress: string | undefined;
  /** The stream is the caller's: TLS that it has already counts. SECURITY: in other streams it may be that of a proxy. */
  readonly isGiven?: boolean | undefined;
  /** The name that its certificate must have then. */
  readonly name?: string | undefined;
}

type State = "open" | "securing" | "closed";

/** PERF: smaller pieces are joined before, so that none of them is lent. */
const LARGE_BYTES = 32 * 1024;

export class StreamTransport implements Transport {
  readonly peer: Peer;
  readonly isLocal: boolean;
  readonly localAddress: string | undefined;
  /** Opened here, so that it is certain that written bytes are not read again. */
  readonly #isOwn: boolean;
  /** The lower stream: closed last. */
  readonly #base: Duplex;
  /** The stream that is read and written: the base, or TLS over it. */
  #stream: Duplex;
  #secure: TLSSocket | undefined;
  #tlsInfo: TlsInfo | undefined;
  #tlsSession: Uint8Array | undefined;
  #listener: TransportListener | undefined;
  #state: State = "open";
  /** The end of the stream, when it came before `listen`. */
  #earlyEnd: { readonly error: Error | undefined } | undefined;

  /** @param secure TLS over `base`, after its handshake. */
  constructor(base: Duplex, facts: StreamFacts, secure?: TLSSocket) {
    this.peer = facts.peer;
    this.isLocal = facts.isLocal;
    this.localAddress = facts.localAddress;
    this.#isOwn = facts.peer.port !== undefined || facts.peer.socketPath !== undefined;
    this.#base = base;
    this.#stream = base;
    if (secure === undefined) {
      this.#attach();
      if (facts.isGiven === true && isAuthorized(base, facts.name)) this.#tlsInfo = describeTls(base);
    } else this.#adopt(secure);
  }

  get isSecure(): boolean {
    return this.#tlsInfo !== undefined;
  }

  /** The caller's TLS may end at a proxy: what `useTls` and `startTls` ask for is set up inside it. */
  get mayBeSecured(): boolean {
    return this.#secure === undefined;
  }

  get tlsInfo(): TlsInfo | undefined {
    return this.#tlsInfo;
  }

  listen(listener: TransportListener): void {
    this.#listener = listener;
    if (this.#earlyEnd !== undefined) queueMicrotask(() => this.#reportEarlyEnd());
    else this.#flow();
  }

  write(bytes: Uint8Array): boolean {
    // SECURITY: during the handshake nothing may leave in clear text.
    if (this.#state !== "open" || !this.#stream.writable) return false;
    if (bytes.length < LARGE_BYTES || !this.#isOwn) return this.#stream.write(bytes);
    return this.#stream.write(bytes, (error) => {
      if (!error) giveBack(bytes);
    });
  }

  keepAlive(isWanted: boolean): void {
    // The caller's stream may lack these methods.
    const stream: { ref?(): unknown; unref?(): unknown } = this.#base as Partial<Socket>;
    if (isWanted) stream.ref?.();
    else stream.unref?.();
  }

  cork(): void {
    this.#stream.cork();
  }

  uncork(): void {
    this.#stream.uncork();
  }

  async secure(options: TlsOptions | undefined, signal: AbortSignal): Promise<void> {
    if (this.#state !== "open") throw closedError();
    this.#state = "securing";
    this.#detach();
    try {
      const { peer } = this;
      if (this.#secure !== undefined) throw new SmtpTlsError(peer, { problem: "the connection has TLS already" });
      // SECURITY: bytes that arrived in clear text would otherwise be read as sent by the authenticated server.
      if (this.#stream.readableLength > 0) throw clearTextError(peer);
      this.#resume(await handshake(this.#stream, { peer, options, signal, way: "starttls" }));
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  get tlsSession(): Uint8Array | undefined {
    return this.#tlsSession;
  }

  exportKeyingMaterial(length: number, label: string): Uint8Array | undefined {
    if (this.#state !== "open" || this.#tlsInfo?.protocol !== "TLSv1.3") return undefined;
    // QUIRK: Deno's TLS has no such method; without it there is no -PLUS.
    return this.#secure?.exportKeyingMaterial?.(length, label, Buffer.alloc(0));
  }

  end(): void {
    if (this.#state !== "open") return;
    this.#state = "closed";
    this.#listener = undefined;
    this.#detach();
    const stream = this.#stream;
    stream.on("error", ignore);
    // A peer that never closes its side must not keep the socket and the process alive.
    stream.end(() => this.destroy());
  }

  destroy(): void {
    this.#state = "closed";
    this.#listener = undefined;
    this.#detach();
    discard(this.#stream);
    if (this.#base !== this.#stream) discard(this.#base);
  }

  #resume(secure: TLSSocket): void {
    if (this.#state === "closed") {
      discard(secure);
      throw closedError();
    }
    this.#state = "open";
    this.#adopt(secure);
    this.#flow();
  }

  #adopt(secure: TLSSocket): void {
    this.#secure = secure;
    this.#tlsInfo = describeTls(secure);
    this.#tlsSession = secure.getSession();
    // TLS 1.3 sends tickets after the handshake; the newest one is used.
    secure.on("session", (session) => {
      this.#tlsSession = session;
    });
    this.#stream = secure;
    this.#attach();
  }

  #attach(): void {
    this.#stream.on("drain", this.#onDrain).on("end", this.#onEnd).on("close", this.#onEnd).on("error", this.#onError);
    if (this.#stream.errored) this.#onError(this.#stream.errored);
  }

  #detach(): void {
    const stream = this.#stream;
    stream.off("data", this.#onData).off("drain", this.#onDrain);
    stream.off("end", this.#onEnd).off("close", this.#onEnd).off("error", this.#onError);
  }

  /** Resumes explicitly, because the caller may have paused its stream. */
  #flow(): void {
    if (this.#listener !== undefined) this.#stream.on("data", this.#onData).resume();
  }

  // Fields, so that #detach removes the same functions. PERF: one event per chunk, no promise.
  readonly #onData = (bytes: Uint8Array): unknown => this.#listener?.received(bytes);
  readonly #onDrain = (): void => this.#listener?.drained();
  readonly #onEnd = (): void => this.#finish(undefined);
  readonly #onError = (error: Error): void => {
    // QUIRK: in TLS 1.3 a server refuses a client certificate after the client has finished its handshake.
    this.#finish(this.isSecure && isTlsFailure(error) ? lateTlsError(this.peer, error) : error);
  };

  #finish(error: Error | undefined): void {
    const listener = this.#listener;
    this.destroy();
    if (listener === undefined) this.#earlyEnd = { error };
    else listener.ended(error);
  }

  #reportEarlyEnd(): void {
    const listener = this.#listener;
    const earlyEnd = this.#earlyEnd;
    this.#listener = undefined;
    this.#earlyEnd = undefined;
    if (earlyEnd !== undefined) listener?.ended(earlyEnd.error);
  }
}

/**
 * Takes over the caller's stream: waits until it is connected, leaves buffered bytes in it, and closes it on failure.
 *
 * @param isOnce it was given as it is, and not by a function
 * @throws SmtpConnectError when it is closed; OptionError when it is not a stream of bytes.
 */
export async function adoptStream(stream: unknown, isOnce: boolean, peer: Peer, signal: AbortSignal): Promise<Duplex> {
  checkKind(stream);
  if (signal.aborted) {
    discard(stream);
    throw signal.reason;
  }
  if (!stream.readable || !stream.writable) {
    discard(stream);
    const hint = isOnce ? "A socket serves once; give a function that opens one" : undefined;
    throw new SmtpConnectError(peer, {
      reason: "the socket is closed already",
      hint,
      cause: stream.errored ?? undefined,
    });
  }
  const explain = (error: Error | undefined): Error => connectError(peer, error);
  if (stream instanceof Socket && stream.connecting) await awaitReady(stream, { event: "connect", signal, explain });
  if (isHandshaking(stream)) await awaitReady(stream, { event: "secureConnect", signal, explain });
  return stream;
}

/** A TLSSocket of the caller whose handshake is under way. */
const isHandshaking = (stream: object): boolean => "secureConnecting" in stream && stream.secureConnecting === true;

/** A TLSSocket of the caller, verified, and for this name. SECURITY: node:tls of Cloudflare Workers calls every socket authorized. */
const isAuthorized = (stream: object, name: string | undefined): stream is TLSSocket =>
  "authorized" in stream &&
  stream.authorized === true &&
  "getPeerCertificate" in stream &&
  socketsApi() === undefined &&
  (name === undefined || checkServerIdentity(name, (stream as TLSSocket).getPeerCertificate()) === undefined);

function clearTextError(peer: Peer): SmtpTlsError {
  return new SmtpTlsError(peer, {
    problem: "clear text arrived after the reply to STARTTLS and before the handshake: a command or reply injection",
    reason: "CLEAR_TEXT_BEFORE_HANDSHAKE",
    hint: "Someone may be tampering with the connection; TLS from the first byte (useTls: true) prevents it",
  });
}

function checkKind(stream: unknown): asserts stream is Duplex {
  if (!isStream(stream))
    throw new OptionError(
      "socket",
      "must be a Duplex stream or a socket of cloudflare:sockets, or a function that opens one",
    );
  if (!stream.readableObjectMode && !stream.writableObjectMode && stream.readableEncoding === null) return;
  discard(stream);
  throw new OptionError("socket", "must carry bytes: no object mode, and no setEncoding");
}

export const isStream = (value: unknown): value is Duplex =>
  typeof value === "object" && value !== null && "write" in value && "resume" in value && "destroy" in value;

/**
 * The Transport over the sockets API of Cloudflare Workers (`cloudflare:sockets`), where TLS replaces a socket by a secure one.
 *
 * Layer: transport. RFC 3207 §4 and §6 (STARTTLS), RFC 8314 §3 (TLS from the first byte).
 */
import { Buffer } from "node:buffer";
import { isIpv6 } from "../../address/domain.js";
import { OptionError, type Peer, SmtpConnectError, SmtpTlsError } from "../../errors/errors.js";
import { reasonOf } from "../../given/producer.js";
import type { WorkerSocket } from "../../options/target.js";
import type { TlsOptions } from "../../options/tls-options.js";
import { asBuffer } from "../../text/line-ends.js";
import { closedError, type TlsInfo, type Transport, type TransportListener } from "../transport.js";
import { IN_A_REQUEST, type SocketsApi } from "./sockets-api.js";

/** Bytes that the runtime has not taken yet, from which on a write waits. */
const HIGH_WATER_BYTES = 64 * 1024;

export interface WebFacts {
  readonly peer: Peer;
  readonly isLocal: boolean;
  /** TLS from the first byte. */
  readonly tls: { readonly options?: TlsOptions | undefined } | undefined;
  readonly signal: AbortSignal;
  /** What the certificate of a given socket must name. */
  readonly name?: string | undefined;
}

/** @throws SmtpConnectError; SmtpTlsError; `signal.reason` after an abort */
export async function openWeb(
  api: SocketsApi,
  { hostname, port }: { readonly hostname: string; readonly port: number },
  facts: WebFacts,
): Promise<WebTransport> {
  facts.signal.throwIfAborted();
  const dialled = canonicalName(hostname);
  const address = { hostname: isIpv6(dialled) ? `[${dialled}]` : dialled, port };
  let socket: WorkerSocket;
  try {
    // QUIRK: with "on" a certificate that does not hold is the same error as a refused connection, and the name cannot be chosen.
    socket = api.connect(address, { secureTransport: "starttls" });
  } catch (error) {
    throw connectFailure(facts.peer, error);
  }
  return adoptWorkerSocket(socket, facts);
}

/** Takes over a socket: waits until it is open, and closes it on failure. */
export async function adoptWorkerSocket(socket: WorkerSocket, facts: WebFacts): Promise<WebTransport> {
  const { peer, tls, signal, name } = facts;
  const dialled = dialledName(await opened(socket, signal, (error) => connectFailure(peer, error)));
  // SECURITY: the runtime has checked the certificate against the name that was dialled, and no other.
  if (socket.secureTransport === "on" && canonicalName(name ?? dialled) !== canonicalName(dialled ?? name)) {
    closeQuietly(socket);
    throw new SmtpTlsError(peer, { problem: `the socket was opened to ${dialled}, which is not ${name}` });
  }
  const transport = new WebTransport(socket, facts, dialled);
  if (tls !== undefined && !transport.isSecure) await transport.secure(tls.options, signal, "implicit");
  return transport;
}

/** The host that the caller of `connect()` named, which the runtime checks the certificate against. */
function dialledName(info: unknown): string | undefined {
  const address = typeof info === "object" && info !== null && "remoteAddress" in info ? info.remoteAddress : undefined;
  return typeof address === "string" ? address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1") : undefined;
}

/** Without the final dot of an absolute name. */
const canonicalName = (name = ""): string => name.replace(/\.$/, "").toLowerCase();

export const isWorkerSocket = (value: unknown): value is WorkerSocket =>
  typeof value === "object" && value !== null && "startTls" in value && "opened" in value && "readable" in value;

/** Closes and waits for nothing. */
export function closeQuietly(socket: WorkerSocket): void {
  quietly(() => socket.close());
}

export class WebTransport implements Transport {
  readonly peer: Peer;
  readonly isLocal: boolean;
  readonly localAddress: undefined;
  readonly tlsSession: undefined;
  #socket: WorkerSocket;
  #reader: Reader;
  #writer: Writer;
  #listener: TransportListener | undefined;
  #state: "open" | "securing" | "closed" = "open";
  #isSecure: boolean;
  #isReading = false;
  #corked: Uint8Array[] | undefined;
  #unsent = 0;
  #isFull = false;
  /** Settles with the last write. */
  #written: Promise<unknown> = Promise.resolve();
  /** Gives the handshake up. */
  #givingUp: AbortController | undefined;

  readonly #dialled: string | undefined;

  /**
   * @param socket open
   * @param dialled the name that the runtime checks certificates against unless it is told another one
   */
  constructor(socket: WorkerSocket, { peer, isLocal }: Pick<WebFacts, "peer" | "isLocal">, dialled?: string) {
    this.#dialled = dialled;
    this.peer = peer;
    this.isLocal = isLocal;
    this.#socket = socket;
    this.#isSecure = socket.secureTransport === "on";
    try {
      this.#reader = socket.readable.getReader();
      this.#writer = socket.writable.getWriter();
    } catch (cause) {
      throw new OptionError("socket", "must not be in use: its streams have a reader or writer already", { cause });
    }
  }

  get isSecure(): boolean {
    return this.#isSecure;
  }

  get mayBeSecured(): boolean {
    return !this.#isSecure;
  }

  /** The runtime tells nothing else of its TLS. SECURITY: it refuses every certificate that does not hold. */
  get tlsInfo(): TlsInfo | undefined {
    if (!this.#isSecure) return undefined;
    return { protocol: "unknown", cipher: "unknown", peerCertificate: undefined, authorized: true };
  }

  listen(listener: TransportListener): void {
    this.#listener = listener;
    void this.#readOn();
  }

  write(bytes: Uint8Array): boolean {
    // SECURITY: during the handshake nothing may leave in clear text.
    if (this.#state !== "open") return false;
    this.#unsent += bytes.length;
    if (this.#corked === undefined) this.#send(bytes);
    else this.#corked.push(bytes);
    this.#isFull ||= this.#unsent >= HIGH_WATER_BYTES;
    return !this.#isFull;
  }

  cork(): void {
    this.#corked ??= [];
  }

  uncork(): void {
    const corked = this.#corked ?? [];
    this.#corked = undefined;
    if (corked.length > 0 && this.#state === "open")
      this.#send(corked.length === 1 ? corked[0] : Buffer.concat(corked));
  }

  /** Sockets of a request live as long as the request. */
  keepAlive(): void {}

  async secure(
    options: TlsOptions | undefined,
    signal: AbortSignal,
    way: "implicit" | "starttls" = "starttls",
  ): Promise<void> {
    if (this.#state !== "open") throw closedError();
    this.#state = "securing";
    const { peer } = this;
    const givingUp = new AbortController();
    this.#givingUp = givingUp;
    try {
      signal.throwIfAborted();
      if (this.#isSecure) throw new SmtpTlsError(peer, { problem: "the connection has TLS already" });
      const name = canonicalName(options?.servername ?? peer.hostname ?? this.#dialled ?? "");
      const upgraded = await this.#upgrade(name);
      await opened(upgraded, AbortSignal.any([signal, givingUp.signal]), (error) => tlsFailure(peer, error, name, way));
      this.#socket = upgraded;
      this.#reader = upgraded.readable.getReader();
      this.#writer = upgraded.writable.getWriter();
    } catch (error) {
      this.destroy();
      throw error;
    }
    this.#isSecure = true;
    this.#state = "open";
    if (this.#listener !== undefined) void this.#readOn();
  }

  exportKeyingMaterial(): undefined {
    return undefined;
  }

  end(): void {
    if (this.#state !== "open") return;
    this.uncork();
    this.#state = "closed";
    this.#listener = undefined;
    const [socket, writer] = [this.#socket, this.#writer];
    quietly(() => writer.close().finally(() => closeQuietly(socket)));
  }

  destroy(): void {
    this.#state = "closed";
    this.#listener = undefined;
    this.#givingUp?.abort(closedError());
    quietly(() => this.#reader.cancel());
    // QUIRK: it waits for a write that waits for the peer. abort() of the writer would not: the socket would stay open with the request.
    closeQuietly(this.#socket);
  }

  /** QUIRK: `startTls` never settles while a reader or writer holds the socket, so both are given back. */
  async #upgrade(name: string): Promise<WorkerSocket> {
    const { peer } = this;
    // SECURITY: the next bytes belong to the handshake. A reader that waits would take them in clear text.
    if (this.#isReading) throw new SmtpTlsError(peer, { problem: "the connection is read in clear text still" });
    await this.#written;
    if (this.#state === "closed") throw closedError();
    this.#reader.releaseLock();
    this.#writer.releaseLock();
    try {
      // QUIRK: some versions of the runtime refuse the option, so it is given only where it changes something.
      return this.#socket.startTls(name === (this.#dialled ?? "") ? undefined : { expectedServerHostname: name });
    } catch (cause) {
      const hint = 'Open the socket with secureTransport: "starttls"; or "on", for TLS from the first byte';
      throw new SmtpTlsError(peer, { problem: `the socket cannot be upgraded: ${reasonOf(cause)}`, hint, cause });
    }
  }

  /** Reads until the listener wants no more, or the end. */
  async #readOn(): Promise<void> {
    const reader = this.#reader;
    while (this.#state === "open") {
      this.#isReading = true;
      const chunk = await next(reader);
      this.#isReading = false;
      if (this.#state !== "open") return;
      if (chunk instanceof Uint8Array) {
        if (this.#listener?.received(asBuffer(chunk)) === false) return;
      } else {
        this.#finish(chunk === undefined ? undefined : lossOf(chunk.error, this.#isSecure));
      }
    }
  }

  #send(bytes: Uint8Array | undefined): void {
    if (bytes === undefined) return;
    // A promise of our own: the runtime may throw, too.
    this.#written = new Promise((resolve) => resolve(this.#writer.write(bytes))).then(
      () => this.#sent(bytes.length),
      (error: unknown) => this.#unwritten(error),
    );
  }

  #sent(length: number): void {
    this.#unsent -= length;
    if (!this.#isFull || this.#unsent > 0) return;
    this.#isFull = false;
    this.#listener?.drained();
  }

  #unwritten(error: unknown): void {
    if (this.#state !== "open") return;
    // The reader reports a lost peer, behind its last bytes, among them the reply that explains why it closed.
    if (this.#isReading && /connection lost/i.test(reasonOf(error))) return;
    this.#finish(lossOf(error, this.#isSecure));
  }

  #finish(error: Error | undefined): void {
    const listener = this.#listener;
    this.destroy();
    listener?.ended(error);
  }
}

type Reader = ReturnType<WorkerSocket["readable"]["getReader"]>;
type Writer = ReturnType<WorkerSocket["writable"]["getWriter"]>;

/** The next bytes; undefined at the end. */
async function next(reader: Reader): Promise<Uint8Array | { readonly error: unknown } | undefined> {
  try {
    return (await reader.read()).value;
  } catch (error) {
    return { error };
  }
}

/** Resolves when the runtime has opened the socket. Otherwise it is closed before the promise rejects. */
function opened(socket: WorkerSocket, signal: AbortSignal, explain: (error: unknown) => Error): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const giveUp = (reason: unknown): void => {
      signal.removeEventListener("abort", aborted);
      closeQuietly(socket);
      reject(reason);
    };
    const aborted = (): void => giveUp(signal.reason);
    socket.opened.then(
      (info) => {
        signal.removeEventListener("abort", aborted);
        resolve(info);
      },
      (error: unknown) => giveUp(explain(error)),
    );
    // Later it is the reader that reports the end.
    socket.closed.then(undefined, (error: unknown) => giveUp(explain(error)));
    if (signal.aborted) aborted();
    else signal.addEventListener("abort", aborted);
  });
}

function connectFailure(peer: Peer, cause: unknown): SmtpConnectError {
  const reason = reasonOf(cause);
  if (BOUND_TO_REQUEST.test(reason)) return new SmtpConnectError(peer, { reason, hint: IN_A_REQUEST, cause });
  const hint =
    peer.port === 25
      ? "Cloudflare Workers block port 25; submit to port 587 or 465"
      : "Check hostname and port, that the server runs, and its certificate if you dialled with TLS; Cloudflare blocks private addresses and its own";
  return new SmtpConnectError(peer, {
    reason: `the runtime could not connect, and says no more than "${reason}"`,
    hint,
    retry: "later",
    cause,
  });
}

function tlsFailure(peer: Peer, cause: unknown, name: string | undefined, way: "implicit" | "starttls"): SmtpTlsError {
  const port =
    way === "implicit"
      ? "that this port speaks TLS from the first byte (587 and 25 begin plain: set startTls: true), and "
      : "";
  return new SmtpTlsError(peer, {
    problem: `the runtime gave up the handshake, most often because of the server's certificate (${reasonOf(cause)})`,
    hint: `Check ${port}that the certificate is for ${name}, has not expired, and comes with its whole chain from a public authority: Cloudflare Workers trust no other`,
    retry: "later",
    cause,
  });
}

const BOUND_TO_REQUEST = /different request|global scope/i;

/** Why an open connection was lost. QUIRK: workerd hides errors of TLS behind "internal error". */
function lossOf(cause: unknown, isSecure: boolean): Error {
  const reason = reasonOf(cause);
  if (BOUND_TO_REQUEST.test(reason)) return new Error(`${reason}. ${IN_A_REQUEST}`, { cause });
  if (isSecure && reason.startsWith("internal error")) {
    return new Error(`the server broke off TLS, or wants a client certificate, which Workers cannot show (${reason})`, {
      cause,
    });
  }
  return cause instanceof Error ? cause : new Error(reason, { cause });
}

/** Runs what may throw or reject at the end of a connection, when nobody is left to tell. */
function quietly(action: () => Promise<unknown>): void {
  new Promise((resolve) => resolve(action())).catch(ignore);
}

function ignore(): void {}

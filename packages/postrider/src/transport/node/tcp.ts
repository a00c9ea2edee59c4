/**
 * TCP on Node: connecting over IPv4 and IPv6 in turn, reading the last bytes of a closed connection, and the names of this machine.
 *
 * Layer: transport. RFC 8305 (both address families), RFC 5321 §4.1.3 (address literals), RFC 1122 §3.2.1.3 and
 * RFC 4291 §2.5.3 (loopback addresses).
 */
import { connect, isIP, isIPv4, isIPv6, type Socket, type TcpNetConnectOpts } from "node:net";
import { hostname } from "node:os";
import type { Duplex } from "node:stream";
import { isIpv4 } from "../../address/domain.js";
import { isError } from "../../errors/errors.js";

/**
 * Milliseconds for each of several addresses before the next is tried.
 *
 * QUIRK: Node abandons an attempt after its time, where RFC 8305 §5 continues it beside the next one. With Node's default of 250 ms a
 * distant server is never reached; one second covers any path on which the first packet is not lost.
 */
const ATTEMPT_TIMEOUT_MS = 1000;

/** An idle connection detects a lost peer within minutes, and routers keep its entry. */
const KEEP_ALIVE_DELAY_MS = 60_000;

// A name without a dot ("laptop") is not a domain name, and many servers refuse it; a last label of digits is an address.
const DOMAIN = /^(?=.{4,253}$)(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+(?=.*[a-z])[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i;

export interface TcpAddress {
  readonly hostname: string;
  readonly port: number;
  readonly localAddress?: string | undefined;
}

/** @throws the error from `explain`; `signal.reason` after an abort */
export async function connectTcp(
  address: TcpAddress,
  signal: AbortSignal,
  explain: (error: Error | undefined) => Error,
): Promise<Socket> {
  // Checked first, so that an aborted attempt sends no packet.
  signal.throwIfAborted();
  const open = (): Socket => {
    if (address.localAddress !== undefined) askToBind(address.localAddress);
    return connect(tcpOptions(address));
  };
  return connected(open, signal, explain);
}

/** QUIRK: for a local address that they do not permit, Deno and Node throw in a later turn, which ends the process. */
function askToBind(address: string): void {
  const { Deno: deno } = globalThis as {
    readonly Deno?: { readonly permissions: { requestSync(wanted: object): { readonly state: string } } };
  };
  const host = isIPv6(address) ? `[${address}]:0` : `${address}:0`;
  // Releases of Node without the flag say that they do not permit what they do not know.
  const isDeniedByNode =
    process.permission?.has("net") === false && process.allowedNodeEnvironmentFlags.has("--allow-net");
  if (isDeniedByNode || deno?.permissions.requestSync({ name: "net", host }).state === "denied") {
    throw Object.assign(new Error(`Requires net access to "${host}"`), { code: "ERR_ACCESS_DENIED" });
  }
}

/** Waits until the socket is connected. */
export async function connected(
  open: () => Socket,
  signal: AbortSignal,
  explain: (error: Error | undefined) => Error,
): Promise<Socket> {
  let socket: Socket;
  try {
    socket = open();
  } catch (error) {
    // QUIRK: Deno throws when it does not permit a connection, where Node emits an error.
    throw isError(error) ? explain(error) : error;
  }
  await awaitReady(socket, { event: "connect", signal, explain });
  keepLastBytes(socket);
  return socket;
}

export interface ReadyOptions {
  readonly event: "connect" | "secureConnect";
  /** An abort destroys the stream. */
  readonly signal: AbortSignal;
  /** Makes the error to reject with; called with undefined when the stream ended or was closed without an error. */
  readonly explain: (error: Error | undefined) => Error;
}

/** Resolves when the stream emits the event. Otherwise the stream is destroyed before the promise rejects. */
export function awaitReady(stream: Duplex, { event, signal, explain }: ReadyOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      signal.removeEventListener("abort", aborted);
      stream.off(event, ready).off("error", broken).off("end", ended).off("close", ended);
    };
    const giveUp = (reason: unknown): void => {
      stop();
      discard(stream);
      reject(reason);
    };
    const ready = (): void => {
      stop();
      // QUIRK: Deno may report the loss in the same turn, before the code that waits has listeners of its own.
      stream.on("error", keepError);
      resolve();
    };
    const broken = (error: Error): void => giveUp(explain(error));
    const ended = (): void => giveUp(explain(undefined));
    const aborted = (): void => giveUp(signal.reason);

    if (signal.aborted) return giveUp(signal.reason);
    signal.addEventListener("abort", aborted);
    stream.on(event, ready).on("error", broken).on("end", ended).on("close", ended);
  });
}

/** Keeps the error as that of the stream, `errored`. */
function keepError(this: Duplex, error: Error): void {
  this.destroy(error);
}

/** Destroys a stream and ignores its later errors, which would otherwise end the process. */
export function discard(stream: Duplex): void {
  stream.on("error", ignore);
  stream.destroy();
}

type WriteCallback = (error?: Error | null) => void;

/**
 * Keeps a failed write from destroying the socket before its received bytes are read, among them the reply that explains why the peer
 * closed. The read side ends or fails next.
 */
export function keepLastBytes(socket: Socket): void {
  const write = socket._write.bind(socket);
  const writev = socket._writev?.bind(socket);
  socket._write = (chunk, encoding, done) => write(chunk, encoding, unlessPeerIsGone(done));
  if (writev !== undefined) socket._writev = (chunks, done) => writev(chunks, unlessPeerIsGone(done));
}

/** True for 127.0.0.0/8, ::1, and IPv4-mapped 127.0.0.0/8. Names are never loopback here, not even "localhost". */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  if (address === "::1") return true;
  const ipv4 = unmapAddress(address);
  return isIpv4(ipv4) && ipv4.startsWith("127.");
}

/**
 * This machine's name when it is a domain name with a dot, else the address literal of the connection, else `[127.0.0.1]`.
 *
 * @param localAddress the local end of the connection
 * @param machineName for tests; default: the operating system's host name
 */
export function localHostname(localAddress: string | undefined, machineName: string = machineHostname()): string {
  return DOMAIN.test(machineName) ? machineName : addressLiteral(localAddress ?? "127.0.0.1");
}

/** QUIRK: Deno throws unless it was started with --allow-sys; mail can be sent without this name. */
export function machineHostname(read: () => string = hostname): string {
  try {
    return read();
  } catch {
    return "";
  }
}

function tcpOptions({ hostname: host, port, localAddress }: TcpAddress): TcpNetConnectOpts {
  const common = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS };
  // A local address reaches addresses of its own family only.
  if (localAddress !== undefined) return { ...common, localAddress, family: isIP(localAddress) };
  return { ...common, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT_MS };
}

export function ignore(): void {}

function unlessPeerIsGone(done: WriteCallback): WriteCallback {
  return (error) => {
    if (!isLostPeer(error)) done(error);
  };
}

function isLostPeer(
  error: (Error & { readonly code?: string; readonly syscall?: string }) | null | undefined,
): boolean {
  return error?.syscall === "write" && (error.code === "EPIPE" || error.code === "ECONNRESET");
}

/** `192.0.2.1` for `::ffff:192.0.2.1`, as a dual-stack socket shows it; any other address unchanged. */
function unmapAddress(address: string): string {
  const rest = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  return rest !== undefined && isIpv4(rest) ? rest : address;
}

function addressLiteral(address: string): string {
  // The zone of a link-local address ("%eth0") means nothing outside this machine.
  const [bare = ""] = unmapAddress(address).split("%");
  if (isIPv4(bare)) return `[${bare}]`;
  return isIPv6(bare) ? `[IPv6:${bare}]` : "[127.0.0.1]";
}

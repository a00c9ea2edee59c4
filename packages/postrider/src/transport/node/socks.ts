/**
 * SOCKS through the optional package `socks`, which is loaded on use.
 *
 * Layer: transport. RFC 1928 (SOCKS 5), RFC 1929 (user name and password).
 */
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { OptionError, type SmtpRetry } from "../../errors/errors.js";
import { importPeer } from "../../optional-peer.js";
import type { ProxyServer } from "../../options/target.js";
import { type Passage, proxyError } from "./connect-errors.js";
import { discard } from "./tcp.js";

/** The exports of the package that are used here. */
export type SocksModule = Pick<typeof import("socks"), "SocksClient">;
type SocksClient = InstanceType<SocksModule["SocksClient"]>;

/**
 * The package always starts a timer, which keeps its client in memory until it fires. The caller's signal is the real timeout; this one
 * is longer than any sensible timeout, and short enough to bound that memory.
 */
const PACKAGE_TIMEOUT_MS = 600_000;

/** Replies of a proxy that cannot reach the server, by their names in the package. */
const UNREACHABLE = /^(?:HostUnreachable|NetworkUnreachable|ConnectionRefused|TTLExpired|Failed|Failure)$/;

/**
 * SOCKS over the stream that `reach` opens. After a failure nothing is open.
 *
 * @throws SmtpConnectError that names the proxy; OptionError when `socks` is not installed; `signal.reason` after an abort
 */
export async function socksTunnel(
  reach: () => Promise<Duplex>,
  options: Passage,
  load?: () => Promise<SocksModule>,
): Promise<Duplex> {
  const { SocksClient } = await loaded(options.proxy, load);
  const client = new SocksClient(request(options));
  const stream = await reach();
  return new Promise((resolve, reject) => negotiate(stream, client, options, resolve, reject));
}

async function loaded({ scheme }: ProxyServer, load?: () => Promise<SocksModule>): Promise<SocksModule> {
  try {
    return await (load === undefined ? importPeer<SocksModule>("socks") : load());
  } catch (cause) {
    throw new OptionError("proxy", `${scheme}:// needs the package socks: npm install socks`, { cause });
  }
}

function request({ destination, proxy }: Passage): ConstructorParameters<SocksModule["SocksClient"]>[0] {
  const { credentials } = proxy;
  return {
    proxy: {
      host: proxy.hostname,
      port: proxy.port,
      type: proxy.scheme.startsWith("socks4") ? 4 : 5,
      ...(credentials === undefined ? {} : { userId: credentials.username, password: credentials.password }),
    },
    command: "connect",
    destination: { host: destination.hostname, port: destination.port },
    timeout: PACKAGE_TIMEOUT_MS,
  };
}

function negotiate(
  stream: Duplex,
  client: SocksClient,
  { destination, proxy, signal }: Passage,
  resolve: (stream: Duplex) => void,
  reject: (reason: unknown) => void,
): void {
  const adapter = new SocketAdapter(stream);
  let isOver = false;
  const stop = (): void => {
    isOver = true;
    signal.removeEventListener("abort", aborted);
    stream.off("data", received).off("end", closed).off("close", closed).off("error", broken);
    adapter.destroy();
  };
  const giveUp = (reason: unknown): void => {
    if (isOver) return;
    stop();
    discard(stream);
    reject(reason);
  };
  const fail = (what: SocksProblem): void => giveUp(proxyError({ peer: destination, proxy, ...what }));
  // Byte by byte, so that the package does not consume bytes of the server behind the last byte of the proxy.
  const received = (chunk: Uint8Array): void => {
    for (let index = 0; index < chunk.length; index += 1) {
      if (isOver) return void (stream.destroyed || stream.unshift(chunk.subarray(index)));
      adapter.emit("data", Buffer.from(chunk.subarray(index, index + 1)));
    }
  };
  const aborted = (): void => giveUp(signal.reason);
  const closed = (): void => fail({ problem: "closed the connection before it answered" });
  const broken = (error: Error & { readonly code?: string }): void =>
    fail({ problem: `broke the connection (${error.code ?? error.name})` });

  // SECURITY: the error of the package holds its options with the password, so it is not passed on as the cause.
  client.on("error", (error: Error) => fail(socksProblem(error.message, proxy)));
  client.once("established", ({ remoteHost }) => {
    // QUIRK: the package reports an unknown address type as a missing address.
    if (remoteHost === undefined && !proxy.scheme.startsWith("socks4")) return fail(socksProblem("version", proxy));
    stop();
    stream.pause();
    resolve(stream);
  });
  if (signal.aborted) return aborted();
  signal.addEventListener("abort", aborted, { once: true });
  stream.on("data", received).on("end", closed).on("close", closed).on("error", broken);
  client.connect(adapter);
}

/** The socket of the package: writes go to the stream, reads come from `received`, and destroy() leaves the stream open. */
class SocketAdapter extends Duplex {
  #stream: Duplex | undefined;

  constructor(stream: Duplex) {
    super();
    this.#stream = stream;
  }

  override _read(): void {}

  override _write(bytes: Uint8Array, _encoding: string, done: () => void): void {
    this.#stream?.write(bytes);
    done();
  }

  override _destroy(_error: Error | null, done: () => void): void {
    this.#stream = undefined;
    done();
  }
}

interface SocksProblem {
  /** Completes "the proxy socks5://host:port ...". */
  readonly problem: string;
  readonly hint?: string | undefined;
  readonly retry?: SmtpRetry | undefined;
}

/** Explains an error of the package. @param message its message, which holds nothing that the proxy sent */
function socksProblem(message: string, { scheme, credentials }: ProxyServer): SocksProblem {
  const rejection = /rejected connection - \(?(\w+)/.exec(message)?.[1];
  if (rejection !== undefined) return rejected(rejection);
  if (message.includes("Authentication failed")) {
    return {
      problem: "refused the user name and password",
      hint: "Check the user name and password in proxy",
      retry: "never",
    };
  }
  if (message.includes("no accepted authentication type")) {
    return {
      problem: "accepts none of the ways to log in that it was offered",
      hint: credentials === undefined ? `It may ask for ${scheme}://user:password@host:port` : undefined,
      retry: "never",
    };
  }
  if (/version|unknown authentication type|invalid/i.test(message)) {
    return {
      problem: "does not answer as a SOCKS proxy does",
      hint: "Check the scheme and port in proxy: socks4://, socks5:// and http:// are three protocols",
    };
  }
  return { problem: `failed: ${message}` };
}

/** @param reply the package's name for the reply code; "undefined" for an unknown code. */
function rejected(reply: string): SocksProblem {
  if (reply === "undefined" || reply === "Granted") return { problem: "does not answer as a SOCKS proxy does" };
  if (reply === "NotAllowed") {
    return { problem: "does not allow the connection (NotAllowed)", hint: "Its operator can allow it", retry: "never" };
  }
  const hint = UNREACHABLE.test(reply) ? "It cannot reach the server; check hostname and port" : undefined;
  return { problem: `refused the connection (${reply})`, hint };
}

/**
 * Opens a tunnel through a proxy: TCP to the proxy, TLS for `https`, then HTTP CONNECT or SOCKS.
 *
 * Layer: transport. RFC 9110 §9.3.6 (CONNECT), RFC 1928 (SOCKS 5).
 */
import { Buffer } from "node:buffer";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { Duplex } from "node:stream";
import { formatPeer } from "../../errors/errors.js";
import type { ProxyServer } from "../../options/target.js";
import type { TlsOptions } from "../../options/tls-options.js";
import { escapeUnseen } from "../../text/characters.js";
import { explainConnectError, type Passage, type ProxyFailure, proxyError } from "./connect-errors.js";
import { type SocksModule, socksTunnel } from "./socks.js";
import { connectTcp, discard } from "./tcp.js";
import { handshake } from "./tls.js";

/** SECURITY: bounds the proxy's response header. The body of a refusal is not read. */
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_PHRASE_LENGTH = 200;

/** Status codes of a permanent refusal. */
const PERMANENT: ReadonlySet<number> = new Set([400, 401, 403, 405, 407, 501]);

export interface ThroughProxyOptions extends Passage {
  /** For tests; default: the package `socks`. */
  readonly loadSocks?: (() => Promise<SocksModule>) | undefined;
}

/**
 * Resolves with the stream to the server; its first bytes are kept. After a failure nothing is open.
 *
 * @throws SmtpConnectError that names the proxy; SmtpTlsError or SmtpDisconnectedError when TLS with the proxy fails;
 * OptionError when `socks` is not installed; `signal.reason` after an abort.
 */
export async function openThroughProxy(options: ThroughProxyOptions): Promise<Duplex> {
  const { proxy } = options;
  const reach = (): Promise<Duplex> => reachProxy(options);
  if (proxy.scheme === "http" || proxy.scheme === "https") return httpTunnel(reach, options);
  return socksTunnel(reach, options, options.loadSocks);
}

async function reachProxy({ destination, proxy, signal }: Passage): Promise<Duplex> {
  const { hostname, port } = proxy;
  const unreachable = (error: Error | undefined): Error => {
    const { reason, cause, hint: known, retry } = explainConnectError({ hostname, port }, error);
    const problem = `cannot be reached: ${reason}`;
    if (retry === "never") return proxyError({ peer: destination, proxy, problem, hint: known, retry, cause });
    const hint = "Check the host and port in proxy, and that it runs";
    return proxyError({ peer: destination, proxy, problem, hint, cause });
  };
  const socket = await connectTcp({ hostname, port }, signal, unreachable);
  if (proxy.scheme !== "https") return socket;
  // SECURITY: only the authorities of the caller's TLS options apply: client certificates and rejectUnauthorized: false are meant for
  // the server.
  const options: TlsOptions | undefined = proxy.ca === undefined ? undefined : { ca: proxy.ca as TlsOptions["ca"] };
  return handshake(socket, { peer: { hostname, port }, options, signal, way: "proxy" });
}

/**
 * HTTP CONNECT over the stream that `reach` opens. After a failure nothing is open.
 *
 * @throws SmtpConnectError that names the proxy and its answer; `signal.reason` after an abort
 */
async function httpTunnel(reach: () => Promise<Duplex>, passage: Passage): Promise<Duplex> {
  // PERF: loading node:http takes some milliseconds, and few programs use a proxy.
  const { request } = await import("node:http");
  const stream = await reach();
  return ask(stream, request(connectRequest(stream, passage)), passage);
}

function ask(stream: Duplex, asked: ClientRequest, { destination, proxy, signal }: Passage): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const stop = (): void => signal.removeEventListener("abort", aborted);
    const giveUp = (reason: unknown): void => {
      stop();
      discard(stream);
      asked.destroy();
      reject(reason);
    };
    const fail = (what: Pick<ProxyFailure, "problem" | "hint" | "retry">): void =>
      giveUp(proxyError({ peer: destination, proxy, ...what }));
    const aborted = (): void => giveUp(signal.reason);

    // Never removed: a finished request may still emit an error of its stream.
    asked.on("error", (error) => fail(explainBroken(error)));
    // CONNECT emits this event for any status, and reads nothing after the header.
    asked.once("connect", (answer, _socket, early) => {
      if (!isSuccess(answer)) return fail(explainRefusal(answer, proxy));
      stop();
      // Bytes of the server that arrived with the response.
      if (early.length > 0) stream.unshift(early);
      resolve(stream);
    });
    if (signal.aborted) return aborted();
    signal.addEventListener("abort", aborted, { once: true });
    asked.end();
  });
}

function connectRequest(stream: Duplex, { destination, proxy }: Passage): RequestOptions {
  const authority = formatPeer(destination);
  return {
    createConnection: () => stream,
    method: "CONNECT",
    path: authority,
    setHost: false,
    insecureHTTPParser: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    // QUIRK: Node sends "Connection: close" by default, which some proxies apply to the tunnel.
    headers: { Host: authority, Connection: "keep-alive", ...authorization(proxy) },
  };
}

function authorization({ credentials }: ProxyServer): { "Proxy-Authorization"?: string } {
  return credentials === undefined ? {} : { "Proxy-Authorization": `Basic ${basic(credentials)}` };
}

const basic = ({ username, password }: { username: string; password: string }): string =>
  Buffer.from(`${username}:${password}`).toString("base64");

const isSuccess = ({ statusCode = 0 }: IncomingMessage): boolean => statusCode >= 200 && statusCode < 300;

function explainRefusal(
  answer: IncomingMessage,
  proxy: ProxyServer,
): { problem: string; hint?: string | undefined; retry: "never" | "reconnect" } {
  const { statusCode: status = 0 } = answer;
  return {
    problem: `answered ${`${status} ${phraseOf(answer, proxy)}`.trim()}`,
    hint: hintFor(status, proxy),
    retry: PERMANENT.has(status) ? "never" : "reconnect",
  };
}

/** SECURITY: a proxy that echoes the credentials must not get them into an error. */
function phraseOf({ statusMessage = "" }: IncomingMessage, { credentials }: ProxyServer): string {
  const phrase = escapeUnseen(statusMessage.slice(0, MAX_PHRASE_LENGTH));
  if (credentials === undefined) return phrase;
  const secrets = [credentials.password, basic(credentials)].filter((secret) => secret !== "");
  return secrets.some((secret) => statusMessage.includes(secret)) ? "***" : phrase;
}

function hintFor(status: number, { credentials }: ProxyServer): string | undefined {
  if (status === 407) {
    return credentials === undefined
      ? "It asks for a user name and password: http://user:password@host:port"
      : "Check the user name and password in proxy";
  }
  if (status === 403 || status === 405) return "It may forbid CONNECT to this port; its operator can allow it";
  if (status === 502 || status === 503 || status === 504) return "It cannot reach the server; check hostname and port";
  return undefined;
}

/**
 * The response was not HTTP.
 *
 * SECURITY: Node's error holds the received bytes, which may echo the credentials, so it is not passed on as the cause.
 */
function explainBroken(error: Error & { readonly code?: string }): { problem: string; hint?: string | undefined } {
  const code = error.code ?? error.name;
  if (code === "HPE_HEADER_OVERFLOW") return { problem: `answered with a header above ${MAX_HEADER_BYTES} bytes` };
  if (code.startsWith("HPE_")) {
    return {
      problem: `does not answer as an HTTP proxy does (${code})`,
      hint: "Check the scheme and port in proxy: https:// has TLS from the first byte, socks5:// is another protocol",
    };
  }
  return { problem: `closed the connection before it answered (${code})` };
}

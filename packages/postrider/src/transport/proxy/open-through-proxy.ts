/**
 * A stream to the server by way of a proxy: TCP to the proxy, TLS with it where its URL says so, then its own dialogue.
 *
 * Layer: transport. RFC 9110 §9.3.6 (CONNECT), RFC 1928 (SOCKS 5).
 */
import type { Duplex } from "node:stream";
import type { TlsOptions } from "../../options.js";
import { explainConnectError } from "../connect-errors.js";
import { connectTcp } from "../connect-tcp.js";
import { handshake } from "../handshake.js";
import { httpTunnel } from "./http-tunnel.js";
import { type Passage, proxyError } from "./proxy-server.js";
import { type SocksModule, socksTunnel } from "./socks-tunnel.js";

export interface ThroughProxyOptions extends Passage {
  /** For tests; default: the package `socks`. */
  readonly loadSocks?: (() => Promise<SocksModule>) | undefined;
}

/**
 * Resolves with the stream behind the proxy, nothing of the server's words lost. After a failure nothing is open.
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
    const { reason, cause } = explainConnectError({ hostname, port }, error);
    const hint = "Check the host and port in proxy, and that it runs";
    return proxyError({ peer: destination, proxy, problem: `cannot be reached: ${reason}`, hint, cause });
  };
  const socket = await connectTcp({ hostname, port }, signal, unreachable);
  if (proxy.scheme !== "https") return socket;
  // SECURITY: of the caller's TLS options only the authorities: client certificates and the leave to accept any certificate
  // are meant for the server.
  const options: TlsOptions | undefined = proxy.ca === undefined ? undefined : { ca: proxy.ca as TlsOptions["ca"] };
  return handshake(socket, { peer: { hostname, port }, options, signal, way: "proxy" });
}

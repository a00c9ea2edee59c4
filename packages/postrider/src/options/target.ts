/**
 * The target of a connection (server, Unix socket, stream, proxy) and its TLS mode: options that depend on each other.
 *
 * Layer: options. RFC 8314 §3.3 (port 465), RFC 6409 §3.1 (port 587), RFC 2033 §5 (LMTP has no port).
 */
import type { Duplex } from "node:stream";
import { domainToAscii, isIpv4, isIpv6, isZonedIpv6 } from "../address/domain.js";
import { OptionError } from "../errors/errors.js";
import { onWorkers, type Rule, text, withHidden } from "./rules.js";

/** A socket of the sockets API of Cloudflare Workers: what `connect()` of `cloudflare:sockets` returns, as far as it is used here. */
export interface WorkerSocket {
  /** Resolves when the socket is connected. */
  readonly opened: Promise<unknown>;
  /** Settles when the socket is closed. */
  readonly closed: Promise<unknown>;
  /** Bytes of the server. */
  readonly readable: {
    /** Locks the stream. */
    getReader(): {
      /** The next chunk. */
      read(): Promise<{
        /** True at the end. */
        readonly done: boolean;
        /** Absent at the end. */
        readonly value?: Uint8Array | undefined;
      }>;
      /** Ends the stream. */
      cancel(): Promise<unknown>;
      /** Unlocks the stream. */
      releaseLock(): void;
    };
  };
  /** Bytes to the server. */
  readonly writable: {
    /** Locks the stream. */
    getWriter(): {
      /** Resolves when there is room for more. */
      write(bytes: Uint8Array): Promise<unknown>;
      /** Ends the stream. */
      close(): Promise<unknown>;
      /** Unlocks the stream. */
      releaseLock(): void;
    };
  };
  /** `"on"`: inside TLS. `"starttls"`: `startTls()` may be called. */
  readonly secureTransport?: "on" | "off" | "starttls" | undefined;
  /** The same connection inside TLS. */
  startTls(options?: {
    /** The name that the certificate must have. */
    readonly expectedServerHostname?: string;
  }): WorkerSocket;
  /** Closes both directions. */
  close(): Promise<unknown>;
}

/** What `socket` may hold, or open. */
export type GivenSocket = Duplex | WorkerSocket;

/** A connected stream, which serves once, or a function that opens one for each connection. */
export type StreamSource = GivenSocket | (() => GivenSocket | Promise<GivenSocket>);

/** `socks5h` and `socks4a` are aliases: the proxy always resolves the name of the server. */
export type ProxyScheme = "http" | "https" | "socks5" | "socks5h" | "socks4" | "socks4a";

export interface ProxyCredentials {
  readonly username: string;
  /** `""` where there is none. */
  readonly password: string;
}

export interface ProxyServer {
  readonly scheme: ProxyScheme;
  readonly hostname: string;
  readonly port: number;
  /** SECURITY: not enumerable, so that printing the options does not show it. */
  readonly credentials: ProxyCredentials | undefined;
  /** Authorities that the certificate of an `https` proxy is checked against; undefined: those that Node trusts. */
  readonly ca?: unknown;
}

/** The target of a connection. With TLS, the certificate must be for `hostname`, unless `tls.servername` says otherwise. */
export type TransportTarget =
  | {
      readonly kind: "tcp";
      readonly hostname: string;
      readonly port: number;
      readonly localAddress?: string | undefined;
      readonly proxy?: ProxyServer | undefined;
    }
  | { readonly kind: "unix"; readonly path: string; readonly hostname?: string | undefined }
  | {
      readonly kind: "socket";
      readonly socket: StreamSource;
      readonly hostname?: string | undefined;
      /** What a certificate must name: `tls.servername`, or else `hostname`. */
      readonly servername?: string | undefined;
    };

/** `"implicit"`: from the first byte. `"starttls-opportunistic"`: when the server offers it. */
export type TlsMode = "implicit" | "starttls-required" | "starttls-opportunistic" | "none";

/** The options that determine the target, each checked by its rule. */
export interface GivenTarget {
  readonly hostname?: string | undefined;
  readonly port?: number | undefined;
  readonly socketPath?: string | undefined;
  readonly socket?: StreamSource | undefined;
  readonly localAddress?: string | undefined;
  readonly protocol?: "smtp" | "lmtp" | undefined;
  readonly useTls?: boolean | undefined;
  readonly startTls?: boolean | undefined;
  readonly tls?: { readonly servername?: string | undefined; readonly ca?: unknown } | undefined;
  readonly proxy?: ProxyServer | undefined;
}

const DEFAULT_HOSTNAME = "localhost";
const IMPLICIT_TLS_PORT = 465;
const SUBMISSION_PORT = 587;
const RELAY_PORT = 25;

/** @throws OptionError when the options contradict each other */
export function resolveTarget(given: GivenTarget): { readonly target: TransportTarget; readonly tlsMode: TlsMode } {
  checkRuntime(given);
  const asked = askedTlsMode(given);
  if (given.socketPath === undefined && given.socket === undefined)
    return { target: tcpTarget(given, asked), tlsMode: asked };
  return { target: streamTarget(given), tlsMode: streamTlsMode(given, asked) };
}

/** The sockets of Cloudflare Workers are TCP by the runtime's own way. */
function checkRuntime(given: GivenTarget): void {
  for (const option of ["socketPath", "localAddress", "proxy"] as const) {
    if (given[option] !== undefined && onWorkers()) {
      throw new OptionError(
        option,
        "is not supported on Cloudflare Workers; `socket` takes one that you have connected",
      );
    }
  }
}

function askedTlsMode({ useTls, startTls, port }: GivenTarget): TlsMode {
  if (startTls === true && useTls === true) {
    throw new OptionError("startTls", "must not be true together with useTls: TLS begins either at once or later");
  }
  if (startTls === true && useTls === undefined && port === IMPLICIT_TLS_PORT) {
    throw new OptionError(
      "startTls",
      "port 465 has TLS from the first byte; leave startTls out, or set useTls: false too",
    );
  }
  if (useTls ?? port === IMPLICIT_TLS_PORT) return "implicit";
  if (startTls === undefined) return "starttls-opportunistic";
  return startTls ? "starttls-required" : "none";
}

function tcpTarget(given: GivenTarget, tlsMode: TlsMode): TransportTarget {
  if (given.protocol === "lmtp" && given.port === undefined) {
    throw new OptionError("port", "must be given for LMTP, which has none of its own (24 is usual), or use socketPath");
  }
  if (given.protocol === "lmtp" && given.port === 25) {
    throw new OptionError("port", "must not be 25 for LMTP (RFC 2033 §5); 24 is usual");
  }
  return Object.freeze({
    kind: "tcp",
    hostname: given.hostname ?? DEFAULT_HOSTNAME,
    port: given.port ?? defaultPort(tlsMode),
    localAddress: given.localAddress,
    ...(given.proxy === undefined ? {} : { proxy: resolveProxy(given, given.proxy) }),
  });
}

function resolveProxy(
  { hostname = DEFAULT_HOSTNAME, localAddress, tls }: GivenTarget,
  proxy: ProxyServer,
): ProxyServer {
  if (localAddress !== undefined) throw new OptionError("localAddress", "must not be given together with proxy");
  if (isZonedIpv6(hostname)) {
    throw new OptionError("hostname", "must not name an interface of this machine (%) with proxy, which cannot use it");
  }
  if (isIpv6(hostname) && proxy.scheme.startsWith("socks4")) {
    throw new OptionError("hostname", "must not be an IPv6 address with a SOCKS 4 proxy; use socks5://");
  }
  if (proxy.scheme !== "https" || tls?.ca === undefined) return proxy;
  const { scheme, port } = proxy;
  const shown = withHidden({ scheme, hostname: proxy.hostname, port }, "credentials", proxy.credentials);
  return Object.freeze(withHidden(shown, "ca", tls.ca));
}

function defaultPort(tlsMode: TlsMode): number {
  if (tlsMode === "implicit") return IMPLICIT_TLS_PORT;
  return tlsMode === "starttls-required" ? SUBMISSION_PORT : RELAY_PORT;
}

/** With a stream, `hostname` is only the name that the certificate must have. */
function streamTarget({ socketPath, socket, port, localAddress, hostname, proxy, tls }: GivenTarget): TransportTarget {
  const used = socketPath === undefined ? "socket" : "socketPath";
  if (socketPath !== undefined && socket !== undefined) {
    throw new OptionError("socket", "must not be given together with socketPath");
  }
  if (port !== undefined) throw new OptionError("port", `must not be given together with ${used}`);
  if (localAddress !== undefined) throw new OptionError("localAddress", `must not be given together with ${used}`);
  if (proxy !== undefined) throw new OptionError("proxy", `must not be given together with ${used}`);
  if (socketPath !== undefined) return Object.freeze({ kind: "unix", path: socketPath, hostname });
  if (socket === undefined) throw new OptionError("socket", "must be given");
  const servername = tls?.servername ?? hostname;
  return Object.freeze(withHidden({ kind: "socket", hostname, servername } as const, "socket", socket));
}

/** SECURITY: a certificate proves nothing without a name to check it against. */
function streamTlsMode(given: GivenTarget, asked: TlsMode): TlsMode {
  if (given.hostname !== undefined || given.tls?.servername !== undefined || asked === "none") return asked;
  // Opportunistic STARTTLS is switched off, since it could only fail.
  if (asked === "starttls-opportunistic") return "none";
  const used = given.socketPath === undefined ? "socket" : "socketPath";
  throw new OptionError(
    "hostname",
    `must be given (or tls.servername) for TLS over ${used}: the certificate is checked against it`,
  );
}

// "127.1" and "0x7f.1" are addresses to the resolver of the system.
const NUMERIC_END = /(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/i;
const ADDRESS_LITERAL = /^\[(?:IPv6:(.*)|(.*))\]$/i;

/** The host of a server: an IP address, or a name, returned as A-labels (RFC 5890). */
export const hostname: Rule<string> = (value, option) => {
  const given = text(value, option);
  if (isIpv4(given) || isIpv6(given) || isZonedIpv6(given)) return given;
  if (given.startsWith("[")) throw new OptionError(option, "must not have brackets; write an IPv6 address as it is");
  if (NUMERIC_END.test(given)) throw new OptionError(option, "is neither a name nor a whole IP address");
  // A final dot makes the name absolute: the resolver adds no search domain (RFC 1034 §3.1).
  const isAbsolute = given.endsWith(".");
  const ascii = domainToAscii(isAbsolute ? given.slice(0, -1) : given);
  if (ascii === undefined) {
    throw new OptionError(option, "must be a host name or an IP address, without port, spaces or other characters");
  }
  return isAbsolute ? `${ascii}.` : ascii;
};

/** The argument of EHLO: a domain or an address literal (RFC 5321 §4.1.1.1). */
export const localHostname: Rule<string> = (value, option) => {
  const given = text(value, option);
  const literal = ADDRESS_LITERAL.exec(given);
  if (literal !== null) {
    const [, ipv6 = "", ipv4 = ""] = literal;
    if (isIpv4(ipv4) || isIpv6(ipv6)) return given;
    throw new OptionError(option, "must hold an IPv4 address, or IPv6: and an IPv6 address, between the brackets");
  }
  if (isIpv4(given) || isIpv6(given)) {
    throw new OptionError(option, "must have brackets around an address: [192.0.2.1] or [IPv6:2001:db8::1]");
  }
  const ascii = domainToAscii(given);
  // Host names in use have underscores; RFC 5321 does not allow them in EHLO, and servers check it.
  if (ascii === undefined || ascii.includes("_") || NUMERIC_END.test(ascii)) {
    throw new OptionError(option, "must be a domain name or an address literal such as [192.0.2.1]");
  }
  return ascii;
};

export const ipAddress: Rule<string> = (value, option) => {
  const given = text(value, option);
  if (isIpv4(given) || isIpv6(given) || isZonedIpv6(given)) return given;
  throw new OptionError(option, "must be an IP address of this machine");
};

/**
 * The options of a connection: a table of rules, and what comes out of it. One more option is one more row.
 *
 * Layer: options.
 */
import type { Duplex } from "node:stream";
import { type DkimSigner, dkimSigners } from "../dkim/dkim-signer.js";
import { OptionError } from "../errors/errors.js";
import { withoutPrototype } from "../given/values.js";
import {
  type AccessToken,
  accessToken,
  authMethods,
  type Credentials,
  password,
  resolveCredentials,
  username,
} from "./credentials.js";
import {
  abortSignal,
  type Checked,
  callable,
  count,
  flag,
  hasMembers,
  milliseconds,
  oneOf,
  portNumber,
  type Rule,
  readOptions,
  readOwnOptions,
  text,
  withHidden,
} from "./rules.js";
import {
  hostname,
  ipAddress,
  localHostname,
  resolveTarget,
  type StreamSource,
  type TlsMode,
  type TransportTarget,
} from "./target.js";
import { type TlsOptions, tlsOptions } from "./tls-options.js";
import { connectionUrl, proxyUrl, type UrlOptions } from "./urls.js";

export interface ConnectionOptions {
  /**
   * `smtp://`, `smtps://` or `lmtp://`, with user, password, host, port and options: `smtp://user:pw@host:587?startTls=true`.
   * After the question mark may stand `useTls`, `startTls`, `allowPlaintextAuth`, `timeout`, `deliveryTimeout`,
   * `localHostname`, `localAddress` and `authMethods` (with commas). Other options beside it must not contradict it.
   */
  readonly url?: string | URL | undefined;
  /** Name or address of the server; default `"localhost"`. With `socketPath` or `socket`: whom the certificate must name. */
  readonly hostname?: string | undefined;
  /** Default 465 with `useTls`, 587 with `startTls: true`, else 25. LMTP has no default. */
  readonly port?: number | undefined;
  /** Path of a Unix socket, in place of `hostname` and `port`. */
  readonly socketPath?: string | undefined;
  /** A connected stream of your own (serves once), or a function that opens one (called for each connection). */
  readonly socket?: Duplex | (() => Duplex | Promise<Duplex>) | undefined;
  /**
   * The way to the server, which the proxy looks up: `http://user:password@host:port` (CONNECT; also `https://`), or
   * `socks5://user:password@host:port` (also `socks4://`) with the package `socks` installed. User and password may be absent.
   */
  readonly proxy?: string | URL | undefined;
  /** `"lmtp"` greets with LHLO (RFC 2033); default `"smtp"`. */
  readonly protocol?: "smtp" | "lmtp" | undefined;
  /** TLS from the first byte; default true on port 465. */
  readonly useTls?: boolean | undefined;
  /**
   * `true`: STARTTLS or an error. `false`: never. Absent: when the server offers it, and there is a name to check its
   * certificate against.
   */
  readonly startTls?: boolean | undefined;
  readonly tls?: TlsOptions | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly accessToken?: AccessToken | undefined;
  /** Mechanisms to use, in this order, in any letter case; default: strongest first. `"EXTERNAL"` is used only when named here. */
  readonly authMethods?: readonly string[] | undefined;
  /** Allows credentials on a connection without TLS to another machine; default false. */
  readonly allowPlaintextAuth?: boolean | undefined;
  /** The name given in EHLO; default: this machine's domain name, else the address literal of the connection. */
  readonly localHostname?: string | undefined;
  /** The local IP address to connect from. */
  readonly localAddress?: string | undefined;
  /**
   * Milliseconds without progress; a line of the server's is progress, less is none. A number is for every step; an object sets
   * steps apart, the others keep their defaults. Default 60 000, and 30 000 for the greeting.
   */
  readonly timeout?: number | StepTimeouts | undefined;
  /** Milliseconds for the reply after the content; default 600 000 (RFC 5321 §4.5.3.2.6). */
  readonly deliveryTimeout?: number | undefined;
  /** `"auto"`: BDAT where the server offers CHUNKING (RFC 3030). `"never"`: DATA. Default `"auto"`. */
  readonly chunking?: "auto" | "never" | undefined;
  /** Messages whose outcome may be open at the same time on one connection; default 16. 1 switches overlap off. */
  readonly maxInFlight?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Signs every message that `send` sends (RFC 6376); several signers give several signatures. */
  readonly dkim?: DkimSigner | readonly DkimSigner[] | undefined;
  /** Called for every line both ways; secrets are redacted. */
  readonly trace?: ((event: TraceEvent) => void) | undefined;
}

/** Milliseconds without progress, by step. */
export interface StepTimeouts {
  /** Name, TCP, proxy, and TLS from the first byte. Default 60 000. */
  readonly connect?: number | undefined;
  /** The server's first words. Default 30 000. */
  readonly greeting?: number | undefined;
  /** The reply to each command. Default 60 000. */
  readonly command?: number | undefined;
  /** Each piece of the content on its way to the server. Default 60 000. */
  readonly content?: number | undefined;
}

/** One line of the dialogue, secrets redacted, or a change of the connection. */
export type TraceEvent =
  | { readonly type: "connect"; readonly peer: string; readonly secure: boolean }
  | { readonly type: "secure"; readonly protocol: string | undefined; readonly cipher: string | undefined }
  /** A line the client wrote, without CRLF. */
  | { readonly type: "client"; readonly line: string }
  /** A line the server wrote, without CRLF. */
  | { readonly type: "server"; readonly line: string }
  /** Message content is counted, not shown. */
  | { readonly type: "content"; readonly bytes: number }
  | { readonly type: "close"; readonly reason: string | undefined };

/** Milliseconds without progress. A server that is one greets soon; what does not is another service, or a tarpit. */
const DEFAULT_TIMEOUTS: Timeouts = Object.freeze({
  connect: 60_000,
  greeting: 30_000,
  command: 60_000,
  content: 60_000,
});
/** RFC 5321 §4.5.3.2.6: the server may take ten minutes for what it does after the content. */
const DEFAULT_DELIVERY_TIMEOUT = 600_000;

/** Checked, complete, frozen, and safe to print: no password, token or key shows. */
export interface ResolvedConnectionOptions {
  readonly target: TransportTarget;
  readonly protocol: "smtp" | "lmtp";
  readonly tlsMode: TlsMode;
  /** Not enumerable: it may hold a key. */
  readonly tls: TlsOptions | undefined;
  readonly credentials: Credentials | undefined;
  /** Upper case; undefined: strongest first. */
  readonly authMethods: readonly string[] | undefined;
  readonly allowPlaintextAuth: boolean;
  /** Undefined: found out once connected. */
  readonly localHostname: string | undefined;
  /** By step, in milliseconds. */
  readonly timeouts: Timeouts;
  readonly deliveryTimeout: number;
  readonly chunking: "auto" | "never";
  /** Undefined: the window grows by itself. */
  readonly maxInFlight: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly trace: ((event: TraceEvent) => void) | undefined;
  readonly dkim: readonly DkimSigner[];
}

const stream: Rule<StreamSource> = (value, option) => {
  if (typeof value === "function") return value as () => Duplex | Promise<Duplex>;
  if (hasMembers(value, { write: "function", on: "function", read: "function" })) return value as Duplex;
  throw new OptionError(option, "must be a Duplex stream, or a function that opens one");
};

const TIMEOUT_RULES = {
  connect: milliseconds,
  greeting: milliseconds,
  command: milliseconds,
  content: milliseconds,
} satisfies Record<keyof StepTimeouts, Rule<number>>;

type Timeouts = Readonly<Record<keyof StepTimeouts, number>>;

const timeouts: Rule<Timeouts> = (value, option) => {
  if (typeof value === "object") {
    // What was given as undefined is absent in what comes back.
    return Object.freeze({ ...DEFAULT_TIMEOUTS, ...(readOptions(value, TIMEOUT_RULES, option) as Partial<Timeouts>) });
  }
  const each = milliseconds(value, option);
  return Object.freeze({ connect: each, greeting: each, command: each, content: each });
};

const NO_SIGNERS: readonly DkimSigner[] = Object.freeze([]);

const CONNECTION_RULES = {
  url: connectionUrl,
  hostname,
  port: portNumber,
  socketPath: text,
  socket: stream,
  proxy: proxyUrl,
  protocol: oneOf("smtp", "lmtp"),
  useTls: flag,
  startTls: flag,
  tls: tlsOptions,
  username,
  password,
  accessToken,
  authMethods,
  allowPlaintextAuth: flag,
  localHostname,
  localAddress: ipAddress,
  timeout: timeouts,
  deliveryTimeout: milliseconds,
  chunking: oneOf("auto", "never"),
  maxInFlight: count,
  signal: abortSignal,
  trace: callable<(event: TraceEvent) => void>(),
  dkim: dkimSigners,
} satisfies Record<keyof ConnectionOptions, Rule<unknown>>;

type Given = Checked<typeof CONNECTION_RULES>;

export const CONNECTION_OPTION_NAMES: readonly string[] = Object.keys(CONNECTION_RULES);

/**
 * Checks the options of a connection and fills in the defaults. Nothing of the caller's is changed, and later changes to it
 * have no effect.
 *
 * @throws OptionError that names the option and the rule
 */
export function connectionOptions(options: ConnectionOptions = {}): ResolvedConnectionOptions {
  const given = withUrl(readOwnOptions(options, CONNECTION_RULES));
  const credentials = resolveCredentials(given);
  const { target, tlsMode } = resolveTarget(given);
  const shown = {
    target,
    protocol: given.protocol ?? "smtp",
    tlsMode,
    credentials,
    authMethods: given.authMethods,
    allowPlaintextAuth: given.allowPlaintextAuth ?? false,
    localHostname: given.localHostname,
    timeouts: given.timeout ?? DEFAULT_TIMEOUTS,
    deliveryTimeout: given.deliveryTimeout ?? DEFAULT_DELIVERY_TIMEOUT,
    chunking: given.chunking ?? "auto",
    maxInFlight: given.maxInFlight,
    signal: given.signal,
    trace: given.trace,
    dkim: given.dkim ?? NO_SIGNERS,
  };
  return Object.freeze(withHidden(shown, "tls", given.tls));
}

/** What connect() takes for itself. */
const ATTEMPT_RULES = { timeout: milliseconds, signal: abortSignal } as const;

/** @throws OptionError */
export function attemptOptions(options: { timeout?: number | undefined; signal?: AbortSignal | undefined } = {}): {
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
} {
  return readOptions(options, ATTEMPT_RULES);
}

/** The url's options beside the others; both may say the same, and must not differ. */
function withUrl(given: Given): Given {
  if (given.url === undefined) return given;
  const fromUrl: Given = readOwnOptions(given.url satisfies UrlOptions, CONNECTION_RULES);
  for (const name of Object.keys(fromUrl) as (keyof Given)[]) {
    if (given[name] !== undefined && !isSame(given[name], fromUrl[name])) {
      throw new OptionError(name, "contradicts the url; give it in one place");
    }
  }
  return withoutPrototype({ ...given, ...fromUrl });
}

function isSame(left: unknown, right: unknown): boolean {
  // The timeouts of the steps; all else in a url is a text, a number or a list.
  if (typeof left === "object" && !Array.isArray(left)) return JSON.stringify(left) === JSON.stringify(right);
  return Array.isArray(left) && Array.isArray(right) ? left.join() === right.join() : left === right;
}

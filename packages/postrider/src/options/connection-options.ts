/**
 * The options of a connection: types, rules, defaults and resolved form.
 *
 * Layer: options.
 */
import { type DkimSigner, dkimSigners } from "../dkim/dkim-signer.js";
import { OptionError } from "../errors/errors.js";
import { withoutPrototype } from "../given/values.js";
import {
  type AccessToken,
  type Authenticate,
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
  type WorkerSocket,
} from "./target.js";
import { type TlsOptions, tlsOptions } from "./tls-options.js";
import { connectionUrl, proxyUrl, type UrlOptions } from "./urls.js";

/**
 * How a server is reached, and how the session begins. Values are read once; unknown names, null and values of another kind are an
 * OptionError that names the option.
 */
export interface ConnectionOptions {
  /**
   * `smtp://`, `smtps://` or `lmtp://`, with user, password, host, port and options: `smtp://user:pw@host:587?startTls=true`.
   * The query may hold `useTls`, `startTls`, `allowPlaintextAuth`, `timeout`, `deliveryTimeout`,
   * `localHostname`, `localAddress` and `authMethods` (with commas). Other options beside it must not contradict it.
   */
  readonly url?: string | URL | undefined;
  /** Name or address of the server; default `"localhost"`. With `socketPath` or `socket`: the name that the certificate must have. */
  readonly hostname?: string | undefined;
  /** The TCP port, 1 to 65535. Default 465 with `useTls`, 587 with `startTls: true`, else 25. LMTP has no default. */
  readonly port?: number | undefined;
  /** Path of a Unix socket, in place of `hostname` and `port`. */
  readonly socketPath?: string | undefined;
  /**
   * A connected stream (for one connection), or a function that opens one (called for each connection): a Duplex, or a socket of
   * `cloudflare:sockets`. An authorized TLSSocket, and a socket opened with `secureTransport: "on"`, count as secure, if they are for
   * `hostname` where it is given.
   */
  readonly socket?: StreamSource | undefined;
  /**
   * A proxy, which resolves the name of the server: `http://user:password@host:port` (CONNECT; also `https://`), or
   * `socks5://user:password@host:port` (also `socks4://`) with the package `socks` installed. User and password may be absent.
   */
  readonly proxy?: string | URL | undefined;
  /** The protocol; `"lmtp"` is LMTP with LHLO (RFC 2033). Default `"smtp"`. */
  readonly protocol?: "smtp" | "lmtp" | undefined;
  /** TLS from the first byte; default true on port 465. */
  readonly useTls?: boolean | undefined;
  /**
   * STARTTLS (RFC 3207). `true`: required. `false`: never. Default: used if the server offers it and there is a name to check its
   * certificate against.
   */
  readonly startTls?: boolean | undefined;
  /** Certificates, authorities and versions for TLS, by Node's names; default: those of Node. */
  readonly tls?: TlsOptions | undefined;
  /** The user name for the login; needs `password` or `accessToken` (or EXTERNAL among `authMethods`). Default: no login. */
  readonly username?: string | undefined;
  /** The password of `username`; not together with `accessToken`. */
  readonly password?: string | undefined;
  /** An OAuth 2 access token in place of a password (XOAUTH2, OAUTHBEARER: RFC 7628), or a function that gives one. */
  readonly accessToken?: AccessToken | undefined;
  /**
   * A login by a mechanism that Postrider does not know. Called after TLS and EHLO, under the same rules for clear text as a password.
   * Default: the mechanisms of Postrider, with `username` and `password`.
   */
  readonly authenticate?: Authenticate | undefined;
  /** SASL mechanisms to try in this order, in any letter case; default: strongest first. `"EXTERNAL"` only if it is named here. */
  readonly authMethods?: readonly string[] | undefined;
  /**
   * `"required"`: the credentials are used, or the connection fails. `"when-offered"`: a server that offers no AUTH at all is used
   * without a login, as relays of the local network are; over clear text to another machine the connection still fails, unless
   * `allowPlaintextAuth`. Default `"required"`.
   */
  readonly auth?: "required" | "when-offered" | undefined;
  /** Allows credentials on a connection without TLS to another machine; default false. */
  readonly allowPlaintextAuth?: boolean | undefined;
  /**
   * The name in EHLO: a domain or an address literal (RFC 5321 §4.1.1.1). Default: the domain name of this machine, else the address
   * literal of the connection.
   */
  readonly localHostname?: string | undefined;
  /** The local IP address to connect from. Default: chosen by the system. */
  readonly localAddress?: string | undefined;
  /**
   * Milliseconds without progress, above 0; only a complete line of the server is progress. A number is for every step; an object sets
   * single steps. Default 60 000, and 30 000 for the greeting.
   */
  readonly timeout?: number | StepTimeouts | undefined;
  /** Milliseconds for the reply after the content; default 600 000 (RFC 5321 §4.5.3.2.6). */
  readonly deliveryTimeout?: number | undefined;
  /** `"auto"`: BDAT where the server offers CHUNKING (RFC 3030). `"never"`: DATA. Default `"auto"`. */
  readonly chunking?: "auto" | "never" | undefined;
  /**
   * The most messages without a verdict on one connection, at least 1; default 64. The window starts at 16 and grows while the server keeps
   * up. 1: nothing is written ahead of a verdict.
   */
  readonly maxInFlight?: number | undefined;
  /** Aborts connecting, and ends the connection when it fires later; calls reject with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** Signs every message that `send` sends (RFC 6376); several signers give several signatures. A delivery may have its own. */
  readonly dkim?: DkimSigner | readonly DkimSigner[] | undefined;
  /** Called for every line in both directions; secrets are redacted. Its errors are process warnings. */
  readonly trace?: ((event: TraceEvent) => void) | undefined;
}

/** Milliseconds without progress, by step. */
export interface StepTimeouts {
  /** DNS, TCP, proxy, and TLS from the first byte. Default 60 000. */
  readonly connect?: number | undefined;
  /** The greeting of the server. Default 30 000. */
  readonly greeting?: number | undefined;
  /** The handshake after STARTTLS. Default: that of `command`. */
  readonly tls?: number | undefined;
  /** The reply to AUTH, and to each response after it. Default: that of `command`. */
  readonly auth?: number | undefined;
  /** The reply to each command. Default 60 000. */
  readonly command?: number | undefined;
  /** Each chunk of the content on its way to the server. Default 60 000. */
  readonly content?: number | undefined;
}

/** What `trace` is called with: one line of the dialogue, secrets redacted, or a change of the connection. */
export type TraceEvent = TracedLine | TracedContent | TracedConnect | TracedSecure | TracedClose;

/** A line of the dialogue, without CRLF. SECURITY: passwords, tokens and challenges are redacted. */
export interface TracedLine {
  /** Who wrote the line. */
  readonly type: "client" | "server";
  /** The line, without CRLF. */
  readonly line: string;
}

/** Content of a message: counted, never shown. */
export interface TracedContent {
  /** Content was written. */
  readonly type: "content";
  /** Bytes on the wire. */
  readonly bytes: number;
}

/** The transport is connected. */
export interface TracedConnect {
  /** The connection begins. */
  readonly type: "connect";
  /** `host:port`, `[address]:port`, the path of a Unix socket, or "the given socket". */
  readonly peer: string;
  /** Whether TLS began with the first byte. */
  readonly secure: boolean;
}

/** STARTTLS has succeeded. */
export interface TracedSecure {
  /** The connection is inside TLS from now on. */
  readonly type: "secure";
  /** Such as `"TLSv1.3"`. */
  readonly protocol: string | undefined;
  /** OpenSSL's name of the cipher. */
  readonly cipher: string | undefined;
}

/** The connection has ended. */
export interface TracedClose {
  /** The last event of a connection. */
  readonly type: "close";
  /** Why; undefined after QUIT or `close()`. */
  readonly reason: string | undefined;
}

/** Milliseconds without progress. The greeting is short: a port that does not greet is another service, or a tarpit. */
const DEFAULT_TIMEOUTS: Timeouts = Object.freeze({ ...everyStep(60_000), greeting: 30_000 });
/** RFC 5321 §4.5.3.2.6: the server may take ten minutes for its reply after the content. */
const DEFAULT_DELIVERY_TIMEOUT = 600_000;

/** The resolved form: checked, complete, frozen. SECURITY: safe to print, without password, token and key. */
export interface ResolvedConnectionOptions {
  readonly target: TransportTarget;
  readonly protocol: "smtp" | "lmtp";
  readonly tlsMode: TlsMode;
  /** Not enumerable: it may hold a key. */
  readonly tls: TlsOptions | undefined;
  readonly credentials: Credentials | undefined;
  readonly authenticate: Authenticate | undefined;
  /** Upper case; undefined: strongest first. */
  readonly authMethods: readonly string[] | undefined;
  readonly auth: "required" | "when-offered";
  readonly allowPlaintextAuth: boolean;
  /** Undefined: determined once connected. */
  readonly localHostname: string | undefined;
  /** Whether `connect()` sends EHLO: unless STARTTLS is switched off, with which nothing but a login is written unasked. */
  readonly greets: boolean;
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
  const isStream = hasMembers(value, { write: "function", on: "function", read: "function" });
  if (typeof value === "function" || isStream) return value as StreamSource;
  if (hasMembers(value, { startTls: "function", close: "function" })) return value as WorkerSocket;
  throw new OptionError(
    option,
    "must be a Duplex stream or a socket of cloudflare:sockets, or a function that opens one",
  );
};

const TIMEOUT_RULES = {
  connect: milliseconds,
  greeting: milliseconds,
  tls: milliseconds,
  auth: milliseconds,
  command: milliseconds,
  content: milliseconds,
} satisfies Record<keyof StepTimeouts, Rule<number>>;

type Timeouts = Readonly<Record<keyof StepTimeouts, number>>;

const timeouts: Rule<Timeouts> = (value, option) => {
  if (typeof value === "object") {
    // Members given as undefined are absent here.
    const given = readOptions(value, TIMEOUT_RULES, option) as Partial<Timeouts>;
    const { command = DEFAULT_TIMEOUTS.command } = given;
    return Object.freeze({ ...DEFAULT_TIMEOUTS, tls: command, auth: command, ...given });
  }
  return Object.freeze(everyStep(milliseconds(value, option)));
};

function everyStep(each: number): Timeouts {
  return { connect: each, greeting: each, tls: each, auth: each, command: each, content: each };
}

const knownPolicy = oneOf("required", "when-offered");

/** Another library's `auth` holds the credentials. */
const loginPolicy: Rule<"required" | "when-offered"> = (value, option) => {
  if (typeof value !== "object") return knownPolicy(value, option);
  throw new OptionError(option, "says when to log in; the credentials are username and password, or accessToken");
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
  authenticate: callable<Authenticate>(),
  authMethods,
  auth: loginPolicy,
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
 * Checks the options of a connection and fills in the defaults. The object of the caller is not changed, and later changes to it have no
 * effect.
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
    authenticate: given.authenticate,
    authMethods: given.authMethods,
    auth: given.auth ?? "required",
    allowPlaintextAuth: given.allowPlaintextAuth ?? false,
    localHostname: given.localHostname,
    greets: given.startTls !== false,
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

/** Limits of one attempt to connect. */
export interface AttemptOptions {
  /** Milliseconds without progress for each step of this attempt, at least 1; default: the `timeout` of the connection. */
  readonly timeout?: number | undefined;
  /** Aborts the attempt, which rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/** Limits of one `connect()`, and how far it goes. */
export interface ConnectOptions extends AttemptOptions {
  /**
   * Whether EHLO is sent before `connect()` resolves, so that `extensions` and `authMethods` are known. Default true; false with
   * `startTls: false`: EHLO then leads the first command.
   */
  readonly hello?: boolean | undefined;
}

/** The rules of `AttemptOptions`. */
const ATTEMPT_RULES = { timeout: milliseconds, signal: abortSignal } as const;
const CONNECT_RULES = { ...ATTEMPT_RULES, hello: flag } as const;

/** @throws OptionError */
export function attemptOptions(options: AttemptOptions = {}): AttemptOptions {
  return readOptions(options, ATTEMPT_RULES);
}

/** @param greets whether EHLO is sent by default. @throws OptionError */
export function connectOptions(options: ConnectOptions, greets: boolean): ConnectOptions {
  const given = readOptions(options, CONNECT_RULES);
  return { ...given, hello: given.hello ?? greets };
}

/** Merges the options of the url with the others; a contradiction is an error. */
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
  // The timeouts of the steps; other options in a url are strings, numbers or lists.
  if (typeof left === "object" && !Array.isArray(left)) return JSON.stringify(left) === JSON.stringify(right);
  return Array.isArray(left) && Array.isArray(right) ? left.join() === right.join() : left === right;
}

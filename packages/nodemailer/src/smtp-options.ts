/**
 * From nodemailer's options of a connection to postrider's.
 *
 * Layer: nodemailer.
 */
import type { Duplex } from "node:stream";
import { createSecureContext } from "node:tls";
import type { AccessToken, ConnectionOptions, DkimSigner, PoolOptions, StepTimeouts, TlsOptions } from "postrider";
import { customLogin } from "./custom-auth.js";
import { mailError } from "./errors.js";
import { traceTo } from "./logger.js";
import type { AuthOptions, SmtpOptions, SocketCallback } from "./types.js";
import { wellKnown } from "./well-known.js";

/** What a transport knows beside the options that it was made with. */
export interface ConnectionExtras {
  readonly dkim?: readonly DkimSigner[] | undefined;
  readonly accessToken?: AccessToken | undefined;
  readonly proxyHandler?: ProxyHandler | undefined;
}

/** What `transporter.set("proxy_handler_...", handler)` takes. */
export type ProxyHandler = (proxy: URL, options: SmtpOptions, callback: SocketCallback) => void;

/** Options as they were given, or a URL: `smtps://user:pass@host/?pool=true&tls.rejectUnauthorized=false`. */
export function readOptions(options: SmtpOptions | string | undefined): SmtpOptions {
  const given = typeof options === "string" ? { url: options } : { ...options };
  const fromUrl = typeof given.url === "string" && given.url !== "" ? parseConnectionUrl(given.url) : {};
  const merged: SmtpOptions = { ...given };
  for (const [name, value] of Object.entries(fromUrl)) {
    const own = (merged as Record<string, unknown>)[name];
    if (own === undefined || own === null) Object.assign(merged, { [name]: value });
  }
  const known = typeof merged.service === "string" ? wellKnown(merged.service) : false;
  // The table goes before what was said of the server, as it does in nodemailer.
  return known === false ? merged : { ...merged, ...known };
}

const FLAGS: Readonly<Record<string, unknown>> = { true: true, false: false };

/** @throws ECONFIG; SECURITY: without the URL, which holds a password */
export function parseConnectionUrl(text: string): SmtpOptions {
  if (!URL.canParse(text))
    throw mailError("ECONFIG", "The connection URL is not a valid URL; percent-encode characters such as @ : / ? #");
  const url = new URL(text);
  const options: Record<string, unknown> = {};
  if (url.protocol === "smtp:" || url.protocol === "smtps:") options["secure"] = url.protocol === "smtps:";
  else if (url.protocol === "direct:") options["direct"] = true;
  if (url.port !== "") options["port"] = Number(url.port);
  if (url.hostname !== "") options["host"] = decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, "$1");
  if (url.username !== "" || url.password !== "") {
    options["auth"] = { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
  }
  for (const [key, value] of url.searchParams) {
    const [name = "", inner] = key.split(/\.(.*)/s);
    if (name === "__proto__" || inner === "__proto__") continue;
    const read = value in FLAGS ? FLAGS[value] : /^\d{1,15}$/.test(value) && name !== "auth" ? Number(value) : value;
    if (inner === undefined || inner === "") {
      if (!Object.hasOwn(options, name)) options[name] = read;
    } else if (name === "tls" || name === "auth") {
      options[name] = { ...(options[name] as object | undefined), [inner]: read };
    }
  }
  return options;
}

/** @throws ECONFIG, EAUTH */
export function connectionOptions(options: SmtpOptions, extras: ConnectionExtras = {}): ConnectionOptions {
  const port = portOf(options);
  const isSecure = options.secured === true ? false : (options.secure ?? port === 465);
  return {
    ...targetOf(options, port, isSecure, extras),
    protocol: options.lmtp === true ? "lmtp" : "smtp",
    useTls: isSecure,
    startTls: isSecure ? undefined : startTlsOf(options),
    tls: tlsOf(options.tls),
    ...credentialsOf(options, extras.accessToken),
    localHostname: options.name || undefined,
    localAddress: options.localAddress || undefined,
    timeout: timeoutsOf(options),
    deliveryTimeout: millisecondsOf(options.socketTimeout),
    dkim: extras.dkim === undefined || extras.dkim.length === 0 ? undefined : extras.dkim,
    trace: traceTo(options),
  };
}

export function poolOptions(options: SmtpOptions, extras: ConnectionExtras = {}): ConnectionOptions & PoolOptions {
  const { rateLimit, rateDelta } = options;
  const messages = countOf(rateLimit);
  return {
    ...connectionOptions(options, extras),
    maxConnections: countOf(options.maxConnections),
    maxMessagesPerConnection: countOf(options.maxMessages),
    rateLimit: messages === undefined ? undefined : { messages, per: millisecondsOf(rateDelta) ?? 1000 },
  };
}

function portOf({ port, secure }: SmtpOptions): number {
  const number = Number(port ?? 0);
  return Number.isInteger(number) && number > 0 ? number : secure === true ? 465 : 587;
}

function startTlsOf({ ignoreTLS, requireTLS, secured }: SmtpOptions): boolean | undefined {
  if (requireTLS === true) return true;
  return ignoreTLS === true || secured === true ? false : undefined;
}

function targetOf(
  options: SmtpOptions,
  port: number,
  isSecure: boolean,
  { proxyHandler }: ConnectionExtras,
): ConnectionOptions {
  const hostname = options.host || "localhost";
  const open = openerOf(options, hostname, port, proxyHandler);
  if (open !== undefined) return { hostname, socket: open };
  if (options.connection !== undefined && options.connection !== null) return { hostname, socket: options.connection };
  if (options.proxy) return { hostname, port, proxy: options.proxy };
  return isSecure || port > 0 ? { hostname, port } : { hostname };
}

type Opener = () => Promise<Duplex>;

function openerOf(
  options: SmtpOptions,
  host: string,
  port: number,
  handler: ProxyHandler | undefined,
): Opener | undefined {
  const { getSocket, socket, proxy } = options;
  if (handler !== undefined && proxy) {
    return () => asked((callback) => handler(new URL(proxy), { ...options, host, port }, callback), host, port);
  }
  if (typeof getSocket === "function") {
    return () => asked((callback) => getSocket.call(undefined, { ...options, host, port }, callback), host, port);
  }
  if (socket === undefined || socket === null) return undefined;
  return async () => connected(socket as Connectable, host, port);
}

type Connectable = Duplex & { connect(port: number, host: string): unknown };

/** A socket that the program made and that is not connected yet. */
function connected(socket: Connectable, host: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
    socket.connect(port, host);
  });
}

/** What the program answers: a connection, or none, and then one is opened here. */
function asked(ask: (callback: SocketCallback) => void, host: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    ask((error, answer) => {
      if (error) return reject(error);
      const connection = answer === false ? undefined : answer?.connection;
      if (connection !== undefined) return resolve(connection);
      const { Socket } = process.getBuiltinModule("node:net");
      connected(new Socket() as Connectable, host, port).then(resolve, reject);
    });
  });
}

const CONNECTION_NAMES: readonly (keyof TlsOptions)[] = [
  "ca",
  "cert",
  "key",
  "passphrase",
  "pfx",
  "crl",
  "ciphers",
  "sigalgs",
  "ecdhCurve",
  "minVersion",
  "maxVersion",
  "rejectUnauthorized",
  "checkServerIdentity",
  "servername",
  "ALPNProtocols",
  "secureContext",
  "session",
];

function tlsOf(tls: SmtpOptions["tls"]): TlsOptions | undefined {
  if (tls === undefined || tls === null) return undefined;
  const given = Object.entries(tls).filter(([, value]) => value !== undefined && value !== null);
  const known = given.filter(([name]) => (CONNECTION_NAMES as readonly string[]).includes(name));
  if (known.length === given.length || tls.secureContext !== undefined) return Object.fromEntries(known);
  // SECURITY: what only a context of Node's knows (dhparam, secureOptions...) must not be lost.
  const context = createSecureContext(Object.fromEntries(given) as TlsOptions);
  const connection = ["rejectUnauthorized", "checkServerIdentity", "servername", "ALPNProtocols", "session"];
  return { ...Object.fromEntries(known.filter(([name]) => connection.includes(name))), secureContext: context };
}

/** Undefined: nobody is to log in. */
export function authOf({ auth }: SmtpOptions): (AuthOptions & { user: string }) | undefined {
  if (auth === undefined || auth === null || typeof auth !== "object") return undefined;
  const user = auth.user || auth.credentials?.user;
  if (!user) return undefined;
  return { ...auth, user, pass: auth.pass || auth.credentials?.pass };
}

function credentialsOf(options: SmtpOptions, accessToken: AccessToken | undefined): ConnectionOptions {
  const auth = authOf(options);
  const authenticate = customLogin(options);
  const policy: ConnectionOptions = {
    auth: options.forceAuth === true ? "required" : "when-offered",
    allowPlaintextAuth: options.allowPlaintextAuth === true,
    authenticate,
  };
  const method = auth?.method || options.authMethod;
  // SECURITY: with a mechanism of the program's own by its name, none of Postrider's gets the password.
  if (authenticate !== undefined && (method || auth === undefined)) return policy;
  if (accessToken === undefined && !auth?.pass) return withoutLogin(options, policy);
  if (auth === undefined) return {};
  const shared: ConnectionOptions = { ...policy, username: auth.user };
  if (accessToken !== undefined) return { ...shared, accessToken };
  return { ...shared, password: auth.pass, authMethods: method ? [String(method)] : undefined };
}

/** An account whose name or password is missing, such as an unset variable, is an error at servers that offer AUTH. */
function withoutLogin({ auth }: SmtpOptions, policy: ConnectionOptions): ConnectionOptions {
  if (auth === undefined || auth === null || typeof auth !== "object" || Object.keys(auth).length === 0) return {};
  const authenticate = (): never => {
    throw mailError("EAUTH", "auth: user and pass must both be given, and one of them is empty", {
      command: "API",
      outcome: "not-sent",
      retry: "never",
    });
  };
  // Nothing secret leaves.
  return { ...policy, allowPlaintextAuth: true, authenticate };
}

/** nodemailer waits two minutes for a connection, half a minute for the greeting, and ten minutes for whatever is idle. */
function timeoutsOf({ connectionTimeout, greetingTimeout, socketTimeout }: SmtpOptions): StepTimeouts | undefined {
  const idle = millisecondsOf(socketTimeout);
  return {
    connect: millisecondsOf(connectionTimeout) ?? 120_000,
    greeting: millisecondsOf(greetingTimeout),
    command: idle,
    content: idle,
  };
}

const MAX_MILLISECONDS = 2_147_483_647;

function millisecondsOf(value: unknown): number | undefined {
  const number = Number(value);
  return number > 0 ? Math.min(number, MAX_MILLISECONDS) : undefined;
}

function countOf(value: unknown): number | undefined {
  const number = Number(value);
  if (!(number >= 1)) return undefined;
  return Number.isFinite(number) ? Math.floor(number) : Number.MAX_SAFE_INTEGER;
}

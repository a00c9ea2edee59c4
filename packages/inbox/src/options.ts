/**
 * Options of the inbox: one table of rules, applied before anything is opened.
 */
import { isIP } from "node:net";
import { InboxOptionError } from "./errors.js";
import { type InboxOutbox, isOutbox } from "./outbox/outbox-view.js";
import { isSpamFilter } from "./spam/spam-filter.js";

/** The one pair that may log in. */
export interface InboxCredentials {
  /** The user name. */
  readonly username: string;
  /** Also what an XOAUTH2 token must be. */
  readonly password: string;
}

/** TLS by STARTTLS, or from the first byte. */
export type InboxTlsMode = "implicit" | "starttls";

/** A certificate of the caller's, and how TLS begins. */
export interface InboxTls {
  /** Private key, PEM. */
  readonly key: string;
  /** Certificate chain, PEM. */
  readonly cert: string;
  /** TLS from the first byte, or offered by STARTTLS. */
  readonly mode: InboxTlsMode;
}

/** Where a message goes when somebody releases it: to one address, whatever its recipients were. */
export interface InboxRelease {
  /** The only address that is ever sent to; also the envelope sender. */
  readonly to: string;
  /** The server: `smtp://`, `smtps://`, with user and password when it asks for them. */
  readonly server: string;
}

/** Where the inbox listens, and what it keeps. */
export interface InboxOptions {
  /** Default 1025; 0 takes any free port. */
  readonly smtpPort?: number | undefined;
  /** Default 8025; 0 takes any free port, false means no page. */
  readonly webPort?: number | false | undefined;
  /**
   * Mail can be read and deleted by POP3 on this port; 0 takes any free port. Default: no POP3. An address as user name sees the mail
   * to it; another name sees the mail of that user of SMTP AUTH, or all mail where `auth` and `password` are not set. Any password
   * will do, unless `password` or `auth` asks for one.
   */
  readonly pop3Port?: number | undefined;
  /**
   * Address to listen on: 127.x.y.z (default 127.0.0.1), ::1 or localhost; any other, such as `"0.0.0.0"` in a container, needs a
   * `password`.
   */
  readonly host?: string | undefined;
  /**
   * What page, API, SMTP and POP3 ask for: HTTP Basic with any user name, or Bearer; AUTH with any user name, unless `auth` has
   * credentials of its own; POP3 with any user name. Default: none.
   */
  readonly password?: string | undefined;
  /** Names besides localhost that the page may be reached by, such as the name of a service in a compose file. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** The one address that messages may be released to, and the server that takes them. Default: nothing leaves the inbox. */
  readonly release?: InboxRelease | undefined;
  /** An http or https address that hears of each message: a POST with `{ message, url }`, as in the API. Default: none. */
  readonly webhook?: string | undefined;
  /**
   * The spam filter that the page and the API ask about a message when somebody looks at its checks: `"http://127.0.0.1:11333"` is
   * Rspamd, `"spamd://127.0.0.1:783"` the spamd of SpamAssassin. Host and port alone. Default: none is asked.
   */
  readonly spamFilter?: string | undefined;
  /** Credentials that a client must log in with (to POP3 too, unless `password` is set); `"any"` offers AUTH, takes whatever comes and asks nobody. Default: no AUTH. */
  readonly auth?: InboxCredentials | "any" | undefined;
  /**
   * TLS from the first byte, or by STARTTLS; default: none. The mode alone makes a certificate for this machine, which is
   * then `inbox.certificate`.
   */
  readonly tls?: InboxTls | InboxTlsMode | undefined;
  /** Default `"smtp"`; with `"lmtp"` each recipient has a reply of its own. */
  readonly protocol?: "smtp" | "lmtp" | undefined;
  /**
   * A folder that keeps the messages across restarts, as a Maildir; default: they live in memory only. The limits below hold
   * for it too.
   */
  readonly store?: string | undefined;
  /** A Unix socket to listen on, besides the port. */
  readonly socketPath?: string | undefined;
  /** Messages kept, the oldest dropped first; default 1000. */
  readonly maxMessages?: number | undefined;
  /** Bytes of messages kept, the oldest dropped first; default 256 MiB. */
  readonly maxBytes?: number | undefined;
  /**
   * DNS records of DKIM keys by name, such as `{ "s1._domainkey.example.com": "v=DKIM1; p=..." }`. Signatures are verified
   * against these and no others.
   */
  readonly dkimKeys?: Readonly<Record<string, string>> | undefined;
  /** An outbox of @postrider/outbox, which the page shows in a tab; the inbox does not close it. Default: none. */
  readonly outbox?: InboxOutbox | undefined;
  /** Bytes of one message, offered as SIZE and answered with 552; default 64 MiB, never more than `maxBytes`. */
  readonly maxMessageBytes?: number | undefined;
}

/** Who may log in to SMTP; without a user name, any. */
export interface InboxLogin {
  readonly username: string | undefined;
  readonly password: string;
}

/** Options after the check: every default in place. */
export interface InboxSettings {
  readonly smtpPort: number;
  readonly webPort: number | false;
  /** Undefined without POP3. */
  readonly pop3Port: number | undefined;
  readonly host: string;
  readonly password: string | undefined;
  /** In lower case. */
  readonly allowedHosts: readonly string[];
  readonly release: InboxRelease | undefined;
  readonly webhook: string | undefined;
  readonly spamFilter: string | undefined;
  readonly auth: InboxLogin | "any" | undefined;
  readonly tlsMode: InboxTlsMode | undefined;
  /** Undefined also when it is to be made. */
  readonly identity: { readonly key: string; readonly cert: string } | undefined;
  readonly protocol: "smtp" | "lmtp";
  readonly store: string | undefined;
  readonly socketPath: string | undefined;
  readonly maxMessages: number;
  readonly maxBytes: number;
  readonly maxMessageBytes: number;
  readonly dkimKeys: Readonly<Record<string, string>>;
  readonly outbox: InboxOutbox | undefined;
}

const MIB = 1024 * 1024;
const MODES: readonly unknown[] = ["implicit", "starttls"];

const port = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535;
const limit = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) > 0;
const text = (value: unknown): boolean => typeof value === "string" && value !== "";
const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const RULES: { readonly [K in keyof InboxOptions]-?: readonly [rule: string, holds: (value: unknown) => boolean] } = {
  smtpPort: ["must be an integer from 0 to 65535", port],
  webPort: ["must be an integer from 0 to 65535, or false", (value) => value === false || port(value)],
  pop3Port: ["must be an integer from 0 to 65535", port],
  host: ["must be an address or a name that is not empty", text],
  password: ["must be a string that is not empty", text],
  allowedHosts: [
    "must be an array of host names, without ports",
    (value) => Array.isArray(value) && value.every((name) => typeof name === "string" && /^[\w.-]+$/.test(name)),
  ],
  release: ['must be { to, server }: an address, and an "smtp://" or "smtps://" URL', isRelease],
  webhook: [
    "must be an http or https URL",
    (value) => text(value) && /^https?:\/\//.test(String(value)) && URL.canParse(String(value)),
  ],
  spamFilter: [
    'must be "http://HOST:PORT" of Rspamd or "spamd://HOST:PORT" of SpamAssassin, without user, path or query',
    isSpamFilter,
  ],
  auth: ['must be { username, password } or "any"', (value) => value === "any" || isCredentials(value)],
  tls: ['must be "implicit", "starttls" or { key, cert, mode }', (value) => MODES.includes(value) || isTls(value)],
  protocol: ['must be "smtp" or "lmtp"', (value) => value === "smtp" || value === "lmtp"],
  store: ["must be a path that is not empty", text],
  socketPath: ["must be a path that is not empty", text],
  maxMessages: ["must be a positive integer", limit],
  maxBytes: ["must be a positive integer", limit],
  maxMessageBytes: ["must be a positive integer", limit],
  outbox: ["must be an outbox, as openOutbox() of @postrider/outbox gives it", isOutbox],
  dkimKeys: [
    "must be an object of DNS records by name",
    (value) => isObject(value) && Object.values(value).every(text),
  ],
};

/** @throws InboxOptionError naming the option and its rule. */
export function checkOptions(options: InboxOptions): InboxSettings {
  if (typeof options !== "object" || options === null) throw new InboxOptionError("options", "must be an object");
  for (const [name, value] of Object.entries(options)) {
    const entry = Object.hasOwn(RULES, name) ? RULES[name as keyof InboxOptions] : undefined;
    if (entry === undefined)
      throw new InboxOptionError(name, `is not an option; there are ${Object.keys(RULES).join(", ")}`);
    const [rule, holds] = entry;
    if (value !== undefined && !holds(value)) throw new InboxOptionError(name, rule);
  }
  const { host = "127.0.0.1", password, auth } = options;
  // SECURITY: without a password the inbox takes mail from anybody and shows it to anybody: nobody but this machine may reach it.
  if (!isLoopback(host) && password === undefined)
    throw new InboxOptionError(
      "host",
      `${host} can be reached from other machines: set a password, or use 127.0.0.1, ::1 or localhost`,
    );
  if (password !== undefined && auth === "any")
    throw new InboxOptionError(
      "auth",
      '"any" would bypass the password; leave auth out, and SMTP requires the password',
    );
  const maxBytes = options.maxBytes ?? 256 * MIB;
  return {
    smtpPort: options.smtpPort ?? 1025,
    webPort: options.webPort ?? 8025,
    pop3Port: options.pop3Port,
    host,
    password,
    allowedHosts: (options.allowedHosts ?? []).map((name) => name.toLowerCase()),
    release: options.release,
    webhook: options.webhook,
    spamFilter: options.spamFilter,
    auth: auth ?? (password === undefined ? undefined : { username: undefined, password }),
    tlsMode: typeof options.tls === "object" ? options.tls.mode : options.tls,
    identity: typeof options.tls === "object" ? { key: options.tls.key, cert: options.tls.cert } : undefined,
    protocol: options.protocol ?? "smtp",
    store: options.store,
    socketPath: options.socketPath,
    maxMessages: options.maxMessages ?? 1000,
    maxBytes,
    // A message beyond the whole store could never be kept, so it is refused rather than dropped after a 250.
    maxMessageBytes: Math.min(options.maxMessageBytes ?? 64 * MIB, maxBytes),
    dkimKeys: options.dkimKeys ?? {},
    outbox: options.outbox,
  };
}

function isCredentials(value: unknown): boolean {
  return isObject(value) && "username" in value && text(value.username) && "password" in value && text(value.password);
}

function isRelease(value: unknown): boolean {
  if (!isObject(value) || !("to" in value && "server" in value)) return false;
  const { to, server } = value;
  if (!text(to) || !/^[^\s@,;<>"]+@[^\s@,;<>"]+$/.test(String(to))) return false;
  return text(server) && /^smtps?:\/\//.test(String(server)) && URL.canParse(String(server));
}

function isTls(value: unknown): boolean {
  if (!isObject(value) || !("key" in value && "cert" in value && "mode" in value)) return false;
  return text(value.key) && text(value.cert) && MODES.includes(value.mode);
}

/** True for a name or address that only this machine can reach. */
export function isLoopback(host: unknown): boolean {
  if (typeof host !== "string") return false;
  if (host.toLowerCase() === "localhost" || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}

/**
 * The flags of `npx @postrider/inbox` and of `postrider inbox`, which are the same, and the options that they stand for.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { InboxOptionError } from "../errors.js";
import type { InboxCredentials, InboxOptions, InboxRelease, InboxTls, InboxTlsMode } from "../options.js";

/** One flag, for whoever parses a command line and shows its help. */
export interface InboxFlag {
  /** Without hyphens: `"smtp-port"`. */
  readonly name: string;
  /** What its value is, for the help; undefined when it takes none. */
  readonly value?: string | undefined;
  /** For the help, with the default in parentheses. */
  readonly description: string;
  /** All values that there are. */
  readonly choices?: readonly string[] | undefined;
  /** The option of `startInbox` that its errors name. */
  readonly option?: string | undefined;
}

/** Every flag, in the order of the help. */
export const INBOX_FLAGS: readonly InboxFlag[] = [
  {
    name: "smtp-port",
    value: "port",
    description: "SMTP port; 0 is any free port (default: 1025)",
    option: "smtpPort",
  },
  {
    name: "web-port",
    value: "port",
    description: "port of the web page; 0 is any free port (default: 8025)",
    option: "webPort",
  },
  {
    name: "pop3-port",
    value: "port",
    description: "let clients read and delete the mail by POP3 on this port; 0 is any free port (default: no POP3)",
    option: "pop3Port",
  },
  { name: "no-web", description: "do not serve the web page" },
  {
    name: "host",
    value: "address",
    description: "address to listen on; any but 127.0.0.1, ::1 and localhost requires --password (default: 127.0.0.1)",
    option: "host",
  },
  {
    name: "password",
    value: "password",
    description: "require this password for page, API, SMTP and POP3, with any user name",
    option: "password",
  },
  {
    name: "allow-host",
    value: "name",
    description: "host name that the page is reached by, besides localhost; repeatable",
    option: "allowedHosts",
  },
  { name: "socket", value: "path", description: "listen on this Unix socket too", option: "socketPath" },
  {
    name: "store",
    value: "folder",
    description: "keep the messages across restarts in this Maildir folder",
    option: "store",
  },
  {
    name: "auth",
    value: "any|user:password",
    description: "offer AUTH, with any credentials or with these only",
    option: "auth",
  },
  {
    name: "tls",
    value: "starttls|implicit",
    choices: ["starttls", "implicit"],
    description: "offer TLS, with a certificate generated at start",
    option: "tls",
  },
  { name: "cert", value: "file", description: "use this certificate chain in PEM; requires --tls and --key" },
  { name: "key", value: "file", description: "private key of the certificate in PEM; requires --tls and --cert" },
  {
    name: "write-cert",
    value: "file",
    description: "write the certificate to this file, for clients to trust; requires --tls",
  },
  { name: "lmtp", description: "speak LMTP instead of SMTP" },
  {
    name: "max-messages",
    value: "number",
    description: "number of messages to keep; the oldest are dropped first (default: 1000)",
    option: "maxMessages",
  },
  {
    name: "dkim-key",
    value: "name=record",
    description: "verify DKIM signatures against this DNS record; repeatable",
    option: "dkimKeys",
  },
  {
    name: "release-to",
    value: "address",
    description: "allow releasing messages to this address only; requires --release-via",
    option: "release",
  },
  {
    name: "release-via",
    value: "url",
    description: "server for released messages, such as smtp://user:password@host; requires --release-to",
  },
  {
    name: "webhook",
    value: "url",
    description: "POST each message to this URL as JSON",
    option: "webhook",
  },
  {
    name: "spam-filter",
    value: "url",
    description: "spam filter for the checks: Rspamd http://host:11333, SpamAssassin spamd://host:783",
    option: "spamFilter",
  },
  { name: "json", description: "print addresses and messages as lines of JSON" },
];

const HELP_COLUMN = 26;

export const HELP: string = `Usage: postrider-inbox [flags]

Start an SMTP server for development. It accepts every message, delivers none, and shows them on a web page.

${INBOX_FLAGS.map(helpLine).join("\n")}
${helpLine({ name: "help", description: "show this help" })}
${helpLine({ name: "version", description: "print the version" })}

Examples:
  npx @postrider/inbox
  npx @postrider/inbox --store ./mail --smtp-port 2525
  npx @postrider/inbox --tls starttls --write-cert ca.pem --auth any`;

function helpLine({ name, value, description }: InboxFlag): string {
  const flag = `  --${name}${value === undefined ? "" : ` <${value}>`}`;
  return flag.length < HELP_COLUMN
    ? flag.padEnd(HELP_COLUMN) + description
    : `${flag}\n${" ".repeat(HELP_COLUMN)}${description}`;
}

/** An error of the inbox with the flags in place of the options: `--smtp-port: cannot listen on port 25`. */
export function inFlags(message: string): string {
  return INBOX_FLAGS.reduce((text, { name, option }) => {
    if (option === undefined) return text;
    const began = text.startsWith(`${option}:`) ? `--${name}${text.slice(option.length)}` : text;
    // A name such as "host" is a word as well; one with a capital inside is none.
    return /[A-Z]/.test(option) ? began.replaceAll(option, `--${name}`) : began;
  }, message);
}

export interface CommandFlags {
  readonly show: "help" | "version" | undefined;
  readonly options: InboxOptions;
  /** Where the certificate is written. */
  readonly certificateFile: string | undefined;
  readonly json: boolean;
}

const FLAGS = {
  "smtp-port": { type: "string" },
  "web-port": { type: "string" },
  "pop3-port": { type: "string" },
  "no-web": { type: "boolean" },
  host: { type: "string" },
  socket: { type: "string" },
  store: { type: "string" },
  auth: { type: "string" },
  tls: { type: "string" },
  cert: { type: "string" },
  key: { type: "string" },
  "write-cert": { type: "string" },
  lmtp: { type: "boolean" },
  "max-messages": { type: "string" },
  "dkim-key": { type: "string", multiple: true },
  password: { type: "string" },
  "allow-host": { type: "string", multiple: true },
  "release-to": { type: "string" },
  "release-via": { type: "string" },
  webhook: { type: "string" },
  "spam-filter": { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const;

/** @throws InboxOptionError that names the flag. */
export function readFlags(parameters: readonly string[]): CommandFlags {
  const flags = parse(parameters);
  const tls = tlsOf(flags.tls, flags.cert, flags.key);
  const certificateFile = flags["write-cert"];
  if (certificateFile !== undefined && tls === undefined) throw new InboxOptionError("--write-cert", "needs --tls");
  return {
    show: flags.help === true ? "help" : flags.version === true ? "version" : undefined,
    certificateFile,
    json: flags.json === true,
    options: {
      smtpPort: numberOf("--smtp-port", flags["smtp-port"]),
      webPort: flags["no-web"] === true ? false : numberOf("--web-port", flags["web-port"]),
      pop3Port: numberOf("--pop3-port", flags["pop3-port"]),
      host: flags.host,
      password: flags.password,
      allowedHosts: flags["allow-host"],
      release: releaseOf(flags["release-to"], flags["release-via"]),
      webhook: flags.webhook,
      spamFilter: flags["spam-filter"],
      socketPath: flags.socket,
      store: flags.store,
      auth: authOf(flags.auth),
      tls,
      protocol: flags.lmtp === true ? "lmtp" : undefined,
      maxMessages: numberOf("--max-messages", flags["max-messages"]),
      dkimKeys: flags["dkim-key"] === undefined ? undefined : Object.fromEntries(flags["dkim-key"].map(keyOf)),
    },
  };
}

type Parsed = ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>["values"];

function parse(parameters: readonly string[]): Parsed {
  try {
    return parseArgs({ args: [...parameters], options: FLAGS, allowPositionals: false }).values;
  } catch (error) {
    // Node's words name the flag and what is wrong with it.
    throw new InboxOptionError("flags", error instanceof Error ? error.message : String(error), error);
  }
}

function numberOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new InboxOptionError(flag, "must be a number");
  return Number(text);
}

function authOf(text: string | undefined): InboxCredentials | "any" | undefined {
  if (text === undefined || text === "any") return text;
  const colon = text.indexOf(":");
  if (colon < 1 || colon === text.length - 1) throw new InboxOptionError("--auth", "must be any or USER:PASSWORD");
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

function releaseOf(to: string | undefined, server: string | undefined): InboxRelease | undefined {
  if (to === undefined && server === undefined) return undefined;
  if (to === undefined || server === undefined)
    throw new InboxOptionError("--release-to", "--release-to and --release-via must be given together");
  return { to, server };
}

function tlsOf(
  mode: string | undefined,
  cert: string | undefined,
  key: string | undefined,
): InboxTls | InboxTlsMode | undefined {
  if (mode !== undefined && mode !== "starttls" && mode !== "implicit")
    throw new InboxOptionError("--tls", "must be starttls or implicit");
  if (cert === undefined && key === undefined) return mode;
  if (mode === undefined || cert === undefined || key === undefined)
    throw new InboxOptionError("--tls", "--tls, --cert and --key must be given together");
  return { mode, cert: readText("--cert", cert), key: readText("--key", key) };
}

function readText(flag: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new InboxOptionError(flag, `cannot be read: ${error instanceof Error ? error.message : error}`, error);
  }
}

function keyOf(text: string): [name: string, record: string] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InboxOptionError("--dkim-key", "must be NAME=RECORD");
  return [text.slice(0, equals), text.slice(equals + 1)];
}

/**
 * Which server, how it is reached, and by which credentials: the options that all commands with a server share.
 */
import { type Command, InvalidArgumentError } from "commander";
import { type ConnectionOptions, SmtpClient } from "postrider";
import { type CliError, usageError } from "../cli-error.js";
import { ask, canAsk } from "../terminal/ask.js";
import { warn } from "../terminal/output.js";
import { seconds, someText } from "../terminal/values.js";
import { findCredentials } from "./credentials.js";
import { readProfile } from "./profile.js";
import { readTlsFiles } from "./tls-files.js";

/** The options as the command line gives them. */
export interface ServerOptions {
  readonly server?: string | undefined;
  readonly profile?: string | undefined;
  readonly user?: string | undefined;
  readonly passwordCommand?: string | undefined;
  readonly tokenCommand?: string | undefined;
  readonly auth?: readonly string[] | undefined;
  readonly tls?: boolean | undefined;
  /** False: `--no-starttls`. */
  readonly starttls?: boolean | undefined;
  readonly insecure?: boolean | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly certKey?: string | undefined;
  readonly proxy?: string | undefined;
  readonly helo?: string | undefined;
  /** Milliseconds. */
  readonly timeout?: number | undefined;
}

export interface ResolvedServer {
  readonly connection: ConnectionOptions;
  /** The sender that the profile names. */
  readonly from: string | undefined;
}

/** Adds the options of a server, under a heading of their own. */
export function addServerOptions(command: Command): Command {
  return command
    .optionsGroup("Server options:")
    .option("-s, --server <url>", "smtp://, smtps:// or lmtp://host:port (default: POSTRIDER_URL)")
    .option("-p, --profile <name>", "use the server and credentials saved by `postrider profile add`", someText)
    .option(
      "-u, --user <name>",
      "user name for login; the password comes from POSTRIDER_PASSWORD or a prompt",
      someText,
    )
    .option(
      "--password-command <command>",
      "run a shell command and read the password from its first line of output",
      someText,
    )
    .option(
      "--token-command <command>",
      "run a shell command and read an OAuth 2 access token from its first line of output",
      someText,
    )
    .option(
      "--auth <mechanism>",
      "allow only this SASL mechanism: PLAIN, LOGIN, XOAUTH2...; comma-separated list, repeatable",
      mechanisms,
    )
    .option("--tls", "use implicit TLS (default port: 465)")
    .option("--starttls", "require STARTTLS (default port: 587)")
    .option("--no-starttls", "do not use STARTTLS, even if the server offers it")
    .option("--ca <file>", "trust the CA certificates in this PEM file, in place of the default ones")
    .option("--insecure", "accept any server certificate; an attacker on the network can read and change everything")
    .option("--cert <file>", "client certificate in PEM; requires --cert-key")
    .option("--cert-key <file>", "private key of the client certificate in PEM; requires --cert")
    .option(
      "--proxy <url>",
      "connect through a proxy: http://, https://, socks5:// or socks4://[user:password@]host:port",
    )
    .option("--helo <name>", "host name to send in EHLO")
    .option(
      "--timeout <seconds>",
      "give up after this many seconds without progress (default: 60); the reply to a message may take 10 minutes",
      seconds,
    )
    .optionsGroup("Options:");
}

/** What stands where the credentials come from; help of every command that connects. */
export const SERVER_HELP = `
Password sources, in order of precedence:
  the URL, in POSTRIDER_URL or a profile (on the command line, other users can see it: the command prints a warning)
  --password-command or --token-command
  POSTRIDER_PASSWORD
  the profile
  a prompt on a terminal`;

/** `PLAIN,LOGIN`. */
function mechanisms(text: string, before: readonly string[] = []): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.includes("")) throw new InvalidArgumentError("It must be SASL mechanisms, such as PLAIN or PLAIN,LOGIN.");
  return [...before, ...names];
}

/**
 * @param given the server, where it is an argument.
 * @param wantsLogin false for what is done before a login: nothing is asked then.
 * @throws CliError when no server is named, or a password is missing and nobody can be asked.
 */
export async function resolveServer(
  options: ServerOptions,
  given?: string,
  { wantsLogin = true }: { readonly wantsLogin?: boolean } = {},
): Promise<ResolvedServer> {
  checkCombination(options, given);
  const fromCommandLine = given ?? options.server;
  const profile = options.profile === undefined ? undefined : await readProfile(options.profile);
  const text = serverUrl(fromCommandLine ?? profile?.url ?? (await urlElsewhere()));
  const url = takeApart(text);
  if (options.starttls === true && url.protocol === "smtps:") throw eitherTls("smtps://");
  if (fromCommandLine !== undefined && url.password !== "") {
    warn(
      "other users of this machine can read the password on the command line; use POSTRIDER_URL or POSTRIDER_PASSWORD",
    );
  }
  const reached: ConnectionOptions = { ...(await security(options)), ...route(options) };
  const connection = wantsLogin
    ? { ...reached, url: text, ...(await findCredentials(options, url, profile)) }
    : { ...reached, url: withoutCredentials(url).href };
  return { connection, from: profile?.from };
}

/** The server of a profile that is about to be kept, or of an answer: only its form is checked. @throws CliError, OptionError */
export function checkServer(text: string): URL {
  const url = takeApart(serverUrl(text));
  new SmtpClient({ url: withoutCredentials(url).href });
  return url;
}

function checkCombination(options: ServerOptions, given: string | undefined): void {
  if (options.server !== undefined && options.profile !== undefined) {
    throw usageError("--server and --profile cannot be combined");
  }
  if (given !== undefined && (options.server !== undefined || options.profile !== undefined)) {
    throw usageError("the server is given twice: name it once, by argument, --server or --profile");
  }
  if (options.tls === true && options.starttls === true) throw eitherTls("--tls");
  if ((options.cert === undefined) !== (options.certKey === undefined))
    throw usageError("--cert and --cert-key must be given together");
}

function eitherTls(other: string): CliError {
  return usageError(`${other} and --starttls cannot be combined: choose implicit TLS or STARTTLS`);
}

/** A URL, or only a name with or without a port (`mail.example.org:587`), as a URL. The library checks what it says. */
export function serverUrl(text: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `smtp://${text}`;
}

/** @throws CliError */
function takeApart(url: string): URL {
  try {
    return new URL(url);
  } catch {
    // SECURITY: the text may hold a password, and is not repeated.
    throw usageError(
      "the server must be a URL such as smtp://user@mail.example.org:587; percent-encode @ : / ? # in user and password",
    );
  }
}

export function withoutCredentials(url: URL): URL {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  return bare;
}

async function urlElsewhere(): Promise<string> {
  const { POSTRIDER_URL } = process.env;
  if (POSTRIDER_URL !== undefined && POSTRIDER_URL !== "") return POSTRIDER_URL;
  if (canAsk()) return ask("Server (smtp://host:port): ", checkServer);
  throw usageError("no server: give --server, --profile or POSTRIDER_URL");
}

async function security(options: ServerOptions): Promise<ConnectionOptions> {
  const { tls, starttls, insecure } = options;
  if (insecure === true) warn("--insecure: the server certificate is not verified");
  const node = { ...(await readTlsFiles(options)), ...(insecure === true ? { rejectUnauthorized: false } : {}) };
  return {
    ...(tls === true ? { useTls: true } : {}),
    ...(starttls === undefined ? {} : { startTls: starttls }),
    ...(Object.keys(node).length === 0 ? {} : { tls: node }),
  };
}

function route({ proxy, helo, timeout }: ServerOptions): ConnectionOptions {
  return {
    ...(proxy === undefined ? {} : { proxy }),
    ...(helo === undefined ? {} : { localHostname: helo }),
    ...(timeout === undefined ? {} : { timeout }),
  };
}

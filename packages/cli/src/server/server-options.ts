/**
 * Which server, and by which credentials: from the command line, a profile, the environment, or the person at the terminal.
 */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import type { ConnectionOptions } from "postrider";
import { cannotRead, usageError } from "../cli-error.js";
import { ask, askSecret, canAsk } from "../terminal/ask.js";
import { warn } from "../terminal/output.js";
import { readProfile } from "./profile.js";

/** The options as the command line gives them. */
export interface ServerOptions {
  readonly server?: string | undefined;
  readonly profile?: string | undefined;
  readonly user?: string | undefined;
  readonly ca?: string | undefined;
}

export interface ResolvedServer {
  readonly connection: ConnectionOptions;
  /** The sender that the profile names. */
  readonly from: string | undefined;
}

/** Adds `--server`, `--profile`, `--user` and `--ca`. */
export function addServerOptions(command: Command): Command {
  return command
    .option("-s, --server <url>", "smtp://, smtps:// or lmtp://host:port; else POSTRIDER_URL")
    .option("-p, --profile <name>", "a server and its password from the file of profiles")
    .option("-u, --user <name>", "log in as; the password comes from POSTRIDER_PASSWORD or a prompt")
    .option("--ca <file>", "trust the authorities in this PEM file");
}

/** What stands where the server comes from; help of every command that connects. */
export const SERVER_HELP = `
Password, the first there is of:
  the URL (POSTRIDER_URL or a profile; on the command line others can read it, which is warned of)
  POSTRIDER_PASSWORD
  the profile
  a prompt, on a terminal`;

/** @throws CliError when no server is named, or a password is missing and nobody can be asked. */
export async function resolveServer(options: ServerOptions, given?: string): Promise<ResolvedServer> {
  if (options.server !== undefined && options.profile !== undefined) {
    throw usageError("--server and --profile exclude each other");
  }
  if (given !== undefined && (options.server !== undefined || options.profile !== undefined)) {
    throw usageError("the server is given twice");
  }
  const fromCommandLine = given ?? options.server;
  const profile = options.profile === undefined ? undefined : await readProfile(options.profile);
  const text = serverUrl(fromCommandLine ?? profile?.url ?? (await urlElsewhere()));
  const url = takeApart(text);
  if (fromCommandLine !== undefined && url.password !== "") {
    warn(
      "the password on the command line can be read by others on this machine; use POSTRIDER_URL or POSTRIDER_PASSWORD",
    );
  }
  const username = options.user ?? profile?.username;
  const connection: ConnectionOptions = {
    url: text,
    ...(username === undefined ? {} : { username }),
    ...(await readAuthorities(options.ca)),
  };
  const password =
    url.password !== "" ? undefined : await findPassword(username ?? userOf(url), url, profile?.password);
  return { connection: password === undefined ? connection : { ...connection, password }, from: profile?.from };
}

/** A URL, or only a name with or without a port (`mail.example.org:587`), as a URL. The library checks what it says. */
function serverUrl(text: string): string {
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

async function urlElsewhere(): Promise<string> {
  const { POSTRIDER_URL } = process.env;
  if (POSTRIDER_URL !== undefined && POSTRIDER_URL !== "") return POSTRIDER_URL;
  if (canAsk()) return ask("Server (smtp://host:port): ");
  throw usageError("no server: give --server, --profile or POSTRIDER_URL");
}

async function findPassword(
  username: string | undefined,
  url: URL,
  inProfile: string | undefined,
): Promise<string | undefined> {
  if (username === undefined) return undefined;
  const { POSTRIDER_PASSWORD } = process.env;
  if (POSTRIDER_PASSWORD !== undefined && POSTRIDER_PASSWORD !== "") return POSTRIDER_PASSWORD;
  if (inProfile !== undefined) return inProfile;
  if (canAsk()) return askSecret(`Password of ${username} at ${url.hostname}: `);
  throw usageError(`no password for ${username}: set POSTRIDER_PASSWORD, or use a profile`);
}

function userOf(url: URL): string | undefined {
  if (url.username === "") return undefined;
  try {
    return decodeURIComponent(url.username);
  } catch {
    throw usageError("the user name in the URL has a % that does not start a percent-encoded character");
  }
}

async function readAuthorities(file: string | undefined): Promise<ConnectionOptions> {
  if (file === undefined) return {};
  try {
    return { tls: { ca: await readFile(file) } };
  } catch (error) {
    throw cannotRead("the file of authorities", file, error);
  }
}

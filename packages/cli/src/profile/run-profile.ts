/**
 * What `postrider profile ...` does.
 */
import { EmailMessage } from "postrider";
import { type Provider, providers } from "postrider/providers";
import { CliError, usageError } from "../cli-error.js";
import { EXIT, type ExitCode } from "../exit-code.js";
import { passwordOf, userOf } from "../server/credentials.js";
import {
  checkProfile,
  findProfile,
  type Profile,
  profilesFile,
  readProfile,
  readProfiles,
  requireProfile,
  writeProfile,
} from "../server/profile.js";
import { checkServer, serverUrl, withoutCredentials } from "../server/server-options.js";
import { ask, askOptional, askSecret, canAsk } from "../terminal/ask.js";
import { type Line, note, paint, print, printJson } from "../terminal/output.js";
import { presetOf, presetUrl } from "./presets.js";

export interface AddOptions {
  readonly provider?: string | undefined;
  readonly region?: string | undefined;
  readonly server?: string | undefined;
  readonly user?: string | undefined;
  readonly from?: string | undefined;
  readonly passwordCommand?: string | undefined;
  readonly tokenCommand?: string | undefined;
  readonly replace: boolean;
}

export interface ShowOptions {
  readonly json: boolean;
}

/** What `--profile` is typed as; nothing that a shell or JSON would have to quote. */
const NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;

export async function addProfile(name: string, options: AddOptions): Promise<ExitCode> {
  if (!NAME.test(name)) throw usageError("the name of a profile must be letters, digits, - _ and dots");
  checkCombination(options);
  if ((await findProfile(name)) !== undefined && !options.replace) {
    throw usageError(`the profile ${name} already exists; use --replace to overwrite it`);
  }
  const { url, preset } = await readServer(options);
  if (preset?.login !== undefined && canAsk()) note(`${preset.title}: ${preset.login}`);
  const username = await readUser(options, url, preset);
  if (username === undefined) checkNoSecret(options);
  const secret = username === undefined ? {} : await readSecrets(username, url, options);
  const from = await readFrom(options, username);
  await writeProfile(name, {
    url: withoutCredentials(url).href,
    ...(username === undefined ? {} : { username }),
    ...secret,
    ...(from === undefined ? {} : { from }),
  });
  note(`saved in ${profilesFile()}; to test it: postrider check --profile ${name}`);
  return EXIT.ok;
}

function checkCombination({ provider, region, server, passwordCommand, tokenCommand, from }: AddOptions): void {
  if (provider !== undefined && server !== undefined) throw usageError("--provider and --server cannot be combined");
  if (region !== undefined && provider === undefined) throw usageError("--region requires --provider");
  if (passwordCommand !== undefined && tokenCommand !== undefined) {
    throw usageError("--password-command and --token-command cannot be combined");
  }
  if (from !== undefined) checkAuthor(from);
}

/** Without a user it would be kept and never used. */
function checkNoSecret({ passwordCommand, tokenCommand }: AddOptions): void {
  const flag = tokenCommand === undefined ? passwordCommand && "--password-command" : "--token-command";
  if (flag !== undefined) throw usageError(`${flag} needs a user: --user, or a name in the URL`);
}

interface Server {
  readonly url: URL;
  readonly preset: Provider | undefined;
}

async function readServer({ provider, region, server }: AddOptions): Promise<Server> {
  if (provider !== undefined) return ofProvider(provider, await readRegion(presetOf(provider), region));
  if (server !== undefined) return { url: checkServer(server), preset: undefined };
  if (!canAsk()) throw usageError("--provider or --server is missing");
  const answer = await ask("Provider, or server (gmail, smtp://host:port): ", ofAnswer);
  const meant = ofAnswer(answer);
  return meant instanceof URL
    ? { url: meant, preset: undefined }
    : ofProvider(meant.name, await readRegion(meant, region));
}

/** A name without a dot is meant as a provider's; "mail.example.org" is a server. */
function ofAnswer(text: string): Provider | URL {
  const isKnown = providers.some(
    ({ name, aliases }) => name === text.toLowerCase() || aliases.includes(text.toLowerCase()),
  );
  return isKnown || /^[\w-]+$/.test(text) ? presetOf(text) : checkServer(text);
}

/** Asked for only where the provider has no server without one. */
async function readRegion({ name, title, hostname }: Provider, given: string | undefined): Promise<string | undefined> {
  if (given !== undefined || !hostname.includes("{region}") || !canAsk()) return given;
  return ask(`Region of ${title}, such as eu-west-1: `, (region) => presetUrl(name, region));
}

function ofProvider(name: string, region: string | undefined): Server {
  const preset = presetOf(name);
  return { url: new URL(serverUrl(presetUrl(preset.name, region))), preset };
}

/** As the table says it: "None.", "or none, from an IP address". */
const WITHOUT_LOGIN = /\bnone\b/i;

async function readUser({ user }: AddOptions, url: URL, preset: Provider | undefined): Promise<string | undefined> {
  const known = user ?? userOf(url) ?? preset?.username;
  if (known !== undefined) return known;
  const needsOne = preset !== undefined && !WITHOUT_LOGIN.test(preset.login ?? "");
  if (!canAsk()) {
    if (needsOne) throw usageError(`--user is missing: ${preset.title} requires a login`);
    return undefined;
  }
  if (needsOne) return ask("User: ");
  const answer = await askOptional("User (empty: no login): ", () => undefined);
  return answer === "" ? undefined : answer;
}

type Secrets = Pick<Profile, "password" | "passwordCommand" | "tokenCommand">;

async function readSecrets(username: string, url: URL, options: AddOptions): Promise<Secrets> {
  const { passwordCommand, tokenCommand } = options;
  if (passwordCommand !== undefined) return { passwordCommand };
  if (tokenCommand !== undefined) return { tokenCommand };
  const inUrl = passwordOf(url);
  if (inUrl !== undefined) return { password: inUrl };
  const { POSTRIDER_PASSWORD } = process.env;
  if (POSTRIDER_PASSWORD !== undefined && POSTRIDER_PASSWORD !== "") return { password: POSTRIDER_PASSWORD };
  if (!canAsk()) throw usageError(`no password for ${username}: set POSTRIDER_PASSWORD, or use --password-command`);
  const password = await askSecret(`Password of ${username} (empty: asked for at each use): `);
  return password === "" ? {} : { password };
}

async function readFrom({ from }: AddOptions, username: string | undefined): Promise<string | undefined> {
  if (from !== undefined) return from;
  const usual = username !== undefined && isAuthor(username) ? username : undefined;
  if (!canAsk()) return usual;
  const question = usual === undefined ? "From (empty: given each time): " : `From (empty: ${usual}): `;
  const answer = await askOptional(question, (text) => text === "" || checkAuthor(text));
  return answer === "" ? usual : answer;
}

/** @throws AddressError */
function checkAuthor(text: string): EmailMessage {
  return new EmailMessage({ from: text });
}

function isAuthor(text: string): boolean {
  try {
    return checkAuthor(text) !== undefined;
  } catch {
    return false;
  }
}

export async function listProfiles({ json }: ShowOptions): Promise<ExitCode> {
  const profiles = Object.entries((await readProfiles()) ?? {});
  const shown: ({ readonly name: string } & PublicProfile)[] = [];
  const faults: string[] = [];
  for (const [name, profile] of profiles) {
    try {
      shown.push({ name, ...publicOf(checkProfile(name, profile)) });
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      faults.push(error.message);
    }
  }
  if (json) printJson(shown);
  else
    for (const { name, url, username } of shown)
      print([paint("bold", name), `  ${url}${username === undefined ? "" : `  ${username}`}`]);
  if (profiles.length === 0) note(`there are no profiles; create one with \`postrider profile add NAME\``);
  for (const fault of faults) note(fault);
  return faults.length === 0 ? EXIT.ok : EXIT.data;
}

export async function showProfile(name: string, { json }: ShowOptions): Promise<ExitCode> {
  const shown = { name, ...publicOf(await readProfile(name)) };
  if (json) printJson(shown);
  else for (const [key, value] of Object.entries(shown)) if (value !== undefined) print(row(key, String(value)));
  return EXIT.ok;
}

export async function removeProfile(name: string): Promise<ExitCode> {
  await requireProfile(name);
  await writeProfile(name, undefined);
  note(`${name} was removed from ${profilesFile()}`);
  return EXIT.ok;
}

export function listProviders({ json }: ShowOptions): ExitCode {
  if (json) printJson(providers);
  else
    for (const { name, title, hostname, port, login } of providers) {
      print([
        paint("bold", name.padEnd(18)),
        `${title}  ${hostname}:${port}${login === undefined ? "" : `  ${login}`}`,
      ]);
    }
  return EXIT.ok;
}

const NO_URL = "must be a URL such as smtp://mail.example.org:587";

interface PublicProfile {
  readonly url: string;
  readonly username: string | undefined;
  readonly from: string | undefined;
  /** SECURITY: how it logs in, and never with what. */
  readonly login: "OAuth 2" | "password" | undefined;
}

function publicOf(profile: Profile): PublicProfile {
  // As for a connection: a name with or without a port is a server, too.
  const text = serverUrl(profile.url);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw new CliError(EXIT.data, `${profilesFile()}: url ${NO_URL}`);
  const isToken = (profile.tokenCommand ?? profile.oauth) !== undefined;
  const isPassword = (profile.passwordCommand ?? profile.password) !== undefined || url.password !== "";
  return {
    url: withoutCredentials(url).href,
    username: profile.username ?? userOf(url),
    from: profile.from,
    login: isToken ? "OAuth 2" : isPassword ? "password" : undefined,
  };
}

function row(key: string, value: string): Line {
  return [paint("dim", key.padEnd(10)), value];
}

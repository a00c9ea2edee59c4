/**
 * Profiles: servers with their credentials under a name, in one file that nobody else may read.
 */
import { mkdir, readFile, realpath, rename, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { CliError, cannotRead, cannotWrite, systemCode, usageError } from "../cli-error.js";
import { EXIT } from "../exit-code.js";
import { checkPrivate, writePrivate } from "../private-file.js";

export interface Profile {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** A shell command that prints the password. */
  readonly passwordCommand?: string | undefined;
  /** A shell command that prints an access token. */
  readonly tokenCommand?: string | undefined;
  /** What `--from` is when it is not given. */
  readonly from?: string | undefined;
  /** As `postrider oauth login` keeps it. */
  readonly oauth?: ProfileOAuth | undefined;
}

export interface ProfileOAuth {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly refreshToken: string;
  readonly scope?: string | undefined;
}

const TEXTS = ["url", "username", "password", "passwordCommand", "tokenCommand", "from"] as const;
const OAUTH_TEXTS = ["tokenUrl", "clientId", "clientSecret", "refreshToken", "scope"] as const;

/** `POSTRIDER_PROFILES`, else `postrider/profiles.json` where configuration lies. */
export function profilesFile(): string {
  const { POSTRIDER_PROFILES, XDG_CONFIG_HOME } = process.env;
  if (POSTRIDER_PROFILES !== undefined && POSTRIDER_PROFILES !== "") return POSTRIDER_PROFILES;
  const folder = XDG_CONFIG_HOME === undefined || XDG_CONFIG_HOME === "" ? join(homedir(), ".config") : XDG_CONFIG_HOME;
  return join(folder, "postrider", "profiles.json");
}

/** @throws CliError when there is none of that name, or the file is open to others. */
export async function readProfile(name: string): Promise<Profile> {
  return checkProfile(name, await requireProfile(name));
}

/** The profile as it stands in the file, unchecked. @throws CliError when there is none of that name */
export async function requireProfile(name: string): Promise<unknown> {
  const file = profilesFile();
  const profiles = await readProfiles();
  if (profiles !== undefined && Object.hasOwn(profiles, name)) return profiles[name];
  if (profiles === undefined) {
    throw usageError(`there are no profiles: ${file} does not exist; \`postrider profile add ${name}\` makes it`);
  }
  const names = Object.keys(profiles);
  throw usageError(`${file} has no profile ${name}; it has ${names.length === 0 ? "none" : names.join(", ")}`);
}

/** Undefined when there is none of that name. @throws CliError when the file is open to others, or the profile is wrong. */
export async function findProfile(name: string): Promise<Profile | undefined> {
  const profiles = (await readProfiles()) ?? {};
  return Object.hasOwn(profiles, name) ? checkProfile(name, profiles[name]) : undefined;
}

/** All of them, unchecked; undefined when there is no file. @throws CliError */
export async function readProfiles(): Promise<Readonly<Record<string, unknown>> | undefined> {
  const file = profilesFile();
  try {
    // SECURITY: a file with passwords that others may read or write is not used until that is mended.
    checkPrivate(await stat(file), file);
    return parse(await readFile(file, "utf8"), file);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error instanceof CliError ? error : cannotRead("the file of profiles", file, error);
  }
}

/** Adds a profile, or replaces the one of that name; undefined removes it. @throws CliError */
export async function writeProfile(name: string, profile: Profile | undefined): Promise<void> {
  const { [name]: _old, ...others } = (await readProfiles()) ?? {};
  // A link, as those who keep such files elsewhere have it, stays one.
  const file = await realpath(profilesFile()).catch(profilesFile);
  const all = profile === undefined ? others : { ...others, [name]: profile };
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    // A second file that takes the place of the first: a crash between loses no profile.
    await writePrivate("the file of profiles", `${file}.new`, `${JSON.stringify(all, undefined, 2)}\n`);
    await rename(`${file}.new`, file);
  } catch (error) {
    throw error instanceof CliError ? error : cannotWrite("the file of profiles", file, error);
  }
}

/** The provider has replaced the refresh token of a profile: the old one may not work again. @throws CliError */
export async function keepRefreshToken(name: string, refreshToken: string): Promise<void> {
  const profile = await readProfile(name);
  if (profile.oauth !== undefined) await writeProfile(name, { ...profile, oauth: { ...profile.oauth, refreshToken } });
}

function parse(text: string, file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // SECURITY: the parser's own words quote the file, passwords included.
    throw new CliError(EXIT.data, `${file} is not valid JSON`);
  }
  if (!isRecord(value))
    throw new CliError(EXIT.data, `${file} must hold an object: { "name": { "url": "smtp://..." } }`);
  return value;
}

/** @throws CliError that names the key, never a value */
export function checkProfile(name: string, value: unknown): Profile {
  const where = `${profilesFile()}: ${name}`;
  if (!isRecord(value)) throw new CliError(EXIT.data, `${where}: must be an object with "url"`);
  const { oauth, ...texts } = value;
  checkTexts(texts, TEXTS, where, ["oauth"]);
  if (texts["url"] === undefined) throw new CliError(EXIT.data, `${where}: url is missing`);
  const given = texts as { url: string } & { readonly [Key in (typeof TEXTS)[number]]?: string };
  return oauth === undefined ? given : { ...given, oauth: checkOAuth(oauth, `${where}: oauth`) };
}

function checkOAuth(value: unknown, where: string): ProfileOAuth {
  if (!isRecord(value))
    throw new CliError(EXIT.data, `${where} must be an object, as \`postrider oauth login\` makes it`);
  checkTexts(value, OAUTH_TEXTS, where);
  for (const key of ["tokenUrl", "clientId", "refreshToken"]) {
    if (value[key] === undefined) throw new CliError(EXIT.data, `${where}: ${key} is missing`);
  }
  return value as unknown as ProfileOAuth;
}

function checkTexts(
  value: Record<string, unknown>,
  known: readonly string[],
  where: string,
  others: readonly string[] = [],
): void {
  for (const [key, one] of Object.entries(value)) {
    if (!known.includes(key)) {
      throw new CliError(
        EXIT.data,
        `${where}: ${key} is not a known field; the fields are ${[...known, ...others].join(", ")}`,
      );
    }
    if (typeof one !== "string" || one === "")
      throw new CliError(EXIT.data, `${where}: ${key} must be a non-empty string`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Profiles: servers with their credentials under a name, in one file that nobody else may read.
 */
import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { CliError, cannotRead, systemCode, usageError } from "../cli-error.js";
import { EXIT } from "../exit-code.js";
import { checkPrivate } from "../private-file.js";

export interface Profile {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** What `--from` is when it is not given. */
  readonly from?: string | undefined;
}

const KEYS: readonly (keyof Profile)[] = ["url", "username", "password", "from"];

/** `POSTRIDER_PROFILES`, else `postrider/profiles.json` where configuration lies. */
function profilesFile(): string {
  const { POSTRIDER_PROFILES, XDG_CONFIG_HOME } = process.env;
  if (POSTRIDER_PROFILES !== undefined && POSTRIDER_PROFILES !== "") return POSTRIDER_PROFILES;
  const folder = XDG_CONFIG_HOME === undefined || XDG_CONFIG_HOME === "" ? join(homedir(), ".config") : XDG_CONFIG_HOME;
  return join(folder, "postrider", "profiles.json");
}

/** @throws CliError when there is none of that name, or the file is open to others. */
export async function readProfile(name: string): Promise<Profile> {
  const file = profilesFile();
  await checkFile(file);
  const profiles = parse(await readFile(file, "utf8"), file);
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile === undefined) {
    const names = Object.keys(profiles);
    throw usageError(`${file} has no profile ${name}; it has ${names.length === 0 ? "none" : names.join(", ")}`);
  }
  return checkProfile(profile, `${file}: ${name}`);
}

/** SECURITY: a file with passwords that others may read or write is not used until that is mended. */
async function checkFile(file: string): Promise<void> {
  const stats = await stat(file).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") throw usageError(`there are no profiles: ${file} does not exist`);
    throw cannotRead("the file of profiles", file, error);
  });
  checkPrivate(stats, file);
}

function parse(text: string, file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // SECURITY: the parser's own words quote the file, passwords included.
    throw new CliError(EXIT.data, `${file} is no JSON`);
  }
  if (!isRecord(value))
    throw new CliError(EXIT.data, `${file} must hold an object: { "name": { "url": "smtp://..." } }`);
  return value;
}

function checkProfile(value: unknown, where: string): Profile {
  if (!isRecord(value)) throw new CliError(EXIT.data, `${where}: must be an object with "url"`);
  for (const [key, one] of Object.entries(value)) {
    if (!KEYS.some((known) => known === key)) {
      throw new CliError(EXIT.data, `${where}: ${key} is not known; there are ${KEYS.join(", ")}`);
    }
    if (typeof one !== "string" || one === "")
      throw new CliError(EXIT.data, `${where}: ${key} must be text, not empty`);
  }
  const { url, username, password, from } = value as { readonly [Key in keyof Profile]?: string };
  if (url === undefined) throw new CliError(EXIT.data, `${where}: url is missing`);
  return { url, username, password, from };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

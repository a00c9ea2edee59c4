/**
 * By which credentials a command logs in: from the URL, a command, the environment, a profile, or the person at the terminal.
 */
import { type ConnectionOptions, oauth2 } from "postrider";
import { type CliError, usageError } from "../cli-error.js";
import { askSecret, canAsk } from "../terminal/ask.js";
import { keepRefreshToken, type Profile } from "./profile.js";
import { readSecret } from "./secret-command.js";

export interface CredentialOptions {
  readonly user?: string | undefined;
  readonly profile?: string | undefined;
  readonly passwordCommand?: string | undefined;
  readonly tokenCommand?: string | undefined;
  readonly auth?: readonly string[] | undefined;
}

type Login = Pick<ConnectionOptions, "username" | "password" | "accessToken" | "authMethods">;

/** @throws CliError when they are missing, or given twice */
export async function findCredentials(
  options: CredentialOptions,
  url: URL,
  profile: Profile | undefined,
): Promise<Login> {
  checkOnce(options, url);
  const username = options.user ?? profile?.username;
  const user = username ?? userOf(url);
  const named = {
    ...(username === undefined ? {} : { username }),
    ...(options.auth === undefined ? {} : { authMethods: options.auth }),
  };
  if (user === undefined) {
    const flag =
      options.tokenCommand !== undefined ? "--token-command" : options.passwordCommand && "--password-command";
    if (flag !== undefined) throw needsUser(flag);
    if (options.auth !== undefined && !isExternal(options.auth)) throw needsUser("--auth");
    return named;
  }
  if (url.password !== "") return named;
  // The certificate is the credential.
  if (isExternal(options.auth)) return named;
  return { ...named, ...(await findSecret(user, options, url, profile)) };
}

function isExternal(auth: readonly string[] | undefined): boolean {
  return auth?.some((name) => name.toUpperCase() === "EXTERNAL") === true;
}

function needsUser(flag: string): CliError {
  return usageError(`${flag} needs a user: --user, or a name in the URL`);
}

/** The name in the URL. @throws CliError */
export function userOf(url: URL): string | undefined {
  return url.username === "" ? undefined : decoded("user name", url.username);
}

/** The password in the URL. @throws CliError */
export function passwordOf(url: URL): string | undefined {
  return url.password === "" ? undefined : decoded("password", url.password);
}

function decoded(what: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw usageError(`the ${what} in the URL has a % that does not start a percent-encoded character`);
  }
}

function checkOnce({ passwordCommand, tokenCommand }: CredentialOptions, url: URL): void {
  if (passwordCommand !== undefined && tokenCommand !== undefined) {
    throw usageError("--password-command and --token-command cannot be combined");
  }
  if (url.password === "") return;
  const flag = tokenCommand === undefined ? "--password-command" : "--token-command";
  if ((tokenCommand ?? passwordCommand) !== undefined) throw usageError(`${flag}: the URL has a password already`);
}

/** Mechanisms that take a token (RFC 7628). */
const OF_TOKENS: ReadonlySet<string> = new Set(["XOAUTH2", "OAUTHBEARER"]);

async function findSecret(
  user: string,
  { passwordCommand, tokenCommand, auth, profile: name }: CredentialOptions,
  url: URL,
  profile: Profile | undefined,
): Promise<Login> {
  if (tokenCommand !== undefined) return tokenBy("--token-command", tokenCommand);
  if (passwordCommand !== undefined) return { password: await readSecret("--password-command", passwordCommand) };
  const { POSTRIDER_PASSWORD } = process.env;
  const inEnvironment = POSTRIDER_PASSWORD === "" ? undefined : POSTRIDER_PASSWORD;
  const wantsToken = auth?.every((one) => OF_TOKENS.has(one.toUpperCase())) ?? false;
  if (inEnvironment !== undefined && !wantsToken) return { password: inEnvironment };
  if (profile?.tokenCommand !== undefined) return tokenBy("tokenCommand of the profile", profile.tokenCommand);
  if (profile?.oauth !== undefined && name !== undefined) {
    const onRefreshToken = (token: string): Promise<void> => keepRefreshToken(name, token);
    return { accessToken: oauth2({ ...profile.oauth, onRefreshToken }) };
  }
  if (wantsToken)
    throw usageError(`--auth ${auth?.join()} needs a token: --token-command, or \`postrider oauth login\``);
  if (profile?.passwordCommand !== undefined) {
    return { password: await readSecret("passwordCommand of the profile", profile.passwordCommand) };
  }
  if (profile?.password !== undefined) return { password: profile.password };
  if (canAsk()) return { password: await askSecret(`Password of ${user} at ${url.hostname}: `) };
  throw usageError(`no password for ${user}: set POSTRIDER_PASSWORD, or use --password-command or a profile`);
}

/** Run for each connection: a token ends after an hour or so. */
function tokenBy(what: string, command: string): Login {
  return { accessToken: () => readSecret(what, command) };
}

/**
 * What `postrider oauth login` does.
 */
import { parseAddressList } from "postrider";
import { usageError } from "../cli-error.js";
import { EXIT, type ExitCode } from "../exit-code.js";
import { presetUrl } from "../profile/presets.js";
import { findProfile, type Profile, type ProfileOAuth, profilesFile, writeProfile } from "../server/profile.js";
import { ask, canAsk } from "../terminal/ask.js";
import { note, print, printJson } from "../terminal/output.js";
import { CodeFlow, type Tokens } from "./code-flow.js";
import { Loopback } from "./loopback.js";
import { OAUTH_PROVIDERS, type OAuthClient, type OAuthClientOptions, resolveClient } from "./oauth-client.js";
import { openBrowser } from "./open-browser.js";

export interface OAuthLoginOptions extends OAuthClientOptions {
  readonly user?: string | undefined;
  readonly profile?: string | undefined;
  readonly port: number;
  readonly browser: boolean;
  /** Milliseconds. */
  readonly timeout: number;
  readonly json: boolean;
}

export async function runLogin(options: OAuthLoginOptions): Promise<ExitCode> {
  const client = await resolveClient(options);
  // What the profile lacks is found out before anybody consents to anything.
  const profile = options.profile === undefined ? undefined : await profileFor(options.profile, options);
  await using loopback = await Loopback.open(client.redirectHost, options.port);
  const flow = new CodeFlow(client, loopback.redirectUri);
  const page = await flow.pageUrl(options.user ?? profile?.username);
  note("Open this page and consent; it redirects back to this machine:");
  note(page);
  if (options.browser) openBrowser(page);
  const tokens = await flow.tokens(await loopback.answer(options.timeout));
  if (options.profile !== undefined && profile !== undefined) {
    await writeProfile(options.profile, { ...profile, oauth: oauthOf(client, tokens) });
    note(`saved in ${profilesFile()} as ${options.profile}; to test it: postrider check --profile ${options.profile}`);
  }
  report(client, tokens, options);
  return EXIT.ok;
}

function report(client: OAuthClient, tokens: Tokens, { json, profile }: OAuthLoginOptions): void {
  const { tokenUrl, clientId, scope } = client;
  if (json)
    return printJson({ tokenUrl, clientId, scope: tokens.scope ?? scope, ...(profile === undefined ? tokens : {}) });
  if (profile !== undefined) return;
  print(`refresh token  ${tokens.refreshToken}`);
  note(
    "SECURITY: it logs in until it is revoked. For oauth2() of the library, with the same tokenUrl, clientId and secret.",
  );
}

function oauthOf({ tokenUrl, clientId, clientSecret }: OAuthClient, { refreshToken }: Tokens): ProfileOAuth {
  return { tokenUrl, clientId, ...(clientSecret === undefined ? {} : { clientSecret }), refreshToken };
}

/** The profile without its other secrets; a new one needs a provider with a server, and a user. @throws CliError */
async function profileFor(name: string, { user, provider }: OAuthLoginOptions): Promise<Profile> {
  const known = await findProfile(name);
  const server = provider === undefined ? undefined : OAUTH_PROVIDERS[provider]?.server;
  const url = known?.url ?? (server === undefined ? undefined : presetUrl(server));
  if (url === undefined) {
    throw usageError(`there is no profile ${name}: add it by \`postrider profile add ${name}\`, or give --provider`);
  }
  const username = user ?? known?.username ?? (await askUser());
  return { url, username, from: known?.from ?? username };
}

async function askUser(): Promise<string> {
  if (canAsk()) return ask("Mailbox: ", (answer) => parseAddressList(answer, "--user"));
  throw usageError("--user is missing: give the mailbox to log in with");
}

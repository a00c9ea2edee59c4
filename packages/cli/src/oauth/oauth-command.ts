/**
 * `postrider oauth login`: its options and its help.
 */
import { type Command, Option } from "commander";
import type { CommandContext } from "../command-context.js";
import { port, seconds } from "../terminal/values.js";
import { OAUTH_PROVIDERS } from "./oauth-client.js";
import type { OAuthLoginOptions } from "./run-login.js";

const HELP = `
Examples:
  postrider oauth login --provider google --client-file client_secret.json --user ann@gmail.com --profile gmail
  postrider oauth login --provider microsoft --client-id 6731de76-... --user ann@example.org --profile work
  postrider oauth login --auth-url https://id.example.org/authorize --token-url https://id.example.org/token \\
      --client-id mail --scope "smtp offline_access"

It opens the provider's page in a browser, where you consent, and receives the answer on a port of this machine (RFC 8252, with
PKCE). The refresh token that results is kept in the profile, which commands then log in with; without --profile it is printed, for
oauth2() of the library.

--client-file is the JSON that Google's console offers for a client of the type "Desktop app". The secret of another client comes
from POSTRIDER_CLIENT_SECRET; many desktop clients have none.

Exit codes: 0, 64 usage, 66 the file of the client is missing, 69 refused, 75 the provider cannot be reached, or nobody consented.`;

export function addOAuthCommand(program: Command, context: CommandContext): void {
  program
    .command("oauth")
    .description("OAuth 2 in place of a password, for Gmail, Microsoft 365 and others")
    .command("login")
    .description("get a refresh token by your consent in a browser")
    .addOption(new Option("--provider <name>", "whose account it is").choices(Object.keys(OAUTH_PROVIDERS)))
    .option("--client-file <file>", "the client as Google's console saves it, JSON")
    .option("--client-id <id>", "the client that the provider registered for you")
    .option("--tenant <id>", "Microsoft: the directory of a client that is for one organisation only")
    .option("--auth-url <url>", "another provider's authorization endpoint")
    .option("--token-url <url>", "its token endpoint")
    .option("--scope <scopes>", "what to ask consent for, with spaces between")
    .option("-u, --user <address>", "the mailbox: the page has it chosen already")
    .option("-p, --profile <name>", "keep the refresh token in this profile")
    .option("--port <port>", "where the answer is received (default: any free port)", port, 0)
    .option("--no-browser", "only print the address of the page")
    .option("--timeout <seconds>", "wait so long for the consent (300)", seconds, 300_000)
    .option("--json", "print the tokens as JSON", false)
    .addHelpText("after", HELP)
    .action(async (options: OAuthLoginOptions) => {
      const { runLogin } = await import("./run-login.js");
      context.finish(await runLogin(options));
    });
}

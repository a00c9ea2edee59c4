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

The command opens the provider's consent page in a browser and receives the redirect on a local port (RFC 8252, with PKCE). It saves
the refresh token in the profile, and other commands log in with that profile. Without --profile it prints the token, for oauth2() of
the library.

--client-file is the JSON file that Google's console offers for a client of the type "Desktop app". The client secret of another
client comes from POSTRIDER_CLIENT_SECRET; many desktop clients have none.

Exit codes: 0, 64 usage, 66 client file not found, 69 rejected, 75 the provider cannot be reached, or no consent in time.`;

export function addOAuthCommand(program: Command, context: CommandContext): void {
  program
    .command("oauth")
    .description("log in with OAuth 2 instead of a password: Gmail, Microsoft 365 and others")
    .command("login")
    .description("get a refresh token by consent in a browser")
    .addOption(new Option("--provider <name>", "OAuth provider of the account").choices(Object.keys(OAUTH_PROVIDERS)))
    .option("--client-file <file>", "client secret file from Google's console, JSON")
    .option("--client-id <id>", "ID of your OAuth client")
    .option("--tenant <id>", "Microsoft tenant ID, for a single-tenant client")
    .option("--auth-url <url>", "authorization endpoint of another provider")
    .option("--token-url <url>", "token endpoint of another provider")
    .option("--scope <scopes>", "scopes to request, separated by spaces")
    .option("-u, --user <address>", "mailbox to preselect on the consent page")
    .option("-p, --profile <name>", "save the refresh token in this profile")
    .addOption(new Option("--port <port>", "local port for the redirect").argParser(port).default(0, "any free port"))
    .option("--no-browser", "print the URL of the consent page and open no browser")
    .addOption(
      new Option("--timeout <seconds>", "how long to wait for consent").argParser(seconds).default(300_000, "300"),
    )
    .option("--json", "print the tokens as JSON", false)
    .addHelpText("after", HELP)
    .action(async (options: OAuthLoginOptions) => {
      const { runLogin } = await import("./run-login.js");
      context.finish(await runLogin(options));
    });
}

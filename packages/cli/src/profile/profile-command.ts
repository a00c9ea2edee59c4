/**
 * `postrider profile ...`: its commands, their options and their help.
 */
import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";
import { someText } from "../terminal/values.js";
import type { AddOptions, ShowOptions } from "./run-profile.js";

const HELP = `
Examples:
  postrider profile add work                                        # asks for what it needs
  postrider profile add gmail --provider gmail --user ann@gmail.com
  postrider profile add aws --provider ses --region eu-west-1 --user AKIA... --from shop@example.org
  postrider profile add relay --server smtp://relay.example.org:25 --from noreply@example.org
  postrider profile add vault --provider fastmail --user ann@example.org --password-command "pass show mail"
  postrider profile list

A password is asked for on a terminal, or taken from POSTRIDER_PASSWORD. It is kept in a file that only you can read:
~/.config/postrider/profiles.json, or what POSTRIDER_PROFILES names. --password-command keeps no password there.

Exit codes: 0, 64 usage, 65 a profile is malformed, 73 the file cannot be written, 77 the file is open to others.`;

export function addProfileCommand(program: Command, context: CommandContext): void {
  const profile = program.command("profile").description("servers with their credentials, for --profile");
  profile.addHelpText("after", HELP);
  profile
    .command("add <name>")
    .description("keep a server and its credentials under a name")
    .option(
      "--provider <name>",
      "the server of a provider: gmail, microsoft365, ses, postmark... (`profile providers`)",
    )
    .option("--region <region>", "of a provider that has several, such as eu-west-1")
    .option("-s, --server <url>", "smtp://, smtps:// or lmtp://host:port, in place of --provider")
    .option("-u, --user <name>", "who logs in", someText)
    .option("-f, --from <address>", "what --from is when it is not given")
    .option("--password-command <command>", "a shell command that prints the password", someText)
    .option("--token-command <command>", "a shell command that prints an OAuth 2 access token", someText)
    .option("--replace", "in place of a profile of that name", false)
    .action(async (name: string, options: AddOptions) => {
      const { addProfile } = await import("./run-profile.js");
      context.finish(await addProfile(name, options));
    });
  profile
    .command("list")
    .description("the names of all profiles, with their servers")
    .option("--json", "print JSON", false)
    .action(async (options: ShowOptions) => {
      const { listProfiles } = await import("./run-profile.js");
      context.finish(await listProfiles(options));
    });
  profile
    .command("show <name>")
    .description("one profile, without its secrets")
    .option("--json", "print JSON", false)
    .action(async (name: string, options: ShowOptions) => {
      const { showProfile } = await import("./run-profile.js");
      context.finish(await showProfile(name, options));
    });
  profile
    .command("remove <name>")
    .description("forget a profile and its secrets")
    .action(async (name: string) => {
      const { removeProfile } = await import("./run-profile.js");
      context.finish(await removeProfile(name));
    });
  profile
    .command("providers")
    .description("the providers that --provider knows, with what they log in with")
    .option("--json", "print JSON", false)
    .action(async (options: ShowOptions) => {
      const { listProviders } = await import("./run-profile.js");
      context.finish(listProviders(options));
    });
}

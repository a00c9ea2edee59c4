/**
 * `postrider profile ...`: its commands, their options and their help.
 */
import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";
import { someText } from "../terminal/values.js";
import type { AddOptions, ShowOptions } from "./run-profile.js";

const HELP = `
Examples:
  postrider profile add work                                        # prompts for server and credentials
  postrider profile add gmail --provider gmail --user ann@gmail.com
  postrider profile add aws --provider ses --region eu-west-1 --user AKIA... --from shop@example.org
  postrider profile add relay --server smtp://relay.example.org:25 --from noreply@example.org
  postrider profile add vault --provider fastmail --user ann@example.org --password-command "pass show mail"
  postrider profile list

The password comes from POSTRIDER_PASSWORD or a prompt on a terminal. It is saved in a file that only you can read:
~/.config/postrider/profiles.json, or the file that POSTRIDER_PROFILES names. With --password-command, no password is saved.

Exit codes: 0, 64 usage, 65 a profile is malformed, 73 the file cannot be written, 77 other users can read the file.`;

export function addProfileCommand(program: Command, context: CommandContext): void {
  const profile = program.command("profile").description("manage saved servers and credentials for --profile");
  profile.addHelpText("after", HELP);
  profile
    .command("add <name>")
    .description("save a server and its credentials under a name")
    .option(
      "--provider <name>",
      "use the server of a provider: gmail, microsoft365, ses, postmark... (see `profile providers`)",
    )
    .option("--region <region>", "region of the provider, such as eu-west-1")
    .option("-s, --server <url>", "smtp://, smtps:// or lmtp://host:port, in place of --provider")
    .option("-u, --user <name>", "user name for login", someText)
    .option("-f, --from <address>", "default author for --from")
    .option("--password-command <command>", "shell command that prints the password", someText)
    .option("--token-command <command>", "shell command that prints an OAuth 2 access token", someText)
    .option("--replace", "replace an existing profile of this name", false)
    .action(async (name: string, options: AddOptions) => {
      const { addProfile } = await import("./run-profile.js");
      context.finish(await addProfile(name, options));
    });
  profile
    .command("list")
    .description("list all profiles and their servers")
    .option("--json", "print the result as JSON", false)
    .action(async (options: ShowOptions) => {
      const { listProfiles } = await import("./run-profile.js");
      context.finish(await listProfiles(options));
    });
  profile
    .command("show <name>")
    .description("show a profile, without its secrets")
    .option("--json", "print the result as JSON", false)
    .action(async (name: string, options: ShowOptions) => {
      const { showProfile } = await import("./run-profile.js");
      context.finish(await showProfile(name, options));
    });
  profile
    .command("remove <name>")
    .description("delete a profile and its secrets")
    .action(async (name: string) => {
      const { removeProfile } = await import("./run-profile.js");
      context.finish(await removeProfile(name));
    });
  profile
    .command("providers")
    .description("list the providers for --provider and the credentials they require")
    .option("--json", "print the result as JSON", false)
    .action(async (options: ShowOptions) => {
      const { listProviders } = await import("./run-profile.js");
      context.finish(listProviders(options));
    });
}

/**
 * The command line: which commands there are, and what they share.
 */
import { createRequire } from "node:module";
import { Command, Help, type Option } from "commander";
import { addBenchCommand } from "./bench/bench-command.js";
import { addBulkCommand } from "./bulk/bulk-command.js";
import { addCheckCommand } from "./check/check-command.js";
import type { CommandContext } from "./command-context.js";
import { addCompletionCommand } from "./completion/completion-command.js";
import { addDkimCommand } from "./dkim/dkim-command.js";
import { addInboxCommand } from "./inbox/inbox-command.js";
import { addOAuthCommand } from "./oauth/oauth-command.js";
import { addOutboxCommand } from "./outbox/outbox-command.js";
import { addProfileCommand } from "./profile/profile-command.js";
import { addSendCommand } from "./send/send-command.js";
import { printable } from "./terminal/printable.js";

export function createProgram(context: CommandContext): Command {
  const program = new Command("postrider")
    .description("send mail and mail merges, run an outbox, check mail servers, and catch mail during development")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show help for a command")
    .option("--debug", "print stack traces with errors")
    .exitOverride()
    .configureOutput({
      writeErr: (text) => process.stderr.write(text.split("\n").map(printable).join("\n")),
      outputError: (text, write) => write(text.replace(/^error: /, "postrider: ")),
    })
    .configureHelp({ optionDescription: describeOption })
    .showHelpAfterError("run postrider --help for usage");
  addSendCommand(program, context);
  addBulkCommand(program, context);
  addCheckCommand(program, context);
  addInboxCommand(program, context);
  addOutboxCommand(program, context);
  addBenchCommand(program, context);
  addProfileCommand(program, context);
  addOAuthCommand(program, context);
  addDkimCommand(program, context);
  addCompletionCommand(program);
  share(program);
  return program;
}

/** That what is not given is off, or an empty list, goes without saying. */
function describeOption(option: Option): string {
  const isPlain = option.defaultValue === false || Array.isArray(option.defaultValue);
  return isPlain ? option.description : new Help().optionDescription(option);
}

/** `--debug` is understood at any place of the command line, and so belongs to every command; each names its own help. */
function share(parent: Command, path = parent.name()): void {
  for (const command of parent.commands) {
    const name = `${path} ${command.name()}`;
    command.option("--debug", "print stack traces with errors").showHelpAfterError(`run ${name} --help for usage`);
    share(command, name);
  }
}

function packageVersion(): string {
  const manifest: { version?: unknown } = createRequire(import.meta.url)("@postrider/cli/package.json");
  return String(manifest.version);
}

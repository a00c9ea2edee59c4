/**
 * `postrider completion`: a script for a shell.
 */
import { Argument, type Command } from "commander";
import { printText } from "../terminal/output.js";
import { bashScript } from "./bash.js";
import { fishScript } from "./fish.js";
import { type CommandModel, readModels } from "./model.js";
import { zshScript } from "./zsh.js";

const SCRIPTS: Readonly<Record<string, (models: readonly CommandModel[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

const HELP = `
Examples:
  source <(postrider completion bash)                                     # in ~/.bashrc
  postrider completion zsh > "\${fpath[1]}/_postrider"
  postrider completion fish > ~/.config/fish/completions/postrider.fish`;

export function addCompletionCommand(program: Command): void {
  program
    .command("completion")
    .description("print a shell completion script")
    .addArgument(new Argument("<shell>", "shell to complete in").choices(Object.keys(SCRIPTS)))
    .addHelpText("after", HELP)
    .action((shell: string) => printText((SCRIPTS[shell] ?? bashScript)(readModels(program)).trimEnd()));
}

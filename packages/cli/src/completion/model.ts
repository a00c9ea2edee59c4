/**
 * The command line as plain data, for the scripts that complete it: read from the commands themselves, so that it is never old.
 */
import type { Command, Option } from "commander";

export interface CommandModel {
  /** Without "postrider": `["dkim", "keygen"]`. */
  readonly path: readonly string[];
  readonly description: string;
  readonly options: readonly OptionModel[];
  /** Names and descriptions of what may follow. */
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
  /** Whether its argument is a file. */
  readonly takesFile: boolean;
}

export interface OptionModel {
  /** With hyphens: `["-s", "--server"]`. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly value: "none" | "file" | "other" | readonly string[];
}

/** The command and all below it. */
export function readModels(command: Command, path: readonly string[] = []): CommandModel[] {
  const model: CommandModel = {
    path,
    description: command.description(),
    options: [...command.options.filter((option) => !option.hidden).map(readOption), HELP],
    subcommands: command.commands.map((one) => ({ name: one.name(), description: one.description() })),
    takesFile: command.registeredArguments.some((argument) => FILE.test(argument.name())),
  };
  return [model, ...command.commands.flatMap((one) => readModels(one, [...path, one.name()]))];
}

const HELP: OptionModel = { flags: ["-h", "--help"], description: "show this help", value: "none" };

/** How the command line calls what is a file or a folder. */
const FILE = /(?:^|<|\[)(?:file|folder|path|[\w-]*\.(?:csv|html))/;

function readOption(option: Option): OptionModel {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined && flag !== null);
  return { flags, description: option.description, value: kindOf(option) };
}

function kindOf({ required, optional, argChoices, flags }: Option): OptionModel["value"] {
  if (!required && !optional) return "none";
  if (argChoices !== undefined) return argChoices;
  return FILE.test(flags) ? "file" : "other";
}

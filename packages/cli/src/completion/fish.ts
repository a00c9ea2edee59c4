/**
 * Completion for fish.
 */
import type { CommandModel, OptionModel } from "./model.js";

export function fishScript(models: readonly CommandModel[]): string {
  return `# postrider completion fish > ~/.config/fish/completions/postrider.fish
complete -c postrider -f
${models.flatMap(commandLines).join("\n")}
`;
}

function commandLines({ path, options, subcommands, takesFile }: CommandModel): string[] {
  const here = quote(
    condition(
      path,
      subcommands.map(({ name }) => name),
    ),
  );
  return [
    ...subcommands.map(
      ({ name, description }) => `complete -c postrider -n ${here} -a ${name} -d ${quote(description)}`,
    ),
    ...options.map((option) => `complete -c postrider -n ${here}${optionWords(option)}`),
    ...(takesFile ? [`complete -c postrider -n ${here} -F`] : []),
  ];
}

/** True when these words were typed, and none of those that may follow. */
function condition(path: readonly string[], following: readonly string[]): string {
  const seen = path.map((name) => `__fish_seen_subcommand_from ${name}`);
  const notYet = following.length === 0 ? [] : [`not __fish_seen_subcommand_from ${following.join(" ")}`];
  return [...seen, ...notYet].join("; and ");
}

function optionWords({ flags, description, value }: OptionModel): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? ` -l ${flag.slice(2)}` : ` -s ${flag.slice(1)}`)).join("");
  const takes =
    value === "none"
      ? ""
      : value === "file"
        ? " -r -F"
        : value === "other"
          ? " -x"
          : ` -x -a ${quote(value.join(" "))}`;
  return `${names}${takes} -d ${quote(description)}`;
}

function quote(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}

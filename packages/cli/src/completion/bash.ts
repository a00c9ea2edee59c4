/**
 * Completion for bash.
 */
import type { CommandModel, OptionModel } from "./model.js";

export function bashScript(models: readonly CommandModel[]): string {
  return `# postrider completion bash: put it where bash-completion looks, or: source <(postrider completion bash)
_postrider() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" path="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
${models
  .filter(({ path }) => path.length > 0)
  .map(pathCase)
  .join("\n")}
    esac
  done
  COMPREPLY=()
  case "$path" in
${models.map(commandCase).join("\n")}
  esac
}
complete -o filenames -F _postrider postrider
`;
}

function pathCase({ path }: CommandModel): string {
  const before = path.slice(0, -1).join(" ");
  return `      "${before} ${path.at(-1)}") path="${path.join(" ")}";;`;
}

function commandCase(model: CommandModel): string {
  const words = model.subcommands.map(({ name }) => name).join(" ");
  const flags = model.options.flatMap((option) => option.flags).join(" ");
  const rest = model.takesFile
    ? 'COMPREPLY=($(compgen -f -- "$cur"))'
    : `COMPREPLY=($(compgen -W "${words}" -- "$cur"))`;
  return `    "${model.path.join(" ")}")
      case "$prev" in
${model.options
  .map(valueCase)
  .filter((one) => one !== "")
  .join("\n")}
        *)
          if [[ "$cur" == -* ]]; then COMPREPLY=($(compgen -W "${flags}" -- "$cur"))
          else ${rest}; fi;;
      esac;;`;
}

function valueCase({ flags, value }: OptionModel): string {
  if (value === "none") return "";
  const action =
    value === "file"
      ? 'COMPREPLY=($(compgen -f -- "$cur"))'
      : value === "other"
        ? ":"
        : `COMPREPLY=($(compgen -W "${value.join(" ")}" -- "$cur"))`;
  return `        ${flags.join("|")}) ${action};;`;
}

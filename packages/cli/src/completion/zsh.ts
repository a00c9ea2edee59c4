/**
 * Completion for zsh.
 */
import type { CommandModel, OptionModel } from "./model.js";

export function zshScript(models: readonly CommandModel[]): string {
  return `#compdef postrider
# postrider completion zsh > a file called _postrider in a folder of $fpath
${models.map(commandFunction).join("\n")}
if [[ "\${funcstack[1]}" == _postrider ]]; then _postrider "$@"; else compdef _postrider postrider; fi
`;
}

function commandFunction({ path, options, subcommands, takesFile }: CommandModel): string {
  const name = functionName(path);
  const specs = options.map(optionSpec);
  if (subcommands.length === 0) {
    return `${name}() {
  _arguments -s -S \\
    ${[...specs, ...(takesFile ? ["'*:file:_files'"] : [])].join(" \\\n    ")}
}`;
  }
  return `${name}() {
  local state line
  _arguments -C \\
    ${specs.join(" \\\n    ")} \\
    '1:command:->command' '*::argument:->argument'
  case "$state" in
    command)
      local -a commands=(${subcommands.map((one) => quote(`${one.name}:${one.description}`)).join(" ")})
      _describe command commands;;
    argument)
      case "\${line[1]}" in
${subcommands.map((one) => `        ${one.name}) ${functionName([...path, one.name])};;`).join("\n")}
      esac;;
  esac
}`;
}

/** `{-s,--server}'[text]:value: '`. */
function optionSpec({ flags, description, value }: OptionModel): string {
  const names = flags.length === 1 ? (flags[0] ?? "") : `{${flags.join(",")}}`;
  const text = description.replace(/[[\]:\\]/g, "\\$&");
  return `${names}${quote(`[${text}]${valueSpec(value)}`)}`;
}

function valueSpec(value: OptionModel["value"]): string {
  if (value === "none") return "";
  if (value === "file") return ":file:_files";
  return value === "other" ? ":value: " : `:value:(${value.join(" ")})`;
}

function functionName(path: readonly string[]): string {
  return ["_postrider", ...path].join("_");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

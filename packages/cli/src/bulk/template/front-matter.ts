/**
 * The lines between `---` at the head of a Markdown or HTML template: fields of the mail, such as `Subject: Hello {{ name }}`.
 */
import { CliError } from "../../cli-error.js";
import { EXIT } from "../../exit-code.js";

export interface FrontMatter {
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** @throws CliError when it does not end, or a line is no field. */
export function splitFrontMatter(text: string, file: string): FrontMatter {
  const opening = /^---[ \t]*\r?\n/.exec(text);
  if (opening === null) return { fields: [], body: text };
  const closing = /^---[ \t]*(?:\r?\n|$)/m.exec(text.slice(opening[0].length));
  if (closing === null)
    throw new CliError(EXIT.data, `${file}: the fields at its head begin with --- and do not end with one`);
  const start = opening[0].length;
  const lines = text.slice(start, start + closing.index).split(/\r?\n/);
  const fields = lines.flatMap((line, index) =>
    line.trim() === "" ? [] : [readField(line, `${file}, line ${index + 2}`)],
  );
  return { fields, body: text.slice(start + closing.index + closing[0].length) };
}

function readField(line: string, where: string): readonly [string, string] {
  const match = /^([!-9;-~]+):(.*)$/.exec(line);
  if (match === null)
    throw new CliError(EXIT.data, `${where}: must be "Name: value", such as Subject: Hello {{ name }}`);
  return [match[1] ?? "", (match[2] ?? "").trim()];
}

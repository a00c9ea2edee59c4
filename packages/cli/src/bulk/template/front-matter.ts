/**
 * The lines between `---` at the head of a Markdown or HTML template: fields of the mail, such as `Subject: Hello {{ name }}`.
 */
import { CliError } from "../../cli-error.js";
import { EXIT } from "../../exit-code.js";
import { atLine, type Place } from "./place.js";

export interface TemplateField {
  /** As the author wrote it. */
  readonly name: string;
  readonly value: string;
  readonly place: Place;
}

export interface FrontMatter {
  readonly fields: readonly TemplateField[];
  readonly body: string;
  readonly bodyPlace: Place;
}

/** @throws CliError when it does not end, or a line is no field. */
export function splitFrontMatter(text: string, file: string): FrontMatter {
  const opening = /^---[ \t]*\r?\n/.exec(text);
  if (opening === null) return { fields: [], body: text, bodyPlace: atLine(file, 1) };
  const closing = /^---[ \t]*(?:\r?\n|$)/m.exec(text.slice(opening[0].length));
  if (closing === null)
    throw new CliError(EXIT.data, `${file}: the header fields start with --- but have no closing ---`);
  const start = opening[0].length;
  const lines = text.slice(start, start + closing.index).split(/\r?\n/);
  const fields = lines.flatMap((line, index) => (line.trim() === "" ? [] : [readField(line, file, index + 2)]));
  const body = text.slice(start + closing.index + closing[0].length);
  // Both lines of hyphens count, and the text begins behind the second.
  return { fields, body, bodyPlace: atLine(file, lines.length + 2) };
}

function readField(text: string, file: string, line: number): TemplateField {
  const match = /^([!-9;-~]+):(.*)$/.exec(text);
  if (match === null)
    throw new CliError(EXIT.data, `${file}, line ${line}: must be "Name: value", such as Subject: Hello {{ name }}`);
  const [, name = "", value = ""] = match;
  return { name, value: value.trim(), place: atLine(`${name} in ${file}`, line) };
}

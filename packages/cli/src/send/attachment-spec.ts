/**
 * What `--attach` and `--inline` are given: `report.pdf;type=application/pdf;name=Report.pdf`, the form that curl's -F has.
 */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { type Attachment, fileAttachment } from "postrider";
import { CliError, usageError } from "../cli-error.js";
import { EXIT } from "../exit-code.js";
import { checkReadable, openInput } from "../terminal/read-input.js";

export interface AttachmentSpec {
  /** `"-"` is stdin. */
  readonly file: string;
  readonly type?: string | undefined;
  readonly name?: string | undefined;
  /** What HTML links to as `cid:`. */
  readonly id?: string | undefined;
  readonly description?: string | undefined;
  /** The file is a pipe, as a shell makes one for `<(command)`: it is read once, and its size is not known. */
  readonly isPipe?: boolean | undefined;
}

const PARAMETERS = ["type", "name", "id", "description"] as const;
type Parameter = (typeof PARAMETERS)[number];

// Other semicolons are part of the file's name, or of a value: type=text/plain; charset=utf-8.
const START = new RegExp(`;\\s*(${PARAMETERS.join("|")})=`, "g");
/** What was meant as a parameter, when no file has that name. */
const MISSPELT = /;\s*(\w+)=/;

/** @throws CliError that names the flag */
export function readAttachment(flag: string, text: string): AttachmentSpec {
  const starts = [...text.matchAll(START)];
  const file = text.slice(0, starts[0]?.index);
  if (file === "")
    throw usageError(`${flag}: ${JSON.stringify(text)} must begin with a file, such as report.pdf;name=Report.pdf`);
  const given: { -readonly [Key in Parameter]?: string } = {};
  for (const [index, match] of starts.entries()) {
    const name = match[1] as Parameter;
    const value = text.slice(match.index + match[0].length, starts[index + 1]?.index).trim();
    if (value === "") throw usageError(`${flag}: ${name}= is empty`);
    if (given[name] !== undefined) throw usageError(`${flag}: ${name}= is given twice`);
    given[name] = value;
  }
  if (file === "-" && given.name === undefined) {
    throw usageError(`${flag}: content from stdin needs a file name, such as "-;name=report.pdf"`);
  }
  return { file, ...given };
}

/** Finds out before anything is asked or sent whether the file is there, and what it is. @throws CliError */
export async function checkAttachment(flag: string, spec: AttachmentSpec): Promise<AttachmentSpec> {
  const { file, name } = spec;
  if (file === "-") return spec;
  try {
    await checkReadable(file, "the attachment");
  } catch (error) {
    const meant = MISSPELT.exec(file)?.[1];
    if (!(error instanceof CliError) || meant === undefined) throw error;
    throw usageError(
      `${flag}: the file ${file} does not exist; if ${meant}= is meant as a parameter, the parameters are ${PARAMETERS.join(", ")}`,
    );
  }
  const stats = await stat(file);
  if (stats.isFile()) return spec;
  if (!stats.isFIFO()) throw new CliError(EXIT.data, `${flag}: ${file} is neither a file nor a pipe`);
  if (name === undefined) throw usageError(`${flag}: what comes from a pipe needs a name: "${file};name=report.pdf"`);
  return { ...spec, isPipe: true };
}

/** The part of the message. */
export function attachmentOf({ file, type, name, id, description, isPipe }: AttachmentSpec): Attachment {
  const options = {
    ...(type === undefined ? {} : { contentType: type }),
    ...(id === undefined ? {} : { contentId: id }),
    ...(description === undefined ? {} : { description }),
  };
  if (file === "-" || isPipe === true) {
    return { ...options, filename: name, content: openInput(file, "the attachment") };
  }
  return fileAttachment(file, { ...options, ...(name === undefined ? {} : { filename: name }) });
}

/** A picture inside the HTML: it is linked to by its id, which is the name of the file unless it is given. */
export function inlineOf(spec: AttachmentSpec): Attachment & { readonly contentId: string } {
  const contentId = spec.id ?? spec.name ?? basename(spec.file);
  return { ...attachmentOf({ ...spec, id: contentId }), contentId, disposition: "inline" };
}

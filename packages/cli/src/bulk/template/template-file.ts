/**
 * Templates as they lie in files: Markdown, HTML, or a whole message.
 */
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { Attachment } from "postrider";
import { CliError, cannotRead, usageError } from "../../cli-error.js";
import { EXIT } from "../../exit-code.js";
import { splitFrontMatter, type TemplateField } from "./front-matter.js";
import { readMessage } from "./message-file.js";
import type { Place } from "./place.js";

/** A text with expressions. */
export interface TemplateText {
  readonly text: string;
  readonly place: Place;
}

/** An attachment of the template, whose names may have expressions in them; its content stays as it is. */
export interface TemplateAttachment {
  readonly fixed: Attachment;
  readonly filled: { readonly [Name in "filename" | "description" | "contentId"]?: TemplateText | undefined };
}

/** What a template consists of. */
export interface TemplateFile {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly fields: readonly TemplateField[];
  readonly markdown?: TemplateText | undefined;
  readonly html?: TemplateText | undefined;
  readonly text?: TemplateText | undefined;
  readonly attachments: readonly TemplateAttachment[];
  /** What somebody should know who expects that everything in the file goes out, filled. */
  readonly warnings: readonly string[];
}

/** @throws CliError when it cannot be read, or is of a kind that is not known. */
export async function readTemplateFile(file: string): Promise<TemplateFile> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw cannotRead("the template", file, error);
  });
  switch (extname(file).toLowerCase()) {
    case ".md":
    case ".markdown":
      return readText(file, bytes, "markdown");
    case ".html":
    case ".htm":
      return readText(file, bytes, "html");
    case ".eml":
      return readMessage(file, bytes);
    default:
      throw usageError(`--template ${file} must end with .md, .html or .eml`);
  }
}

function readText(file: string, bytes: Uint8Array, kind: "markdown" | "html"): TemplateFile {
  const { fields, body, bodyPlace } = splitFrontMatter(decode(bytes, file), file);
  return { file, bytes, fields, [kind]: { text: body, place: bodyPlace }, attachments: [], warnings: [] };
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new CliError(EXIT.data, `${file} is not UTF-8`);
  }
}

/**
 * Templates as they lie in files: Markdown, HTML, or a whole message.
 */
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import PostalMime from "postal-mime";
import { type Attachment, parseHeaders } from "postrider";
import { CliError, cannotRead, usageError } from "../../cli-error.js";
import { EXIT } from "../../exit-code.js";
import { splitFrontMatter } from "./front-matter.js";

/** What a template consists of; texts have expressions in them. */
export interface TemplateFile {
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Names as the author wrote them. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly markdown?: string | undefined;
  readonly html?: string | undefined;
  readonly text?: string | undefined;
  readonly attachments: readonly Attachment[];
}

/** @throws CliError when it cannot be read, or is of a kind that is not known. */
export async function readTemplateFile(file: string): Promise<TemplateFile> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw cannotRead("the template", file, error);
  });
  switch (extname(file).toLowerCase()) {
    case ".md":
    case ".markdown": {
      const { fields, body } = splitFrontMatter(decode(bytes, file), file);
      return { file, bytes, fields, markdown: body, attachments: [] };
    }
    case ".html":
    case ".htm": {
      const { fields, body } = splitFrontMatter(decode(bytes, file), file);
      return { file, bytes, fields, html: body, attachments: [] };
    }
    case ".eml":
      return readMessage(file, bytes);
    default:
      throw usageError(`--template ${file} must end with .md, .html or .eml`);
  }
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new CliError(EXIT.data, `${file} is not UTF-8`);
  }
}

/** Made anew for every mail, or the business of those who carry it. */
const LEFT_OUT =
  /^(?:date|message-id|mime-version|content-.*|received|return-path|dkim-signature|delivered-to|arc-.*|authentication-results)$/i;

/** A message is taken apart, so that values are encoded, and not pasted into what is encoded already. */
async function readMessage(file: string, bytes: Uint8Array): Promise<TemplateFile> {
  const { text, html, attachments } = await PostalMime.parse(bytes, { attachmentEncoding: "arraybuffer" });
  const fields = [...parseHeaders(bytes)].filter(([name]) => !LEFT_OUT.test(name));
  return {
    file,
    bytes,
    fields,
    text: text === undefined || text.trim() === "" ? undefined : text,
    html: html === undefined || html.trim() === "" ? undefined : html,
    attachments: attachments.map((one) => ({
      content: one.content instanceof ArrayBuffer ? new Uint8Array(one.content) : one.content,
      contentType: one.mimeType,
      ...(one.filename === null ? {} : { filename: one.filename }),
      disposition: one.disposition === "inline" ? "inline" : "attachment",
      ...(one.contentId === undefined ? {} : { contentId: one.contentId.replace(/^<(.*)>$/, "$1") }),
    })),
  };
}

/**
 * Text, HTML and pictures of the message that the options describe.
 */
import { dirname } from "node:path";
import { type Attachment, inlineImages } from "postrider";
import { htmlToText } from "../bulk/template/html-text.js";
import { usageError } from "../cli-error.js";
import { askText, canAsk } from "../terminal/ask.js";
import { readText } from "../terminal/read-input.js";
import { checkAttachment, inlineOf, readAttachment } from "./attachment-spec.js";
import type { SendCommandOptions } from "./send-options.js";

export interface Content {
  readonly text?: string;
  readonly html?: string;
  /** Pictures that the HTML shows. */
  readonly attachments: readonly Attachment[];
}

/** @throws CliError, MessageError */
export async function readContent(options: SendCommandOptions): Promise<Content> {
  checkContent(options);
  const text = await readPlain(options);
  if (options.html === undefined) {
    if (text !== undefined) return { text, attachments: [] };
    if (!canAsk()) throw usageError("--text, --text-file or --html is missing");
    return { text: await askText("Text"), attachments: [] };
  }
  const { html, attachments } = await readHtml(options.html, options);
  const beside = options.htmlText ? htmlToText(html) : text;
  return { html, attachments, ...(beside === undefined ? {} : { text: beside }) };
}

function checkContent({ text, textFile, html, htmlText, inline, inlineImages: ofFiles }: SendCommandOptions): void {
  if (text !== undefined && textFile !== undefined) throw usageError("--text and --text-file cannot be combined");
  if (htmlText && (text ?? textFile) !== undefined) {
    throw usageError(`--html-text and ${text === undefined ? "--text-file" : "--text"} cannot be combined`);
  }
  if (html !== undefined) return;
  const needing = htmlText ? "--html-text" : ofFiles ? "--inline-images" : inline.length > 0 ? "--inline" : undefined;
  if (needing !== undefined) throw usageError(`${needing} needs --html`);
}

async function readPlain({ text, textFile }: SendCommandOptions): Promise<string | undefined> {
  const file = text === "-" ? "-" : textFile;
  return file === undefined ? text : await readText(file, "the text");
}

async function readHtml(
  file: string,
  options: SendCommandOptions,
): Promise<{ readonly html: string; readonly attachments: readonly Attachment[] }> {
  const given = await readText(file, "the HTML");
  const named = await readPictures(given, options.inline);
  if (!options.inlineImages) return { html: given, attachments: named };
  // The links of a page are relative to where it lies.
  const linked = await inlineImages(given, { root: file === "-" ? "." : dirname(file) });
  return { html: linked.html, attachments: [...named, ...linked.attachments] };
}

async function readPictures(html: string, given: readonly string[]): Promise<Attachment[]> {
  const pictures: Attachment[] = [];
  for (const text of given) {
    const spec = await checkAttachment("--inline", readAttachment("--inline", text));
    const picture = inlineOf(spec);
    if (!html.includes(`cid:${picture.contentId}`) && !html.includes(`cid:${encodeURIComponent(picture.contentId)}`)) {
      throw usageError(`--inline: the HTML does not reference cid:${picture.contentId}`);
    }
    pictures.push(picture);
  }
  return pictures;
}

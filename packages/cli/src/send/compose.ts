/**
 * The message that the options describe. What is missing is asked for on a terminal, and an error elsewhere.
 */
import { EmailMessage, fileAttachment, type MessageFields } from "postrider";
import { usageError } from "../cli-error.js";
import { ask, askText, canAsk } from "../terminal/ask.js";
import { checkReadable, readText } from "../terminal/read-input.js";
import type { SendCommandOptions } from "./send-options.js";

/** @throws CliError, AddressError, MessageError */
export async function composeMessage(options: SendCommandOptions, profileFrom?: string): Promise<EmailMessage> {
  checkStdinUsedOnce(options);
  for (const file of options.attach) await checkReadable(file, "the attachment");
  const from = options.from ?? profileFrom ?? (await askFor("--from", "From: "));
  const hasRecipient = options.to.length + options.cc.length + options.bcc.length > 0;
  const to = hasRecipient ? options.to : [await askFor("--to", "To: ")];
  const subject = options.subject ?? (canAsk() ? await ask("Subject: ") : undefined);
  if (subject === undefined) throw usageError("--subject is missing");
  const content = await readContent(options);
  return new EmailMessage({
    from,
    ...list("to", to),
    ...list("cc", options.cc),
    ...list("bcc", options.bcc),
    ...list("replyTo", options.replyTo),
    subject,
    ...content,
    attachments: options.attach.map((file) => fileAttachment(file)),
    headers: options.header.map(readHeader),
  });
}

async function readContent(options: SendCommandOptions): Promise<Pick<MessageFields, "text" | "html">> {
  const { textFile } = options;
  const html = options.html === undefined ? undefined : await readText(options.html, "the HTML");
  const file = options.text === "-" ? "-" : textFile;
  const text = file === undefined ? options.text : await readText(file, "the text");
  if (text === undefined && html === undefined) {
    if (!canAsk()) throw usageError("--text, --text-file or --html is missing");
    return { text: await askText("Text") };
  }
  return { ...(text === undefined ? {} : { text }), ...(html === undefined ? {} : { html }) };
}

async function askFor(option: string, question: string): Promise<string> {
  if (canAsk()) return ask(question);
  throw usageError(`${option} is missing`);
}

function list(
  field: "to" | "cc" | "bcc" | "replyTo",
  addresses: readonly string[],
): Pick<MessageFields, "to" | "cc" | "bcc" | "replyTo"> {
  return addresses.length === 0 ? {} : { [field]: addresses.length === 1 ? addresses[0] : addresses };
}

function readHeader(text: string): [string, string] {
  const colon = text.indexOf(":");
  if (colon < 1) throw usageError(`--header: ${JSON.stringify(text)} must be "Name: value"`);
  return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
}

function checkStdinUsedOnce({ text, textFile, html }: SendCommandOptions): void {
  if (text !== undefined && textFile !== undefined) throw usageError("--text and --text-file exclude each other");
  if ([text, textFile, html].filter((value) => value === "-").length > 1) {
    throw usageError("stdin can be read only once");
  }
}

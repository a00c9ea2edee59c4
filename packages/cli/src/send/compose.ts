/**
 * The message that the options describe. What is missing is asked for on a terminal, and an error elsewhere.
 */
import { EmailMessage, type MessageFields, parseAddressList } from "postrider";
import { usageError } from "../cli-error.js";
import { ask, canAsk } from "../terminal/ask.js";
import { type AttachmentSpec, attachmentOf, checkAttachment, readAttachment } from "./attachment-spec.js";
import { readContent } from "./content.js";
import type { SendCommandOptions } from "./send-options.js";

/** @throws CliError, AddressError, MessageError */
export async function composeMessage(options: SendCommandOptions, profileFrom?: string): Promise<EmailMessage> {
  const given = options.attach.map((text) => readAttachment("--attach", text));
  checkStdinUsedOnce(options, given);
  const attached: AttachmentSpec[] = [];
  for (const spec of given) attached.push(await checkAttachment("--attach", spec));
  const from = await askAuthor(options.from ?? profileFrom);
  const to = await askRecipients(options);
  const subject = options.subject ?? (canAsk() ? await ask("Subject: ") : undefined);
  if (subject === undefined) throw usageError("--subject is missing");
  const { attachments, ...content } = await readContent(options);
  return new EmailMessage({
    from,
    ...list("to", to),
    ...list("cc", options.cc),
    ...list("bcc", options.bcc),
    ...list("replyTo", options.replyTo),
    subject,
    ...content,
    attachments: [...attachments, ...attached.map(attachmentOf)],
    headers: options.header.map(readHeader),
  });
}

/** The author, asked for when there is none. @throws CliError */
export async function askAuthor(given: string | undefined): Promise<string> {
  return given ?? (await askFor("--from", "From: ", (answer) => new EmailMessage({ from: answer })));
}

/** The recipients of To, asked for when there are none at all. @throws CliError */
export async function askRecipients({ to, cc, bcc }: SendCommandOptions): Promise<readonly string[]> {
  if (to.length + cc.length + bcc.length > 0) return to;
  return [await askFor("--to", "To: ", (answer) => parseAddressList(answer, "to"))];
}

async function askFor(option: string, question: string, check: (answer: string) => unknown): Promise<string> {
  if (canAsk()) return ask(question, check);
  throw usageError(`${option} is missing`);
}

function list(
  field: "to" | "cc" | "bcc" | "replyTo",
  addresses: readonly string[],
): Pick<MessageFields, "to" | "cc" | "bcc" | "replyTo"> {
  return addresses.length === 0 ? {} : { [field]: addresses.length === 1 ? addresses[0] : addresses };
}

/** Fields that have a flag; as a header they would replace what the flag gives, and with it a recipient. */
const OF_FLAGS: Readonly<Record<string, string>> = {
  from: "--from",
  to: "--to",
  cc: "--cc",
  bcc: "--bcc",
  "reply-to": "--reply-to",
  subject: "--subject",
};

function readHeader(text: string): [string, string] {
  const colon = text.indexOf(":");
  if (colon < 1) throw usageError(`--header: ${JSON.stringify(text)} must be "Name: value"`);
  const name = text.slice(0, colon).trim();
  if (!/^[!-9;-~]+$/.test(name)) {
    throw usageError(`--header: ${JSON.stringify(name)} is not a header name: use printable ASCII without spaces`);
  }
  const flag = OF_FLAGS[name.toLowerCase()];
  if (flag !== undefined) throw usageError(`--header: ${name} must be set by ${flag}`);
  return [name, text.slice(colon + 1).trim()];
}

function checkStdinUsedOnce({ text, textFile, html }: SendCommandOptions, attached: readonly AttachmentSpec[]): void {
  const sources = [text, textFile, html, ...attached.map(({ file }) => file)];
  if (sources.filter((value) => value === "-").length > 1) throw usageError("stdin can be read only once");
}

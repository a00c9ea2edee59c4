/**
 * A whole message as a template, as a mail program saves it: taken apart, so that values are encoded, and not pasted into what is
 * encoded already.
 */
import PostalMime, { type Attachment as ParsedAttachment } from "postal-mime";
import { parseHeaders } from "postrider";
import type { TemplateField } from "./front-matter.js";
import { atLine, encoded, type SourceLine, sourceLines } from "./place.js";
import type { TemplateAttachment, TemplateFile, TemplateText } from "./template-file.js";

/** Made anew for every mail. */
const MADE_ANEW = /^(?:date|message-id|mime-version|content-.*)$/i;

/**
 * SECURITY: what a mail program, a mailbox or a server wrote into the message for itself: accounts, folders, addresses that it went
 * through. It is of one copy on one machine, and no business of those who get the mail.
 */
const NOT_OF_THE_AUTHOR = new RegExp(
  `^(?:${[
    // On its way.
    "received(?:-.*)?|x-received|return-path|delivered-to|x-delivered-to|envelope-to|x-original-to|x-envelope-.*|resent-.*",
    "dkim-.*|domainkey-.*|arc-.*|authentication-results|x-authentication-.*|x-forefront-.*|x-originating-.*|x-sender(?:-.*)?",
    "x-spam.*|x-virus.*|x-scanned.*|x-antiabuse|x-forwarded-.*|x-auth-.*|x-authenticated-.*|x-proofpoint-.*|x-barracuda-.*|x-rspamd-.*|x-get-message-.*",
    // Mail programs and mailboxes.
    "x-mozilla-.*|x-account-key|x-identity-key|x-draft-info|x-enigmail-.*|x-postbox-.*|x-send-later.*|fcc|x-fcc",
    "x-apple-.*|x-uniform-type-identifier|x-universally-unique-identifier|x-uid|x-uidl|x-imap.*|x-keywords|x-status|status|lines",
    "x-ms-.*|x-microsoft-.*|x-exchange-.*|x-eop.*|x-unsent|x-mimeole|x-msmail-.*|thread-index|thread-topic|x-olk-.*",
    "x-evolution-.*|x-kmail-.*|x-kde-.*|x-claws-.*|x-sylpheed-.*|x-mutt-.*|x-gnus-.*|x-mew-.*|x-em-client.*|x-vivaldi-.*",
    "x-gm-.*|x-gmail-.*|x-google-.*|x-yahoo-.*|x-ymail-.*|x-zoho-.*|x-pm-.*|x-mailbird-.*|x-attachment-id",
    "user-agent|x-mailer|x-newsreader",
  ].join("|")})$`,
  "i",
);

/** @throws MessageError when its header makes no sense */
export async function readMessage(file: string, bytes: Uint8Array): Promise<TemplateFile> {
  const { text, html, attachments } = await PostalMime.parse(bytes, {
    attachmentEncoding: "arraybuffer",
    // Else the text of a mail that is attached would become text of this one.
    forceRfc822Attachments: true,
  });
  const source = sourceLines(bytes);
  const fields = readFields(file, bytes).filter(({ name }) => !MADE_ANEW.test(name));
  const leftOut = fields.filter(({ name }) => NOT_OF_THE_AUTHOR.test(name)).map(({ name }) => name);
  const part = (kind: string, content: string | undefined): TemplateText | undefined =>
    content === undefined || content.trim() === ""
      ? undefined
      : { text: content, place: encoded(`the ${kind} of ${file}`, content, source) };
  return {
    file,
    bytes,
    fields: fields.filter(({ name }) => !NOT_OF_THE_AUTHOR.test(name)),
    text: part("text", text),
    html: part("HTML", html),
    attachments: attachments.map((one, index) => readAttachment(one, `attachment ${index + 1} of ${file}`, source)),
    warnings: [
      ...(leftOut.length === 0
        ? []
        : [
            `${file}: these fields do not go out, a mail program or server made them: ${[...new Set(leftOut)].join(", ")}`,
          ]),
      ...attachments
        .filter(hasExpressions)
        .map((one) => `${file}: ${one.filename ?? "an attachment"} contains {{ but is sent unchanged`),
    ],
  };
}

/** Fields with the lines on which they begin. */
function readFields(file: string, bytes: Uint8Array): readonly TemplateField[] {
  const lines = Buffer.from(bytes).toString("latin1").split(/\r?\n/);
  const end = lines.indexOf("");
  const starts = lines
    .slice(0, end < 0 ? lines.length : end)
    .flatMap((line, index) => (/^[!-9;-~]+[ \t]*:/.test(line) ? [index + 1] : []));
  return parseHeaders(bytes).map(([name, value], index) => ({
    name,
    value,
    place: atLine(`${name} in ${file}`, starts[index] ?? 1),
  }));
}

function readAttachment(one: ParsedAttachment, where: string, source: readonly SourceLine[]): TemplateAttachment {
  const { filename, description, contentId, mimeType, method, content, disposition } = one;
  const text = (name: string, value: string | undefined): TemplateText | undefined =>
    value === undefined ? undefined : { text: value, place: encoded(`the ${name} of ${where}`, value, source) };
  return {
    fixed: {
      content: typeof content === "string" ? content : new Uint8Array(content),
      contentType: method === undefined ? mimeType : `${mimeType}; method=${method}`,
      disposition: disposition === "inline" ? "inline" : "attachment",
    },
    filled: {
      filename: text("file name", filename ?? undefined),
      description: text("description", description),
      contentId: text("Content-ID", contentId?.replace(/^<(.*)>$/, "$1")),
    },
  };
}

/** Whether somebody may expect that it is filled: a text with an expression in it. */
function hasExpressions({ mimeType, content }: ParsedAttachment): boolean {
  if (!/^(?:text\/|message\/|application\/(?:json|xml|ics))/.test(mimeType)) return false;
  return /\{\{[^{}]{1,200}\}\}/.test(
    typeof content === "string" ? content : Buffer.from(new Uint8Array(content)).toString("latin1"),
  );
}

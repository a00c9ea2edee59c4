/** The attachments of the corpus: names, types and bytes. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Attachment } from "../../src/message/attachment.js";
import { compose } from "../../src/message/compose.js";
import { EmailMessage } from "../../src/message/email-message.js";

/** What a reader must find. */
export interface ExpectedAttachment {
  readonly filename: string | undefined;
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly contentId: string | undefined;
  readonly disposition: "attachment" | "inline";
}

export interface AttachmentRow {
  readonly name: string;
  readonly make: (filename: string) => {
    readonly given: Attachment;
    readonly type: string;
    readonly bytes: Uint8Array;
  };
}

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, index) => index);
/** The same on every run, and nothing that repeats early. */
const NOISE = Uint8Array.from({ length: 5000 }, (_, index) => ((index * 2_654_435_761) >>> 13) & 0xff);

function row(
  name: string,
  bytes: Uint8Array,
  type: string,
  more: (filename: string) => Partial<Attachment>,
): AttachmentRow {
  return { name, make: (filename) => ({ given: { content: bytes, ...more(filename) }, type, bytes }) };
}

const text = (value: string): Uint8Array => Buffer.from(value, "utf8");

export const ATTACHMENTS: readonly AttachmentRow[] = [
  row("text in UTF-8", text("gr\u00fc\u00dfe\r\nline\n"), "text/plain", (filename) => ({
    filename,
    contentType: "text/plain; charset=utf-8",
  })),
  row("every byte", EVERY_BYTE, "application/octet-stream", () => ({ filename: "every.bin" })),
  row("noise", NOISE, "application/zip", () => ({ filename: "noise.zip" })),
  row("nothing", new Uint8Array(0), "application/octet-stream", () => ({ filename: "empty.bin" })),
  row("lone line ends", text("a\rb\nc\r\nd\r\r\n\n"), "text/csv", () => ({ filename: "ends.csv" })),
  row("text as quoted-printable", text("gr\u00fc\u00dfe = \r\n.\r\n"), "text/plain", (filename) => ({
    filename,
    encoding: "quoted-printable",
  })),
  row("binary as quoted-printable", EVERY_BYTE, "application/x-odd", () => ({
    filename: "every.odd",
    contentType: "application/x-odd",
    encoding: "quoted-printable",
  })),
  row("html", text("<p>&uuml;</p>\n"), "text/html", () => ({ filename: "page.html" })),
  row("a stream", NOISE, "image/png", () => ({
    filename: "noise.png",
    content: () => [NOISE.subarray(0, 7), NOISE.subarray(7)],
  })),
  row("json", text('{"a":"\u00fc"}'), "application/json", () => ({ filename: "data.json", content: '{"a":"\u00fc"}' })),
  row("parameters and description", text("x"), "text/x-thing", (filename) => ({
    filename,
    contentType: 'text/x-thing; charset=utf-8; version="1; 2"',
    description: `About ${filename}`,
  })),
];

/** File names, beside those of the languages. */
export const FILENAMES: readonly string[] = [
  "plain.txt",
  "with space.txt",
  'quote".txt',
  "back\\slash.txt",
  "semi;colon,comma.txt",
  "100%.txt",
  "percent%20twenty.txt",
  "single'quote''s.txt",
  "equals=sign.txt",
  "(comment).txt",
  "=?utf-8?q?no?=.txt",
  `${"long-".repeat(40)}name.txt`,
  `${"länger-".repeat(30)}name.txt`,
  "日本語".repeat(30),
  " spaces around ",
  "dot.",
  "*star*0*.txt",
  "utf-8''no.txt",
];

/** A message as an attachment; its bytes are what it composes to alone. */
export function embedded(subject: string): {
  readonly given: Attachment;
  readonly filename: string;
  readonly bytes: Uint8Array;
} {
  const message = new EmailMessage({
    from: "inner@x.example",
    to: "in@y.example",
    subject,
    date: new Date(0),
    messageId: "inner@x.example",
    text: { content: "inner \u00fc\n.\n", encoding: "quoted-printable" },
  });
  const { content } = compose(message, { eightBit: false, utf8: false });
  assert.ok(content instanceof Uint8Array);
  return { given: { content: message, filename: "inner.eml" }, filename: "inner.eml", bytes: content };
}

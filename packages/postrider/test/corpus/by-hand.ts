/** Messages of the corpus that are put together part by part. */
import { Buffer } from "node:buffer";
import { EmailMessage } from "../../src/message/email-message.js";
import { MimeMultipart, MimePart, MimeText } from "../../src/message/mime-part.js";
import type { ExpectedAttachment } from "./attachments.js";

export interface HandBuilt {
  readonly name: string;
  readonly build: () => MimePart;
  readonly tree: string;
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly attachments: readonly ExpectedAttachment[];
  /** Whom it is to, where that matters. */
  readonly address?: string;
}

const BYTES = Uint8Array.of(0, 13, 10, 46, 255);
const TEXT = "Grüße\n.\n";
const HTML = "<p>Grüße</p>\n";

const data = new MimePart({ content: BYTES, contentType: "application/pdf", filename: "ü.pdf" });
const dataFound: ExpectedAttachment = {
  filename: "ü.pdf",
  type: "application/pdf",
  bytes: BYTES,
  contentId: undefined,
  disposition: "attachment",
};

const image = (contentId: string): { part: MimePart; found: ExpectedAttachment } => {
  const found = { filename: "i.png", type: "image/png", bytes: BYTES, contentId, disposition: "inline" } as const;
  return { part: new MimePart({ content: BYTES, filename: "i.png", contentId, disposition: "inline" }), found };
};

const text = (): MimePart => new MimeText(TEXT);
const html = (): MimePart => new MimeText(HTML, "html");

export const BY_HAND: readonly HandBuilt[] = [
  {
    name: "alternative, with related inside",
    build: () => new MimeMultipart("alternative", [text(), new MimeMultipart("related", [html(), image("a@x").part])]),
    tree: "multipart/alternative[text/plain,multipart/related[text/html,image/png]]",
    text: TEXT,
    html: HTML,
    attachments: [image("a@x").found],
  },
  {
    name: "mixed inside mixed",
    build: () => new MimeMultipart("mixed", [new MimeMultipart("mixed", [text(), data]), data]),
    tree: "multipart/mixed[multipart/mixed[text/plain,application/pdf],application/pdf]",
    text: TEXT,
    html: undefined,
    attachments: [dataFound, dataFound],
  },
  {
    name: "ten deep",
    build: () => {
      let part: MimePart = text();
      for (let depth = 0; depth < 10; depth += 1) part = new MimeMultipart("mixed", [part]);
      return part;
    },
    tree: `${"multipart/mixed[".repeat(10)}text/plain${"]".repeat(10)}`,
    text: TEXT,
    html: undefined,
    attachments: [],
  },
  {
    name: "a boundary of the caller's",
    build: () => {
      const part = new MimeMultipart("mixed", [text(), data]);
      part.headers.set("Content-Type", `multipart/mixed; boundary="simple boundary '()+_,-./:=?"`);
      return part;
    },
    tree: "multipart/mixed[text/plain,application/pdf]",
    text: TEXT,
    html: undefined,
    attachments: [dataFound],
  },
  {
    name: "steps of an EmailMessage",
    build: () =>
      new EmailMessage()
        .setContent(TEXT)
        .addAlternative(HTML, { contentType: "text/html" })
        .addRelated(BYTES, { filename: "i.png", contentId: "a@x" })
        .addAttachment(data),
    tree: "multipart/mixed[multipart/related[multipart/alternative[text/plain,text/html],image/png],application/pdf]",
    text: TEXT,
    html: HTML,
    attachments: [image("a@x").found, dataFound],
  },
  {
    name: "a message of eight bits inside",
    build: () => {
      const inner = Buffer.from("Subject: inner\r\n\r\ngr\u00fc\u00dfe\r\n.\r\n");
      const message = new MimePart({ content: inner, contentType: "message/rfc822", disposition: "attachment" });
      return new MimeMultipart("mixed", [text(), message]);
    },
    tree: "multipart/mixed[text/plain,message/rfc822]",
    text: TEXT,
    html: undefined,
    attachments: [
      {
        filename: undefined,
        type: "message/rfc822",
        bytes: Buffer.from("Subject: inner\r\n\r\ngr\u00fc\u00dfe\r\n.\r\n"),
        contentId: undefined,
        disposition: "attachment",
      },
    ],
  },
  {
    name: "an address in UTF-8, and with it the header: Grüße",
    build: () => new EmailMessage({ text: TEXT }),
    tree: "text/plain",
    text: TEXT,
    html: undefined,
    attachments: [],
    address: "jürgen@y.example",
  },
];

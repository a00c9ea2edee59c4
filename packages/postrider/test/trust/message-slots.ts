/**
 * Every place of a message that takes a string.
 */
import { Buffer } from "node:buffer";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Address, Email } from "postal-mime";
import {
  EmailMessage,
  fileAttachment,
  formatAddress,
  MessageHeaders,
  MimeMultipart,
  MimePart,
  MimeText,
  parseAddressList,
  parseHeaders,
} from "../../src/index.js";
import { alone, asName, BASE, type Details, inFields, inMessage, type Probe, type Slot, type Slots } from "./probe.js";

const NO_TEXT = "holds no string";

const nameOf = (address: Address | undefined): unknown => address?.name;
const bytesOf = (content: ArrayBuffer | Uint8Array | string | undefined): string =>
  typeof content === "string" ? content : Buffer.from((content ?? new ArrayBuffer(0)) as ArrayBuffer).toString("utf8");

/** Line ends of text become CRLF; what reads it back gives LF. */
const asLines = (text: string): string => text.replace(/\r\n|\r|\n/g, "\n");
const textOf = (email: Email): string | undefined => email.text?.replace(/\r\n/g, "\n").replace(/\n+$/, "");
const htmlOf = (email: Email): string | undefined => email.html?.replace(/\r\n/g, "\n").replace(/\n+$/, "");

/** An address field: as a string, as an object, in an array, in a group. */
function addressField(field: "from" | "sender" | "replyTo" | "to" | "cc" | "bcc"): readonly Probe[] {
  const isHidden = field === "bcc";
  const isOne = field === "sender";
  const find = (email: Email): Address | undefined => {
    const found = email[field];
    return Array.isArray(found) ? found[0] : found;
  };
  const named = new RegExp(field === "replyTo" ? "reply-?to" : field, "i");
  // The envelope's own rule may be the stricter one.
  const details: Details = {
    named: new RegExp(`${named.source}|recipients|sender|address`, "i"),
    isList: true,
    isHidden,
  };
  const readName = isHidden ? {} : { read: (email: Email) => nameOf(find(email)) };
  const probes = [
    inFields("Eve <eve@e.example>", (text) => ({ [field]: text }), details),
    inFields("eve@e.example", (text) => ({ [field]: text }), details),
    inFields("eve", (text) => ({ [field]: `${text}@e.example` }), details),
    inFields("e.example", (text) => ({ [field]: `eve@${text}` }), details),
    inFields("Eve", (text) => ({ [field]: `"${text}" <eve@e.example>` }), details),
    inFields("Eve", (text) => ({ [field]: { name: text, address: "eve@e.example" } }), {
      ...details,
      ...readName,
      means: trimmedName,
    }),
    inFields("eve@e.example", (text) => ({ [field]: { address: text } }), details),
    inFields("eve@e.example", (text) => ({ [field]: [{ name: "Eve", address: text }] }), details),
  ];
  if (isOne) return probes;
  return [
    ...probes,
    inFields("eve@e.example", (text) => ({ [field]: [text, "more@m.example"] }), details),
    ...(field === "from"
      ? []
      : [
          inFields("team", (text) => ({ [field]: { name: text, members: ["eve@e.example"] } }), {
            ...details,
            ...readName,
            means: trimmedName,
          }),
          inFields("eve@e.example", (text) => ({ [field]: { name: "team", members: [text] } }), details),
          inFields(
            "Eve",
            (text) => ({ [field]: { name: "team", members: [{ name: text, address: "eve@e.example" }] } }),
            // QUIRK: to postal-mime a semicolon ends the group also inside quotes.
            { ...details, isHidden: true },
          ),
          inFields("eve@e.example", (text) => ({ [field]: { name: "team", members: [{ address: text }] } }), details),
        ]),
  ];
}

const trimmedName = (text: string): unknown => (text === "" ? undefined : text);

/** What describes content, wherever it is given. */
function contentOptions(field: string, put: (options: object) => object): Record<string, Slot> {
  const probe = (usual: string, option: string, details: Details = {}): Probe =>
    inMessage(usual, (text) => put({ [option]: text }) as typeof BASE, details);
  const first = (email: Email) => email.attachments[0];
  return {
    [`${field}.filename`]: [
      probe("report.pdf", "filename", { read: (email) => first(email)?.filename, means: asName }),
    ],
    [`${field}.contentType`]: [
      probe("text/x-a; a=b", "contentType", {
        means: () => undefined,
        named: /contentType|content-type|charset|content|type/i,
      }),
    ],
    [`${field}.contentId`]: [
      probe("pic@a.example", "contentId", {
        read: (email) => first(email)?.contentId,
        means: (text) => `<${text}>`,
        named: /content-?id/i,
      }),
    ],
    [`${field}.disposition`]: [probe("attachment", "disposition")],
    [`${field}.encoding`]: [probe("base64", "encoding")],
    [`${field}.description`]: [
      probe("a report", "description", { read: (email) => first(email)?.description, named: /description/i }),
    ],
    [`${field}.headers`]: headerProbes((headers) => put({ headers })),
  };
}

/** Fields of each grammar, by name and by value. */
const VALUES: Readonly<Record<string, string>> = {
  "X-Text": "some text",
  Comments: "a comment",
  Keywords: "one, two",
  "List-ID": "The list <list.example.com>",
  "List-Unsubscribe": "<https://l.example/u>",
  "X-Priority": "1 (Highest)",
  "Auto-Submitted": "auto-generated",
  References: "<a@b.example>",
  "Content-Language": "en",
  "Disposition-Notification-To": "ann@a.example",
  "Resent-Message-ID": "<r@a.example>",
  Received: "from a by b; Fri, 2 Jan 2026 03:04:05 +0000",
};

function headerProbes(put: (headers: unknown) => object): readonly Probe[] {
  const values = Object.entries(VALUES).map(([name, usual]) =>
    inMessage(usual, (text) => put({ [name]: text }) as typeof BASE, { named: new RegExp(`${name}|headers`, "i") }),
  );
  return [
    ...values,
    inMessage("X-Own", (text) => put({ [text]: "v" }) as typeof BASE, { namesField: true, named: /./ }),
    inMessage("X-Own", (text) => put([[text, "v"]]) as typeof BASE, { namesField: true, named: /./ }),
    inMessage(
      "some text",
      (text) =>
        put([
          ["X-Own", "v"],
          ["x-own", text],
        ]) as typeof BASE,
      { named: /x-own|headers/i },
    ),
    inMessage("some text", (text) => put({ "X-Own": ["v", text] }) as typeof BASE, { named: /x-own|headers/i }),
  ];
}

/** Fields that say what the message is: an attacker who owns one of these owns the message, but not another one. */
const POWERFUL: Readonly<Record<string, string>> = {
  Subject: "a subject",
  From: "eve@e.example",
  Sender: "eve@e.example",
  To: "eve@e.example",
  Bcc: "eve@e.example",
  "Reply-To": "eve@e.example",
  Date: "Fri, 2 Jan 2026 03:04:05 +0000",
  "Message-ID": "<own@a.example>",
  "In-Reply-To": "<own@a.example>",
  "MIME-Version": "1.0",
  "Content-Type": "text/plain; charset=utf-8",
  "Content-Transfer-Encoding": "base64",
  "Content-Disposition": "inline; filename=a.txt",
  "Content-ID": "<own@a.example>",
};

const powerfulHeaders: readonly Probe[] = Object.entries(POWERFUL).map(([name, usual]) =>
  inFields(usual, (text) => ({ headers: { [name]: text } }), {
    named: new RegExp(`${name}|headers|recipients|sender|content|text|type`, "i"),
    isList: true,
    isHidden: name === "Bcc",
  }),
);

const attachmentOf = (options: object): object => ({ ...BASE, attachments: [{ content: "x", ...options }] });

const textProbes = (field: "text" | "html"): readonly Probe[] => {
  const read = field === "text" ? textOf : htmlOf;
  return [
    inFields("hello", (text) => ({ text: undefined, [field]: text }), {
      read,
      means: (text) => asLines(text).replace(/\n+$/, ""),
    }),
    inFields("hello", (text) => ({ text: "t", html: "h", [field]: text }), {
      read,
      means: (text) => asLines(text).replace(/\n+$/, ""),
    }),
    inFields("hello", (text) => ({ text: undefined, [field]: { content: text } }), {
      read,
      means: (text) => asLines(text).replace(/\n+$/, ""),
      named: new RegExp(`${field}`),
    }),
  ];
};

let file: string | undefined;
function aFile(): string {
  if (file === undefined) {
    file = join(mkdtempSync(join(tmpdir(), "trust-")), "a.txt");
    writeFileSync(file, "content of the file");
  }
  return file;
}

const builder = (method: "setContent" | "addAlternative" | "addRelated" | "addAttachment"): readonly Probe[] => [
  inMessage("hello", (text) => new EmailMessage({ ...BASE, text: undefined })[method](text), { named: /content/i }),
  inMessage(
    "a.txt",
    (text) => new EmailMessage(BASE)[method === "setContent" ? "addAttachment" : method]("x", { filename: text }),
    { named: /filename/ },
  ),
];

const headerMethod = (method: "set" | "append"): Pick<Record<string, readonly Probe[]>, "name" | "value"> => ({
  name: [
    alone(
      "X-Own",
      (text) => {
        new MessageHeaders()[method](text, "v");
      },
      { named: /./ },
    ),
  ],
  value: [
    alone(
      "some text",
      (text) => {
        const headers = new MessageHeaders()[method]("X-Own", text);
        return headers.get("X-Own");
      },
      { means: (text) => text, named: /x-own/i },
    ),
  ],
});
const setter = headerMethod("set");
const appender = headerMethod("append");

export const MESSAGE_SLOTS: Slots = {
  "MessageFields.from": addressField("from"),
  "MessageFields.sender": addressField("sender"),
  "MessageFields.replyTo": addressField("replyTo"),
  "MessageFields.to": addressField("to"),
  "MessageFields.cc": addressField("cc"),
  "MessageFields.bcc": addressField("bcc"),
  "MessageFields.subject": [inFields("a subject", (text) => ({ subject: text }), { read: (email) => email.subject })],
  "MessageFields.date": [inFields("2026-01-02", (text) => ({ date: text }))],
  "MessageFields.messageId": [
    inFields("own@a.example", (text) => ({ messageId: text }), { named: /messageId|message-id/i }),
    inFields("own@a.example", (text) => ({ messageId: `<${text}>` }), {
      named: /messageId|message-id/i,
      read: (email) => email.messageId,
      means: (text) => `<${text}>`,
    }),
  ],
  "MessageFields.inReplyTo": [
    inFields("<a@b.example>", (text) => ({ inReplyTo: text }), { named: /inReplyTo|in-reply-to/i }),
    inFields("a@b.example", (text) => ({ inReplyTo: [text, "<c@d.example>"] }), { named: /inReplyTo|in-reply-to/i }),
  ],
  "MessageFields.references": [
    inFields("<a@b.example> <c@d.example>", (text) => ({ references: text }), { named: /references/i }),
    inFields("a@b.example", (text) => ({ references: ["<c@d.example>", text] }), { named: /references/i }),
  ],
  "MessageFields.text": textProbes("text"),
  "MessageFields.html": textProbes("html"),
  "MessageFields.attachments": [
    inFields("x", (text) => ({ attachments: [text] }), { named: /attachments/ }),
    inFields("x", (text) => ({ attachments: text }), { named: /attachments/ }),
  ],
  "MessageFields.headers": [...headerProbes((headers) => ({ ...BASE, headers })), ...powerfulHeaders],
  "TextContent.content": [
    inFields("hello", (text) => ({ text: { content: text } }), {
      read: textOf,
      means: (text) => asLines(text).replace(/\n+$/, ""),
      named: /text/,
    }),
  ],
  "TextContent.encoding": [inFields("base64", (text) => ({ text: { content: "é", encoding: text } }))],
  "TextContent.charset": [inFields("utf-8", (text) => ({ text: { content: "a", charset: text } }), { named: /text/ })],
  "Attachment.content": [
    inMessage("hello", (text) => attachmentOf({ content: text }) as typeof BASE, {
      read: (email) => bytesOf(email.attachments[0]?.content),
    }),
    inMessage("hello", (text) => attachmentOf({ content: { path: text } }) as typeof BASE, { named: /content/ }),
    inMessage("hello", (text) => attachmentOf({ path: text }) as typeof BASE, { named: /path/ }),
  ],
  ...contentOptions("ContentOptions", attachmentOf),
  "MimePartOptions.content": [
    inMessage("hello", (text) => withSender(new MimeMultipart("mixed", [new MimePart({ content: text })])), {
      named: /content|from/i,
    }),
  ],
  "MailboxInput.name": "part of every address field of MessageFields",
  "MailboxInput.address": "part of every address field of MessageFields",
  "GroupInput.name": "part of every address field of MessageFields",
  "GroupInput.members": "part of every address field of MessageFields",
  "Mailbox.name": [
    alone(
      "Eve",
      (text) =>
        parseAddressList(formatAddress({ name: text, address: "eve@e.example", asciiAddress: undefined }))[0]?.name,
      { means: trimmedName },
    ),
  ],
  "Mailbox.address": [
    alone(
      "eve@e.example",
      (text) => parseAddressList(formatAddress({ name: "Eve", address: text, asciiAddress: undefined })).length,
      { means: () => 1 },
    ),
  ],
  "Mailbox.asciiAddress": [
    inFields("eve@e.example", (text) => ({ to: { name: "Eve", address: "eve@e.example", asciiAddress: text } }), {
      named: /asciiAddress/,
    }),
  ],
  "Group.name": "parseAddressList gives it; as input it is GroupInput",
  "Group.members": "parseAddressList gives it; as input it is GroupInput",
  "formatAddress.mailbox": "its members are listed under Mailbox",
  "parseAddressList.text": [
    alone(
      "Eve <eve@e.example>",
      (text) => {
        parseAddressList(text);
      },
      { named: /address/ },
    ),
  ],
  "parseAddressList.field": [
    alone("to", (text) => {
      parseAddressList("eve@e.example", text);
    }),
  ],
  "parseHeaders.bytes": [
    alone(
      "X-A: b",
      (text) => {
        parseHeaders(Buffer.from(text));
      },
      { named: /./ },
    ),
  ],
  "fileAttachment.path": [
    inFields("a.txt", (text) => ({ attachments: [fileAttachment(`${aFile()}${text}`)] }), {
      named: /fileAttachment|filename/,
    }),
  ],
  "fileAttachment.options": [
    inFields("a.txt", (text) => ({ attachments: [fileAttachment(aFile(), { filename: text })] }), {
      read: (email) => email.attachments[0]?.filename,
      means: asName,
      named: /filename/,
    }),
  ],
  "EmailMessage.constructor(fields)": "its members are listed under MessageFields",
  "EmailMessage.setContent(content)": builder("setContent"),
  "EmailMessage.setContent(options)": "its members are listed under ContentOptions",
  "EmailMessage.addAlternative(content)": builder("addAlternative"),
  "EmailMessage.addAlternative(options)": "its members are listed under ContentOptions",
  "EmailMessage.addRelated(content)": builder("addRelated"),
  "EmailMessage.addRelated(options)": "its members are listed under ContentOptions",
  "EmailMessage.addAttachment(content)": builder("addAttachment"),
  "EmailMessage.addAttachment(options)": "its members are listed under ContentOptions",
  "MessageHeaders.get(name)": [alone("X-Own", (text) => new MessageHeaders().get(text))],
  "MessageHeaders.getAll(name)": [
    alone("X-Own", (text) => new MessageHeaders().getAll(text).length, { means: () => 0 }),
  ],
  "MessageHeaders.has(name)": [alone("X-Own", (text) => new MessageHeaders().has(text), { means: () => false })],
  "MessageHeaders.delete(name)": [alone("X-Own", (text) => new MessageHeaders().delete(text), { means: () => false })],
  "MessageHeaders.set(name)": setter["name"] ?? NO_TEXT,
  "MessageHeaders.set(value)": setter["value"] ?? NO_TEXT,
  "MessageHeaders.append(name)": appender["name"] ?? NO_TEXT,
  "MessageHeaders.append(value)": appender["value"] ?? NO_TEXT,
  "MimeMultipart.constructor(subtype)": [
    inMessage("mixed", (text) => withSender(new MimeMultipart(text, [new MimeText("a")]))),
  ],
  "MimeMultipart.constructor(parts)": NO_TEXT,
  "MimeMultipart.attach(part)": NO_TEXT,
  "MimePart.constructor(options)": "its members are listed under MimePartOptions",
  "MimeText.constructor(text)": [
    inMessage("hello", (text) => withSender(new MimeText(text)), {
      read: textOf,
      means: (text) => asLines(text).replace(/\n+$/, ""),
      named: /content|text/,
    }),
  ],
  "MimeText.constructor(subtype)": [inMessage("plain", (text) => withSender(new MimeText("a", text)))],
  "MimeText.constructor(charset)": [inMessage("utf-8", (text) => withSender(new MimeText("a", "plain", text)))],
};

function withSender<Part extends MimePart>(part: Part): Part {
  part.headers.set("From", "ann@a.example");
  part.headers.set("To", "bob@b.example");
  return part;
}

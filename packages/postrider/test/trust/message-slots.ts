/**
 * Every place of a message that takes a string.
 */
import { Buffer } from "node:buffer";
import type { Address, Email } from "postal-mime";
import {
  asDisplayName,
  asName,
  asText,
  BASE,
  type Details,
  inFields,
  inMessage,
  never,
  type Probe,
  type Slot,
  type Slots,
  textOf,
} from "./probe.js";

const nameOf = (address: Address | undefined): unknown => address?.name;
const bytesOf = (content: ArrayBuffer | Uint8Array | string | undefined): string =>
  typeof content === "string" ? content : Buffer.from((content ?? new ArrayBuffer(0)) as ArrayBuffer).toString("utf8");

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
      means: asDisplayName,
    }),
    inFields("eve@e.example", (text) => ({ [field]: { address: text } }), details),
    inFields("eve@e.example", (text) => ({ [field]: [{ name: "Eve", address: text }] }), details),
  ];
  if (isOne) return probes;
  return [
    ...probes,
    inFields(
      "eve@e.example",
      // RFC 5322 §3.6.2: several authors need a sender.
      (text) => ({ [field]: [text, "more@m.example"], ...(field === "from" ? { sender: "eve@e.example" } : {}) }),
      details,
    ),
    ...(field === "from"
      ? []
      : [
          inFields("team", (text) => ({ [field]: { name: text, members: ["eve@e.example"] } }), {
            ...details,
            ...readName,
            means: asDisplayName,
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

/** What describes content, wherever it is given. */
function contentOptions(field: string, put: (options: object) => object): Record<string, Slot> {
  const probe = (usual: string, option: string, details: Details = {}): Probe =>
    inMessage(usual, (text) => put({ [option]: text }) as typeof BASE, details);
  const first = (email: Email) => email.attachments[0];
  return {
    [`${field}.filename`]: [
      probe("report.pdf", "filename", { read: (email) => first(email)?.filename, means: asName, isHeavy: true }),
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
      means: asText,
    }),
    inFields("hello", (text) => ({ text: "t", html: "h", [field]: text }), {
      read,
      means: asText,
    }),
    inFields("hello", (text) => ({ text: undefined, [field]: { content: text } }), {
      read,
      means: asText,
      named: new RegExp(`${field}`),
    }),
  ];
};

export const MESSAGE_SLOTS: Slots = {
  "MessageFields.from": addressField("from"),
  "MessageFields.sender": addressField("sender"),
  "MessageFields.replyTo": addressField("replyTo"),
  "MessageFields.to": addressField("to"),
  "MessageFields.cc": addressField("cc"),
  "MessageFields.bcc": addressField("bcc"),
  "MessageFields.subject": [inFields("a subject", (text) => ({ subject: text }), { read: (email) => email.subject })],
  "MessageFields.date": never([inFields("2026-01-02", (text) => ({ date: text }))]),
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
  "MessageFields.attachments": never([
    inFields("x", (text) => ({ attachments: [text] }), { named: /attachments/ }),
    inFields("x", (text) => ({ attachments: text }), { named: /attachments/ }),
  ]),
  "MessageFields.headers": [...headerProbes((headers) => ({ ...BASE, headers })), ...powerfulHeaders],
  "TextContent.content": [
    inFields("hello", (text) => ({ text: { content: text } }), {
      read: textOf,
      means: asText,
      named: /text/,
    }),
  ],
  "TextContent.encoding": [inFields("base64", (text) => ({ text: { content: "é", encoding: text } }))],
  "TextContent.charset": [inFields("utf-8", (text) => ({ text: { content: "a", charset: text } }), { named: /text/ })],
  "Attachment.content": [
    inMessage("hello", (text) => attachmentOf({ content: text }) as typeof BASE, {
      read: (email) => bytesOf(email.attachments[0]?.content),
    }),
    inMessage("hello", (text) => attachmentOf({ content: { path: text } }) as typeof BASE, {
      named: /content/,
      isNever: true,
    }),
    inMessage("hello", (text) => attachmentOf({ path: text }) as typeof BASE, { named: /path/, isNever: true }),
  ],
  ...contentOptions("ContentOptions", attachmentOf),
  "MailboxInput.name": "part of every address field of MessageFields",
  "MailboxInput.address": "part of every address field of MessageFields",
  "GroupInput.name": "part of every address field of MessageFields",
  "GroupInput.members": "part of every address field of MessageFields",
};

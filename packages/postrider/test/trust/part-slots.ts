/**
 * Every string of the parts of which a message is made, and of what reads and writes addresses and headers.
 */
import { Buffer } from "node:buffer";
import { join } from "node:path";
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
import { packageFolder } from "../support/dialogue.js";
import {
  alone,
  asDisplayName,
  asName,
  asText,
  BASE,
  inFields,
  inMessage,
  type Probe,
  type Slots,
  textOf,
} from "./probe.js";

const NO_TEXT = "holds no string";

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

export const PART_SLOTS: Slots = {
  "MimePartOptions.content": [
    inMessage("hello", (text) => withSender(new MimeMultipart("mixed", [new MimePart({ content: text })])), {
      named: /content|from/i,
    }),
  ],
  "Mailbox.name": [
    alone(
      "Eve",
      (text) =>
        parseAddressList(formatAddress({ name: text, address: "eve@e.example", asciiAddress: undefined }))[0]?.name,
      { means: asDisplayName },
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
  "ContentOpener.size": "a number",
  "Group.name": [
    alone("Team", (text) => parseAddressList(formatAddress({ name: text, members: [] }))[0]?.name, {
      means: asDisplayName,
    }),
  ],
  "Group.members": "each is a Mailbox",
  "formatAddress.entry": "its members are listed under Mailbox and Group",
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
    inFields("package.json", (text) => ({ attachments: [fileAttachment(`${packageFolder()}/${text}`)] }), {
      named: /fileAttachment|filename/,
      isHeavy: true,
    }),
  ],
  "fileAttachment.options": [
    inFields(
      "a.txt",
      (text) => ({ attachments: [fileAttachment(join(packageFolder(), "package.json"), { filename: text })] }),
      {
        read: (email) => email.attachments[0]?.filename,
        means: asName,
        isHeavy: true,
        named: /filename/,
      },
    ),
  ],
  "EmailMessage.constructor(fields)": "its members are listed under MessageFields",
  "MessageBytesOptions.bcc": "a flag",
  "EmailMessage.toBytes(options)": "its members are listed under MessageBytesOptions",
  "EmailMessage.stream(options)": "its members are listed under MessageBytesOptions",
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
      means: asText,
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

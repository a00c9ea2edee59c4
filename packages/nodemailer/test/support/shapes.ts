/**
 * Messages as programs give them to nodemailer. Content is made anew for each library: streams are read once.
 */
import { Readable } from "node:stream";

export interface Shape {
  readonly name: string;
  readonly message: () => Record<string, unknown>;
  /** The row of docs/nodemailer-drop-in.md that says why the two differ. */
  readonly row?: string;
}

const BASE = { from: "ann@example.org", to: "bob@example.com", subject: "Hello", text: "Hi there" };
const FILE = new URL(import.meta.url);
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const ICS = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nEND:VCALENDAR";

const messages: Readonly<Record<string, Record<string, unknown>>> = {
  // Texts.
  "plain text": {},
  "no subject": { subject: undefined },
  "empty subject": { subject: "" },
  "a number as the subject": { subject: 42 },
  "a subject beyond ASCII": { subject: "Grüße aus Köln" },
  "a subject of emoji": { subject: "Well done 🎉🎉" },
  "a long subject": { subject: "word ".repeat(60).trim() },
  "a long subject beyond ASCII": { subject: "Übergrößenträger ".repeat(12).trim() },
  "a subject with a line break": { subject: "one\r\ntwo" },
  "a subject that is encoded": { subject: "=?UTF-8?Q?H=C3=A9llo?=" },
  "text of several lines": { text: "one\ntwo\r\nthree" },
  "text beyond ASCII": { text: "Grüße — ünïcödé" },
  "text with long lines": { text: "x".repeat(2000) },
  "text with dots": { text: ".\n..\n.hidden\n" },
  "text with From at the start of a line": { text: "From here\nto there" },
  "text with trailing spaces": { text: "one  \ntwo \t" },
  "empty text": { text: "" },
  "empty html": { html: "" },
  "text from a stream": { text: "STREAM" },
  "one attachment without an array": { attachments: { filename: "a.txt", content: "a" } },
  "html alone": { text: undefined, html: "<p>Hi</p>" },
  "text and html": { html: "<p>Hi</p>" },
  "html beyond ASCII": { html: "<p>Grüße</p>" },
  "text as a Buffer": { text: Buffer.from("from a buffer, größer") },
  "html as an object with content": { html: { content: "<b>object</b>" } },
  "text from a file": { text: { path: "FILE" } },
  "html as a Buffer in base64": { html: { content: Buffer.from("<i>x</i>").toString("base64"), encoding: "base64" } },
  "text, html and watchHtml": { html: "<p>Hi</p>", watchHtml: "<b>watch</b>" },
  "text, html and amp": { html: "<p>Hi</p>", amp: "<!doctype html><html amp4email></html>" },
  "no text at all": { text: undefined },
  "encoding base64 for all": { encoding: "base64", html: "<p>Hi</p>" },
  "textEncoding base64": { textEncoding: "base64", text: "Größe" },
  "textEncoding quoted-printable": { textEncoding: "quoted-printable", text: "Größe" },
  alternatives: { alternatives: [{ contentType: "text/x-web-markdown", content: "**Hi**" }] },
  "an alternative in bytes": {
    row: "alternatives",
    alternatives: [{ contentType: "application/json", content: Buffer.from('{"a":1}') }],
  },
  // Addresses.
  "an address with a name": { from: "Ann Example <ann@example.org>" },
  "a quoted name": { to: '"Doe, Jane" <jane@example.com>' },
  "a name beyond ASCII": { to: "Jürgen Müller <j@example.com>" },
  "an object": { from: { name: "Ann", address: "ann@example.org" } },
  "an object with a name that needs quotes": { from: { name: 'Ann "A" Example, Ltd.', address: "ann@example.org" } },
  "an array": { to: ["a@example.com", "b@example.com"] },
  "an array of all kinds": {
    to: ["a@example.com", { name: "B", address: "b@example.com" }, "C <c@example.com>, d@example.com"],
  },
  "cc and bcc": { cc: "c@example.com", bcc: "d@example.com, e@example.com" },
  "only bcc": { to: undefined, bcc: "d@example.com" },
  "reply-to": { replyTo: "Support <support@example.org>" },
  sender: { sender: "robot@example.net" },
  "a group": { cc: "Team: a@example.com, b@example.com;" },
  "an empty group": { to: "undisclosed-recipients:;", bcc: "x@example.com" },
  "a trailing comma": { to: "a@example.com, " },
  "empty entries": { to: "a@example.com,, ,b@example.com" },
  semicolons: { to: "a@example.com; b@example.com" },
  "an address as its own name": { to: "a@example.com <a@example.com>" },
  "a folded list": { to: "a@example.com,\r\n b@example.com" },
  "white space around": { to: "  a@example.com  " },
  "null among the recipients": { to: ["a@example.com", null, undefined, ""] },
  "duplicate recipients": { to: "a@example.com, a@example.com", cc: "a@example.com" },
  "a name in single quotes": { to: "'Ann' <a@example.com>" },
  "a name with a dot": { to: "Dr. Who <who@example.com>" },
  "a name with parentheses": { to: "Ann (home) <a@example.com>" },
  "a domain beyond ASCII": { to: "x@exämple.com" },
  "plus and dots": { to: "a.b+tag@example.com" },
  "angle brackets alone": { to: "<a@example.com>" },
  "several authors": { row: "several authors", from: "a@example.org, b@example.org" },
  "upper case in the domain": { row: "case of a domain", to: "Bob@EXAMPLE.com" },
  // Envelope.
  "an envelope": { envelope: { from: "bounce@example.org", to: ["x@example.com", "y@example.com"] } },
  "an envelope with names": { envelope: { from: "Daemon <bounce@example.org>", to: "X <x@example.com>" } },
  "an envelope with cc and bcc": {
    envelope: { from: "b@example.org", to: "x@example.com", cc: "y@example.com", bcc: "z@example.com" },
  },
  // Headers.
  "headers as an object": { headers: { "X-One": "1", "X-Two": ["2", "3"] } },
  "headers as an array": {
    headers: [
      { key: "X-One", value: "1" },
      { key: "X-One", value: "2" },
    ],
  },
  "headers that are numbers": { headers: { "X-Number": 5 } },
  "headers that are null": { headers: { "X-Null": null, "X-Undefined": undefined, "X-Here": "yes" } },
  "headers beyond ASCII": { headers: { "X-Name": "Jürgen" } },
  "prepared headers": { headers: { "X-Prepared": { prepared: true, value: "=?UTF-8?Q?H=C3=A9?=" } } },
  "a header with a line break": { headers: { "X-Break": "one\r\nBcc: evil@example.net" } },
  "a header that a field sets too": { headers: { Subject: "from the headers" } },
  "a long header": { headers: { "X-Long": "word ".repeat(80).trim() } },
  "List-Unsubscribe by hand": {
    headers: {
      "List-Unsubscribe": "<https://example.org/leave>",
      "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
  },
  "priority high": { priority: "high", row: "priority fields" },
  "priority low": { priority: "low", row: "priority fields" },
  "priority normal": { priority: "normal" },
  "a messageId": { messageId: "<fixed@example.org>" },
  "a messageId without brackets": { messageId: "fixed@example.org" },
  inReplyTo: { inReplyTo: "<first@example.org>" },
  "references as text": { references: "<a@example.org> <b@example.org>" },
  "references as an array": { references: ["a@example.org", "<b@example.org>"] },
  "a Date": { date: new Date("2024-02-03T04:05:06Z") },
  "a date as RFC text": { date: "Sat, 03 Feb 2024 04:05:06 +0000" },
  list: {
    list: {
      help: "help@example.org?subject=help",
      unsubscribe: { url: "https://example.org/leave", comment: "Leave" },
    },
  },
  "list with rows": {
    list: {
      subscribe: [["a@example.org?subject=1", "https://example.org/join"], { url: "b@example.org", comment: "B" }],
    },
  },
  "list id": { list: { id: { url: "news.example.org", comment: "The News" } } },
  xMailer: { xMailer: "My Mailer 1.0" },
  // Attachments.
  "an attachment of text": { attachments: [{ filename: "a.txt", content: "hello" }] },
  "an attachment of bytes": { attachments: [{ filename: "a.bin", content: Buffer.from([0, 1, 2, 255]) }] },
  "an attachment in base64": {
    attachments: [{ filename: "a.png", content: PNG.toString("base64"), encoding: "base64" }],
  },
  "an attachment in hex": { attachments: [{ filename: "a.bin", content: "00ff10", encoding: "hex" }] },
  "an attachment from a file": { row: "media types", attachments: [{ path: "FILE" }] },
  "a file under another name": { attachments: [{ path: "FILE", filename: "renamed.txt", contentType: "text/plain" }] },
  "an attachment from a data URI": {
    attachments: [{ filename: "pixel.png", path: `data:image/png;base64,${PNG.toString("base64")}` }],
  },
  "a stream": { attachments: [{ filename: "s.txt", content: "STREAM" }] },
  "a type of its own": { attachments: [{ filename: "x", content: "{}", contentType: "application/json" }] },
  "a file name beyond ASCII": { attachments: [{ filename: "Übersicht März.pdf", content: Buffer.from("x") }] },
  "a name with quotes": { attachments: [{ filename: 'a "b".txt', content: "x" }] },
  "a long name": { attachments: [{ filename: `${"long name ".repeat(12)}.txt`, content: "x" }] },
  "a long name beyond ASCII": { attachments: [{ filename: `${"größe ".repeat(20)}.txt`, content: "x" }] },
  "a charset that a string is not in": {
    attachments: [{ filename: "a.txt", content: "Größe", contentType: "text/plain; charset=windows-1252" }],
  },
  "html with a charset": { html: { content: "<p>Größe</p>", contentType: "text/html; charset=iso-8859-2" } },
  "no name": { attachments: [{ filename: false, content: "x" }] },
  "a default name": { attachments: [{ content: "x", contentType: "text/plain" }] },
  "inline by hand": { attachments: [{ filename: "i.png", content: PNG, contentDisposition: "inline" }] },
  "an image in the html": {
    html: '<img src="cid:pic@x">',
    attachments: [{ filename: "p.png", content: PNG, cid: "pic@x" }],
  },
  "an image and a file": {
    html: '<img src="cid:pic@x">',
    attachments: [
      { filename: "p.png", content: PNG, cid: "pic@x" },
      { filename: "f.txt", content: "f" },
    ],
  },
  "a cid without html": { attachments: [{ filename: "p.png", content: PNG, cid: "pic@x" }] },
  "headers of an attachment": { attachments: [{ filename: "h.txt", content: "x", headers: { "X-Part": "yes" } }] },
  "a transfer encoding": {
    attachments: [{ filename: "q.txt", content: "Größe", contentTransferEncoding: "quoted-printable" }],
  },
  "a message attached": {
    attachments: [
      {
        filename: "m.eml",
        contentType: "message/rfc822",
        content: "From: x@example.org\r\nSubject: inner\r\n\r\ninner text\r\n",
      },
    ],
  },
  "a raw attachment": {
    row: "raw parts",
    attachments: [
      { raw: "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=r.txt\r\n\r\nraw text" },
    ],
  },
  "many attachments": {
    attachments: Array.from({ length: 12 }, (_, index) => ({ filename: `f${index}.txt`, content: `file ${index}` })),
  },
  "html and attachments": { html: "<p>Hi</p>", attachments: [{ filename: "a.txt", content: "a" }] },
  "only an attachment": { text: undefined, attachments: [{ filename: "a.txt", content: "a" }] },
  attachDataUrls: { html: `<img src="data:image/png;base64,${PNG.toString("base64")}">`, attachDataUrls: true },
  // Calendars.
  "icalEvent as text": { icalEvent: ICS },
  "icalEvent with a method": { icalEvent: { method: "REQUEST", content: ICS } },
  "icalEvent with a name": {
    icalEvent: { filename: "invitation.ics", method: "PUBLISH", content: ICS },
    html: "<p>come</p>",
  },
  // Raw.
  "raw text": {
    raw: "From: r@example.org\r\nTo: s@example.com\r\nSubject: raw\r\n\r\nraw body\r\n",
    envelope: { from: "r@example.org", to: "s@example.com" },
  },
  "raw bytes": {
    raw: Buffer.from("Subject: raw\n\nraw body\n"),
    envelope: { from: "r@example.org", to: ["s@example.com"] },
  },
  "raw with fields for the envelope": { raw: "Subject: raw\r\n\r\nraw body\r\n" },
  "raw from a stream": { raw: "STREAM", envelope: { from: "r@example.org", to: "s@example.com" } },
};

/** Paths, and streams of their own. */
function filled(value: unknown): unknown {
  if (value === "FILE") return FILE.pathname;
  if (value === "STREAM")
    return Readable.from([Buffer.from("Subject: streamed\r\n\r\nfirst "), Buffer.from("second\r\n")], {
      objectMode: false,
    });
  if (Array.isArray(value)) return value.map(filled);
  if (
    typeof value !== "object" ||
    value === null ||
    ArrayBuffer.isView(value) ||
    Object.prototype.toString.call(value) === "[object Date]"
  )
    return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one)]));
}

export const SHAPES: readonly Shape[] = Object.entries(messages).map(([name, { row, ...fields }]) => ({
  name,
  message: () => filled({ ...BASE, ...fields }) as Record<string, unknown>,
  ...(row === undefined ? {} : { row: row as string }),
}));

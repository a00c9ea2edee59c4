import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { compose } from "../../src/message/compose.js";
import { EmailMessage } from "../../src/message/email-message.js";
import { MimeMultipart, MimePart, MimeText } from "../../src/message/mime-part.js";
import { attached, fault, readBack, SEVEN, shape, wire } from "./support.js";

const HTML = { contentType: "text/html" };
const PNG = { contentType: "image/png", contentId: "logo" };

test("setContent is text/plain in UTF-8, unless it is said otherwise", () => {
  const type = (message: EmailMessage): string | undefined => message.headers.get("Content-Type");
  assert.equal(type(new EmailMessage().setContent("x")), "text/plain; charset=utf-8");
  assert.equal(type(new EmailMessage().setContent("x", HTML)), "text/html; charset=utf-8");
  assert.equal(
    type(new EmailMessage().setContent("x", { contentType: "text/plain; charset=iso-8859-1" })),
    "text/plain; charset=iso-8859-1",
  );
  assert.equal(type(new EmailMessage().setContent("{}", { contentType: "application/json" })), "application/json");
  assert.equal(type(new EmailMessage().setContent(new Uint8Array(1))), "application/octet-stream");
});

test("setContent replaces the content and its headers, and keeps the others", async () => {
  const message = new EmailMessage({ subject: "kept", text: "old" });
  message.setContent("a", { description: "gone", contentId: "gone" }).setContent("<p>new</p>", HTML);
  assert.deepEqual(
    [...message.headers],
    [
      ["Subject", "kept"],
      ["Content-Type", "text/html; charset=utf-8"],
    ],
  );
  assert.match(await wire(message), /\r\n\r\n<p>new<\/p>\r\n$/);
});

test("setContent on several parts is an error", () => {
  const message = new EmailMessage({ text: "a", html: "b" });
  assert.throws(() => message.setContent("c"), fault("message", "content", /several parts/));
});

test("content moves into the first part when a second one comes", () => {
  const message = new EmailMessage({ subject: "s" });
  message
    .setContent("text")
    .addAlternative("<p>", HTML)
    .addRelated(new Uint8Array(1), PNG)
    .addAttachment("a,b", { filename: "x.csv" });
  assert.equal(
    shape(message),
    [
      "multipart/mixed",
      "  multipart/related",
      "    multipart/alternative",
      "      text/plain",
      "      text/html",
      "    image/png",
      "  text/csv",
    ].join("\n"),
  );
  assert.deepEqual(
    [...message.headers].map(([name]) => name),
    ["Subject", "Content-Type"],
  );
});

test("the methods and the literal give the same structure", async () => {
  const step = new EmailMessage()
    .setContent("text")
    .addAlternative("<img src='cid:logo'>", HTML)
    .addRelated(new Uint8Array(1), PNG)
    .addAttachment("a,b", { filename: "x.csv" });
  const literal = new EmailMessage({
    text: "text",
    html: "<img src='cid:logo'>",
    attachments: [
      { content: new Uint8Array(1), ...PNG },
      { content: "a,b", filename: "x.csv" },
    ],
  });
  const clean = (text: string): string => text.replace(/^(Date|Message-ID): .*\r\n/gm, "");
  assert.equal(clean(await wire(step)), clean(await wire(literal)));
});

test("more of the same kind goes beside the first", () => {
  const message = new EmailMessage()
    .setContent("a")
    .addAlternative("b", HTML)
    .addAlternative("c", { contentType: "text/enriched" });
  message.addAttachment("1").addAttachment("2");
  assert.equal(
    shape(message),
    "multipart/mixed\n  multipart/alternative\n    text/plain\n    text/html\n    text/enriched\n  text/plain\n  text/plain",
  );
  assert.equal(message.parts.length, 3);
});

test("html with its images may be an alternative to later content", () => {
  const message = new EmailMessage()
    .setContent("<p>", HTML)
    .addRelated(new Uint8Array(1), PNG)
    .addAlternative("x", HTML);
  assert.equal(shape(message), "multipart/alternative\n  multipart/related\n    text/html\n    image/png\n  text/html");
});

test("attachments without content stand alone in mixed", () => {
  assert.equal(shape(new EmailMessage().addAttachment("x")), "multipart/mixed\n  text/plain");
});

test("alternatives and related parts after an attachment are an error that says what to do", () => {
  const message = new EmailMessage({ text: "a" }).addAttachment("x");
  assert.throws(() => message.addAlternative("b"), fault("message", "content", /addAlternative before addAttachment/));
  assert.throws(() => message.addRelated("b"), fault("message", "content", /addRelated before addAttachment/));
  const report = new EmailMessage().setContent(new MimeMultipart("report", [new MimeText("x")]));
  assert.throws(() => report.addRelated("b"), fault("message", "content", /multipart\/report/));
});

test("related content is inline, attachments are attachments, the options win", () => {
  const message = new EmailMessage()
    .setContent("<p>", HTML)
    .addRelated(new Uint8Array(1), PNG)
    .addAttachment("x", { filename: "a.txt" })
    .addAttachment("y", { filename: "b.txt", disposition: "inline" });
  const [related, first, second] = message.parts;
  assert.equal(related?.parts[1]?.headers.get("Content-Disposition"), "inline");
  assert.equal(related?.parts[1]?.headers.get("Content-ID"), "<logo>");
  assert.equal(first?.headers.get("Content-Disposition"), 'attachment; filename="a.txt"');
  assert.equal(second?.headers.get("Content-Disposition"), 'inline; filename="b.txt"');
});

test("an attachment as one object is taken with its description; options beside it win", () => {
  const attachment = Object.freeze({ content: "x", filename: "a.txt", description: "first" });
  const message = new EmailMessage().addAttachment(attachment, { description: "second" });
  const headers = message.parts[0]?.headers;
  assert.equal(headers?.get("Content-Disposition"), 'attachment; filename="a.txt"');
  assert.equal(headers?.get("Content-Description"), "second");
});

test("a part is added as it is, a message becomes message/rfc822", async () => {
  const part = new MimeText("a;b", "csv");
  const inner = new EmailMessage({ subject: "Innen: ä", from: "x@example.org", text: "Grüße" });
  const message = new EmailMessage({ text: "see below" }).addAttachment(part).addAttachment(inner);
  assert.equal(message.parts[1], part);
  assert.equal(shape(message), "multipart/mixed\n  text/plain\n  text/csv\n  message/rfc822");
  const text = await wire(message);
  assert.match(
    text,
    /Content-Type: message\/rfc822\r\nContent-Disposition: attachment\r\n\r\nFrom: x@example\.org\r\nSubject: Innen/,
  );
  assert.equal(text.match(/^MIME-Version/gm)?.length, 2);
  assert.throws(() => message.addAttachment(part, { filename: "x" }), fault("message", "filename"));
});

test("a part that was given as content is not changed by what is added later", () => {
  const body = new MimeMultipart("mixed", [new MimeText("a")]);
  const message = new EmailMessage().setContent(body).addAttachment("x");
  assert.equal(body.parts.length, 1);
  assert.equal(message.parts.length, 2);
});

test("the parts that are shown cannot be used to change the message", () => {
  const message = new EmailMessage({ text: "a", html: "b" });
  (message.parts as MimePart[]).push(new MimePart());
  assert.equal(message.parts.length, 2);
});

test("attached text keeps its line ends, shown text gets CRLF", async () => {
  const message = new EmailMessage().setContent("a\nb\n").addAttachment("a\nb \n", { filename: "x.txt" });
  const email = await readBack(message);
  assert.equal(attached(email).toString(), "a\nb \n");
  assert.match(await wire(message), /\r\n\r\na\r\nb\r\n\r\n--B1/);
});

test("what is no content is an error before anything else", () => {
  const message = new EmailMessage();
  for (const content of [undefined, null, 42, true, new Date(), { content: 5 }, { path: "/x" }]) {
    assert.throws(() => message.setContent(content as never), fault("message", /content|path/));
  }
  assert.throws(() => message.addAttachment([1, 2] as never), fault("message", "content", /must yield bytes/));
  assert.throws(
    () => message.setContent("x", { contnetType: "text/html" } as never),
    fault("message", "contnetType", /contentType/),
  );
  assert.throws(() => message.setContent("x", null as never), fault("message", /./));
  assert.throws(() => message.setContent("\ud800"), fault("message", "content", /surrogate/));
});

test("options of content are checked by name", () => {
  const message = new EmailMessage();
  const bad: readonly [Record<string, unknown>, string, RegExp][] = [
    [{ filename: "a\r\nX: 1" }, "filename", /control/],
    [{ filename: "" }, "filename", /empty/],
    [{ filename: 5 }, "filename", /string/],
    [{ filename: "\ud800.txt" }, "filename", /surrogate/],
    [{ contentId: "<a>" }, "contentId", /angle brackets/],
    [{ contentId: "a b" }, "contentId", /spaces/],
    [{ contentId: "=?utf-8?q?a?=@b" }, "contentId", /=\?/],
    [{ contentId: "a\r\nX: 1" }, "contentId", /./],
    [{ contentId: "ü" }, "contentId", /ASCII/],
    [{ disposition: "attached" }, "disposition", /"attachment" or "inline"/],
    [{ encoding: "binary" }, "encoding", /7bit, 8bit/],
    [{ encoding: 8 }, "encoding", /7bit, 8bit/],
    [{ description: 5 }, "description", /string/],
    [{ contentType: 5 }, "contentType", /string/],
    [{ contentType: "text" }, "contentType", /./],
    [{ contentType: "text/plain\r\nX: 1" }, "contentType", /./],
    [{ filename: null }, "filename", /null/],
    [{ cid: "x" }, "cid", /contentId/],
    [{ path: "/etc/passwd" }, "path", /never opens a file/],
    [{ headers: "x" }, "headers", /object or pairs/],
  ];
  for (const [options, field, text] of bad) {
    assert.throws(() => message.addAttachment("x", options as never), fault("message", field, text), field);
  }
});

test("a file name with quotes, semicolons and any letters is read back the same", async () => {
  for (const filename of [
    'x.html";.jpg',
    "a\\b.txt",
    "Übersicht für José 😀.pdf",
    "a;b=c.txt",
    `${"lang".repeat(40)}.txt`,
    "日本語.doc",
  ]) {
    const email = await readBack(new EmailMessage().addAttachment("x", { filename }));
    assert.equal(email.attachments[0]?.filename, filename);
  }
});

test("own headers of a part replace the generated ones in any letter case", async () => {
  const message = new EmailMessage().addAttachment("x", {
    filename: "a.txt",
    headers: { "content-TYPE": "text/x-own", "X-One": ["1", "2"], "X-None": undefined },
  });
  const text = await wire(message);
  assert.match(text, /Content-Type: text\/x-own\r\n/);
  assert.equal(text.match(/^content-type: text/gim)?.length, 1);
  assert.match(text, /X-One: 1\r\nX-One: 2\r\n/);
});

test("an encoding that was asked for is used, or refused when the content does not fit", async () => {
  const compose7 = (message: MimePart): unknown => compose(message, SEVEN);
  assert.match(await wire(new EmailMessage().setContent("abc", { encoding: "base64" })), /base64\r\n\r\nYWJjDQo=\r\n$/);
  assert.match(
    await wire(new EmailMessage().setContent("a=b", { encoding: "quoted-printable" })),
    /\r\n\r\na=3Db\r\n$/,
  );
  assert.throws(
    () => compose7(new EmailMessage().setContent("é", { encoding: "7bit" })),
    fault("message", "content", /above 127/),
  );
  assert.throws(
    () => compose7(new EmailMessage().setContent("é", { encoding: "8bit" })),
    fault("message", "content", /8BITMIME/),
  );
  assert.throws(
    () => compose7(new EmailMessage().setContent("x".repeat(999), { encoding: "7bit" })),
    fault("message", "content", /999 bytes/),
  );
  assert.throws(
    () => compose7(new EmailMessage().setContent("\u0000", { encoding: "7bit" })),
    fault("message", "content", /NUL/),
  );
  const attachedLf = new EmailMessage().addAttachment("a\n", { encoding: "7bit" });
  assert.throws(() => compose7(attachedLf), fault("message", "content", /CRLF/));
});

test("bytes in quoted-printable are exact, alone and in a multipart", async () => {
  const contents = [
    ["", "", ""],
    ["a\n", "a=0A", "a=0A=\r\n"],
    ["a\r\nb ", "a=0D=0Ab=20", "a=0D=0Ab=20=\r\n"],
  ] as const;
  const options = { encoding: "quoted-printable", contentType: "application/x-own", filename: "f" } as const;
  for (const [content, inside, alone] of contents) {
    const single = await wire(new EmailMessage().setContent(Buffer.from(content), options));
    assert.ok(single.endsWith(`filename=f\r\n\r\n${alone}`));
    const multiple = await wire(new EmailMessage().addAttachment(content, options));
    assert.ok(multiple.endsWith(`filename=f\r\n\r\n${inside}\r\n--B1--\r\n`));
  }
});

test("clean lines that must be exact go as they are when that is asked for", async () => {
  const alone = new EmailMessage().setContent(Buffer.from("a\r\nb"), { encoding: "7bit", contentType: "text/plain" });
  assert.match(await wire(alone), /\r\n\r\na\r\nb\r\n$/);
  const clean = new EmailMessage().setContent(Buffer.from("a\r\n"), {
    encoding: "quoted-printable",
    contentType: "text/plain",
  });
  assert.match(await wire(clean), /\r\n\r\na\r\n$/);
});

test("8bit that was asked for is kept where it can be: also by toBytes", async () => {
  const message = new EmailMessage().setContent("é", { encoding: "8bit" });
  assert.match(Buffer.from(await message.toBytes()).toString(), /8bit\r\n\r\né\r\n$/);
});

test("large text goes out the same as small text", async () => {
  const line = "Ein längerer Absatz mit Umlauten: äöü.\n";
  for (const text of [line.repeat(1000), "plain\n".repeat(10_000)]) {
    for (const eightBit of [true, false]) {
      const email = await readBack(new EmailMessage({ text }), { eightBit, utf8: false });
      assert.equal(email.text?.replaceAll("\r\n", "\n"), text);
    }
  }
});

test("iso-8859-1 text travels in its bytes, and a character that it lacks is an error", async () => {
  const latin = { contentType: "text/plain; charset=iso-8859-1" };
  const eight = await wire(new EmailMessage().setContent("né", latin), { eightBit: true, utf8: false });
  assert.ok(eight.endsWith("8bit\r\n\r\nn\u00e9\r\n"));
  assert.equal((await readBack(new EmailMessage().setContent("né à la", latin))).text?.trim(), "né à la");
  assert.throws(
    () => compose(new EmailMessage().setContent("€", latin), SEVEN),
    fault("message", "content", /U\+20AC/),
  );
});

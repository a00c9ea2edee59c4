import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { compose } from "../../src/message/compose.js";
import { EmailMessage } from "../../src/message/email-message.js";
import { MimeMultipart, MimePart, MimeText } from "../../src/message/mime-part.js";
import { fc } from "../support/property.js";
import { attached, drain, EIGHT, fault, readBack, SEVEN, wire, withoutGenerated } from "./support.js";

const DATE = new Date(Date.UTC(2025, 10, 22, 18, 0, 5));
const fixed = { date: DATE, messageId: "1@example.org" };

test("a plain message, byte for byte", async () => {
  const message = new EmailMessage({
    ...fixed,
    from: "Ann <ann@example.org>",
    to: "bob@example.org",
    subject: "Lunch?",
    text: "At noon?\n.\nAnn",
  });
  assert.equal(
    await wire(message),
    [
      "From: Ann <ann@example.org>",
      "To: bob@example.org",
      "Subject: Lunch?",
      "Date: Sat, 22 Nov 2025 18:00:05 +0000",
      "Message-ID: <1@example.org>",
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: 7bit",
      "",
      "At noon?",
      ".",
      "Ann",
      "",
    ].join("\r\n"),
  );
});

test("text, html, an inline image and an attachment, byte for byte", async () => {
  const message = new EmailMessage({
    ...fixed,
    from: "ann@example.org",
    text: "Hällo",
    html: '<img src="cid:logo">',
    attachments: [
      { filename: "a.csv", content: "x,y\n" },
      { filename: "logo.png", content: new Uint8Array(3), contentId: "logo" },
    ],
  });
  assert.equal(
    await wire(message),
    [
      "From: ann@example.org",
      "Date: Sat, 22 Nov 2025 18:00:05 +0000",
      "Message-ID: <1@example.org>",
      "MIME-Version: 1.0",
      "Content-Type: multipart/mixed;",
      ' boundary="B1"',
      "",
      "--B1",
      "Content-Type: multipart/related;",
      ' boundary="B2";',
      ' type="multipart/alternative"',
      "",
      "--B2",
      "Content-Type: multipart/alternative;",
      ' boundary="B3"',
      "",
      "--B3",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: base64",
      "",
      "SMOkbGxv",
      "--B3",
      "Content-Type: text/html; charset=utf-8",
      "Content-Transfer-Encoding: 7bit",
      "",
      '<img src="cid:logo">',
      "--B3--",
      "",
      "--B2",
      "Content-Type: image/png; name=logo.png",
      "Content-Transfer-Encoding: base64",
      "Content-ID: <logo>",
      "Content-Disposition: inline; filename=logo.png",
      "",
      "AAAA",
      "--B2--",
      "",
      "--B1",
      "Content-Type: text/csv; charset=utf-8; name=a.csv",
      "Content-Transfer-Encoding: base64",
      "Content-Disposition: attachment; filename=a.csv",
      "",
      "eCx5Cg==",
      "--B1--",
      "",
    ].join("\r\n"),
  );
});

test("where 8BITMIME is offered, text beyond ASCII goes as it is, and every container says so", async () => {
  const message = new EmailMessage({ ...fixed, text: "Grüße\n", html: "<p>plain</p>" });
  const text = await wire(message, EIGHT);
  assert.equal(text.match(/Content-Transfer-Encoding: 8bit/g)?.length, 2);
  assert.match(text, /Gr\u00c3\u00bc\u00c3\u009fe/);
  assert.equal(compose(message, EIGHT).hasEightBit, true);
  assert.equal(compose(message, SEVEN).hasEightBit, false);
  assert.equal(compose(new EmailMessage({ text: "plain" }), EIGHT).hasEightBit, false);
});

test("composing twice gives the same bytes, also when nothing was given", async () => {
  const message = new EmailMessage({ from: "ann@example.org", text: "a", html: "b" });
  const first = compose(message, SEVEN).content;
  assert.deepEqual(compose(message, SEVEN).content, first);
  assert.deepEqual(Buffer.from(await message.toBytes()), first);
  assert.deepEqual(await drain(message.stream()), first);
});

test("Date, Message-ID and MIME-Version are made once, and the headers of the caller stay as they were", async () => {
  const message = new MimeText("hello");
  message.headers.set("From", "Ann <ann@exämple.org>");
  const before = [...message.headers];
  const text = await wire(message);
  assert.match(text, /^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000\r$/m);
  assert.match(text, /^Message-ID: <[0-9a-f]{32}@xn--exmple-cua\.org>\r$/m);
  assert.match(text, /^MIME-Version: 1\.0\r$/m);
  assert.deepEqual([...message.headers], before);
  assert.equal(await wire(message), text);
});

test("the message identifier takes the domain of From, Sender, or none", async () => {
  const id = async (headers: Record<string, string>): Promise<string> =>
    /^Message-ID: <[0-9a-f]{32}@(.*)>\r$/m.exec(await wire(new EmailMessage({ headers })))?.[1] ?? "";
  assert.equal(await id({ From: "Ann <ann@one.example>" }), "one.example");
  assert.equal(await id({ Sender: "ann@two.example" }), "two.example");
  assert.equal(
    await id({ From: "Team: a@three.example, b@four.example;", Sender: "c@other.example" }),
    "three.example",
  );
  assert.equal(await id({ From: "a@five.example (a@evil.example)" }), "five.example");
  assert.equal(await id({ From: "ann@[192.0.2.1]" }), "[192.0.2.1]");
  assert.equal(await id({}), "localhost.invalid");
});

test("Bcc and Resent-Bcc never leave, from no part, and stay with the caller", async () => {
  const inner = new EmailMessage({ from: "a@example.org", bcc: "inner@secret.example", text: "x" });
  const message = new EmailMessage({ from: "a@example.org", bcc: "one@secret.example", text: "y" });
  message.headers.set("Resent-BCC", "two@secret.example");
  message.addAttachment(inner);
  for (const bytes of [compose(message, SEVEN).content as Uint8Array, await message.toBytes()]) {
    // As a word: generated identifiers have these letters now and then.
    assert.doesNotMatch(Buffer.from(bytes).toString("latin1"), /secret|\bbcc\b/i);
  }
  assert.equal(message.headers.get("Bcc"), "one@secret.example");
});

test("toBytes({ bcc: true }) keeps the Bcc of the message, folded and encoded as To is, and of no message inside it", async () => {
  const bcc = Array.from({ length: 20 }, (_, index) => `Jürgen ${index} <one${index}@secret.example>`).join(", ");
  const inner = new EmailMessage({ from: "a@example.org", bcc: "inner@secret.example", text: "x" });
  const message = new EmailMessage({ from: "a@example.org", to: bcc, bcc, text: "y" }).addAttachment(inner);
  const text = Buffer.from(await message.toBytes({ bcc: true })).toString("latin1");
  const [, to, hidden] = /\r\nTo: ([\s\S]*?)\r\nBcc: ([\s\S]*?)\r\n(?! )/.exec(text) ?? [];
  assert.ok(to !== undefined && hidden !== undefined, text);
  assert.equal(hidden.replace(/\r\n /g, " "), to.replace(/\r\n /g, " "));
  for (const line of text.split("\r\n")) assert.ok(line.length <= 78, line);
  assert.doesNotMatch(text, /inner@/);
  const pieces = [];
  for await (const piece of message.stream({ bcc: true })) pieces.push(piece);
  assert.equal(Buffer.concat(pieces).toString("latin1"), text);
  for (const options of [{}, { bcc: false }, { bcc: undefined }])
    assert.doesNotMatch(Buffer.from(await message.toBytes(options)).toString("latin1"), /\bbcc\b/i);
  await assert.rejects(message.toBytes({ bcc: 1 } as never), { code: "message", field: "bcc" });
  await assert.rejects(message.toBytes({ bbc: true } as never), { code: "message", message: /did you mean bcc/ });
  const wide = new EmailMessage({ from: "a@example.org", bcc: "jürgen@secret.example", text: "z" });
  assert.match(Buffer.from(await wide.toBytes({ bcc: true })).toString("utf8"), /^Bcc: jürgen@secret\.example\r$/m);
});

test("a message without content is headers alone", async () => {
  assert.equal(
    withoutGenerated(await wire(new EmailMessage({ subject: "x" }))),
    "Subject: x\r\nMIME-Version: 1.0\r\n\r\n",
  );
  assert.match(await wire(new EmailMessage({ text: "" })), /7bit\r\n\r\n$/);
});

test("a part alone serialises with exactly its headers", async () => {
  const part = new MimeText("hello\n", "html");
  part.headers.set("X-Own", "1");
  assert.equal(
    Buffer.from(await part.toBytes()).toString(),
    "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\nX-Own: 1\r\n\r\nhello\r\n".replace(
      /(Content-Type.*?7bit\r\n)(X-Own: 1\r\n)/s,
      "$2$1",
    ),
  );
  assert.deepEqual(await drain(part.stream()), Buffer.from(await part.toBytes()));
});

test("a multipart sent as a message gets what it lacks; its parts do not", async () => {
  const body = new MimeMultipart("alternative");
  body.headers.set("Subject", "both");
  body.attach(new MimeText("plain")).attach(new MimeText("<p>html</p>", "html"));
  const text = await wire(body);
  assert.equal(text.match(/^MIME-Version/gm)?.length, 1);
  assert.equal(text.match(/^Date/gm)?.length, 1);
  const email = await readBack(body);
  assert.equal(email.text?.trim(), "plain");
  assert.equal(email.html?.trim(), "<p>html</p>");
});

test("a field that may stand once and stands twice is an error", () => {
  for (const [name, value] of [
    ["Subject", "Lunch"],
    ["From", "<b@example.org>"],
    ["Date", "Sat, 22 Nov 2025 18:00:00 +0000"],
    ["Message-ID", "<b@example.org>"],
    ["MIME-Version", "1.0"],
    ["To", "<b@example.org>"],
  ] as const) {
    const message = new EmailMessage({ from: "a@example.org" });
    message.headers.set(name, value).append(name.toUpperCase(), value);
    assert.throws(() => compose(message, SEVEN), fault("message", name.toUpperCase(), /more than once/));
  }
});

test("repeated fields that may repeat keep their order", async () => {
  const message = new EmailMessage({ headers: { "X-Trace": ["one", "two"] } });
  assert.match(await wire(message), /X-Trace: one\r\nX-Trace: two\r\n/);
});

test("an address that needs UTF-8 is written where SMTPUTF8 is offered, and an error elsewhere", () => {
  const message = new EmailMessage({ from: "jürgen@example.org", subject: "Grüße", text: "x" });
  assert.throws(() => compose(message, SEVEN), fault("message", "From", /SMTPUTF8/));
  const { content, hasEightBit } = compose(message, { eightBit: true, utf8: true });
  assert.match(Buffer.from(content as Uint8Array).toString("utf8"), /^From: jürgen@example\.org\r\nSubject: Grüße\r\n/);
  assert.equal(hasEightBit, true);
});

test("headers are UTF-8 only where an address needs it", () => {
  const message = new EmailMessage({ from: "Jürgen <j@example.org>", subject: "Grüße", text: "x" });
  const { content, hasEightBit } = compose(message, { eightBit: true, utf8: true });
  assert.doesNotMatch(Buffer.from(content as Uint8Array).toString("latin1"), /[^\x00-\x7f]/);
  assert.equal(hasEightBit, false);
});

test("a multipart without parts, or a part that holds itself, is an error", async () => {
  assert.throws(() => compose(new MimeMultipart(), SEVEN), fault("message", "parts", /at least one part/));
  const outer = new MimeMultipart();
  outer.attach(new MimeMultipart("mixed", [new MimeText("x"), outer]));
  assert.throws(() => compose(outer, SEVEN), fault("message", "parts", /hold itself/));
  await assert.rejects(outer.toBytes(), fault("message", "parts", /hold itself/));
});

test("parts nested too deep are an error, no stack overflow", () => {
  let part: MimePart = new MimeText("x");
  for (let depth = 0; depth < 5000; depth++) part = new MimeMultipart("mixed", [part]);
  assert.throws(() => compose(part, SEVEN), fault("message", "parts", /deeper than 50/));
});

test("a boundary of the caller's is used when no part holds it", async () => {
  const message = new MimeMultipart("mixed", [new MimeText("text"), new MimePart({ content: Buffer.from("bytes") })]);
  message.headers.set("Content-Type", 'multipart/mixed; boundary="own mark"');
  assert.match(await wire(message), /boundary="own mark"[\s\S]*\r\n--own mark--\r\n$/);
  const clash = new MimeMultipart("mixed", [new MimeText("a\n--own mark\nb")]);
  clash.headers.set("Content-Type", 'multipart/mixed; boundary="own mark"');
  assert.throws(() => compose(clash, SEVEN), fault("message", "Content-Type", /boundary may occur in a part/));
  const bytes = new MimeMultipart("mixed", [
    new MimePart({ content: Buffer.from("--own mark\r\n"), contentType: "text/plain", encoding: "7bit" }),
  ]);
  bytes.headers.set("Content-Type", 'multipart/mixed; boundary="own mark"');
  assert.throws(() => compose(bytes, SEVEN), fault("message", "Content-Type"));
});

test("a boundary that cannot be one is an error", () => {
  for (const boundary of ["a;b", "x".repeat(71), "ends ", "ü"]) {
    const message = new MimeMultipart("mixed", [new MimeText("x")]);
    message.headers.set("Content-Type", `multipart/mixed; boundary="${boundary}"`);
    assert.throws(() => compose(message, SEVEN), fault("message", /Content-Type|boundary/));
  }
  const message = new MimeMultipart("mixed", [new MimeText("x")]);
  assert.throws(
    () => message.headers.set("Content-Type", 'multipart/mixed; boundary="a\r\nb"'),
    fault("message", "Content-Type"),
  );
});

test("several parts under a type that is no multipart are an error", () => {
  const message = new EmailMessage({ text: "a", html: "b", headers: { "content-type": "text/plain" } });
  assert.throws(() => compose(message, SEVEN), fault("message", "Content-Type", /must be multipart/));
  message.headers.delete("Content-Type");
  assert.throws(() => compose(message, SEVEN), fault("message", "Content-Type", /absent/));
});

test("a multipart is never encoded", () => {
  const message = new EmailMessage({ text: "a", html: "b", headers: { "Content-Transfer-Encoding": "base64" } });
  assert.throws(() => compose(message, SEVEN), fault("message", "Content-Transfer-Encoding", /must not be encoded/));
  const strange = new EmailMessage({ text: "a", headers: { "Content-Transfer-Encoding": "binary" } });
  assert.throws(() => compose(strange, SEVEN), fault("message", "Content-Transfer-Encoding", /7bit, 8bit/));
});

test("what is signed has seven bits also where eight are allowed", async () => {
  const message = new MimeMultipart("signed", [new MimeText("Grüße"), new MimeText("signature")]);
  assert.doesNotMatch(await wire(message, EIGHT), /8bit/);
});

test("related content names the type of its root", async () => {
  const related = new MimeMultipart("related", [
    new MimeText("<p>", "html"),
    new MimePart({ content: new Uint8Array(1) }),
  ]);
  assert.match(await wire(related), /multipart\/related;\r\n boundary="B1";\r\n type="text\/html"\r\n/);
  related.headers.set("Content-Type", 'multipart/related; type="text/html"; start="<a>"');
  assert.equal((await wire(related)).match(/type="?text\/html"?/g)?.length, 1);
});

test("any text comes back the same, in every encoding and charset it fits", async () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 200 }),
    fc
      .array(fc.constantFrom("a", " ", "\n", "é", "=", "\t", ".", "From "), { maxLength: 200 })
      .map((all) => all.join("")),
  );
  await fc.assert(
    fc.asyncProperty(text, fc.boolean(), async (content, eightBit) => {
      const given = content.replace(/[\u0000\ufeff\r]/g, "");
      const email = await readBack(new EmailMessage({ text: `${given}\n` }), { eightBit, utf8: false });
      assert.equal((email.text ?? "").replaceAll("\r\n", "\n"), `${given}\n`);
    }),
    { numRuns: 200 },
  );
});

test("any bytes come back the same as an attachment of any type", async () => {
  const types = fc.constantFrom("text/plain", "text/csv; charset=utf-8", "application/pdf", "image/png");
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc
      .array(fc.constantFrom("a", "\r\n", "\n", "\r", " ", "é"), { maxLength: 60 })
      .map((all) => Buffer.from(all.join(""))),
  );
  await fc.assert(
    fc.asyncProperty(bytes, types, fc.boolean(), async (content, contentType, eightBit) => {
      const message = new EmailMessage({ text: "x", attachments: [{ content, contentType, filename: "f" }] });
      const email = await readBack(message, { eightBit, utf8: false });
      assert.deepEqual(attached(email), Buffer.from(content));
    }),
    { numRuns: 200 },
  );
});

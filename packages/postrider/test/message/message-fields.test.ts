import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { compose } from "../../src/message/compose.js";
import { EmailMessage, fromFields, type MessageFields } from "../../src/message/email-message.js";
import { fault, readBack, SEVEN, shape, wire, withoutGenerated } from "./support.js";

test("all fields stand in the order of a header, whatever the order of the literal", () => {
  const message = fromFields({
    headers: { "X-Own": "1" },
    subject: "s",
    references: "<1@a> <2@a>",
    inReplyTo: "2@a",
    messageId: "<3@a>",
    date: new Date(0),
    bcc: "bcc@example.org",
    cc: ["cc@example.org"],
    to: [{ name: "Bob", address: "bob@example.org" }, "eve@example.org"],
    replyTo: "reply@example.org",
    sender: "sender@example.org",
    from: "ann@example.org",
  });
  assert.ok(message instanceof EmailMessage);
  assert.deepEqual(
    [...message.headers],
    [
      ["From", "ann@example.org"],
      ["Sender", "sender@example.org"],
      ["Reply-To", "reply@example.org"],
      ["To", "Bob <bob@example.org>, eve@example.org"],
      ["Cc", "cc@example.org"],
      ["Bcc", "bcc@example.org"],
      ["Subject", "s"],
      ["Date", "Thu, 01 Jan 1970 00:00:00 +0000"],
      ["Message-ID", "<3@a>"],
      ["In-Reply-To", "<2@a>"],
      ["References", "<1@a> <2@a>"],
      ["X-Own", "1"],
    ],
  );
});

test("undefined fields and empty lists are absent", () => {
  assert.equal(
    fromFields({ to: [], cc: undefined, text: undefined, headers: undefined, attachments: [] }).headers.size,
    0,
  );
});

test("the structure is only as deep as needed", () => {
  const image = { content: new Uint8Array(1), contentType: "image/png", contentId: "a@b" };
  const file = { content: "x", filename: "x.txt" };
  const html = '<img src="cid:a@b">';
  const cases: readonly [MessageFields, string][] = [
    [{ text: "x" }, "text/plain"],
    [{ html: "x" }, "text/html"],
    [{ text: "x", html: "y" }, "multipart/alternative text/plain text/html"],
    [{ text: "x", attachments: [file] }, "multipart/mixed text/plain text/plain"],
    [{ html, attachments: [image] }, "multipart/related text/html image/png"],
    [{ html: "no link", attachments: [image] }, "multipart/mixed text/html image/png"],
    [{ text: html, attachments: [image] }, "multipart/mixed text/plain image/png"],
    [{ attachments: [file] }, "multipart/mixed text/plain"],
    [{ attachments: [file, file] }, "multipart/mixed text/plain text/plain"],
    [
      { text: "x", html, attachments: [image] },
      "multipart/related multipart/alternative text/plain text/html image/png",
    ],
    [
      { text: "x", html, attachments: [file, image] },
      "multipart/mixed multipart/related multipart/alternative text/plain text/html image/png text/plain",
    ],
  ];
  for (const [fields, expected] of cases) assert.equal(shape(fromFields(fields)).replace(/\s+/g, " "), expected);
});

test("links to content identifiers are found however they are written", () => {
  const isRelated = (html: string, contentId: string): boolean =>
    shape(fromFields({ html, attachments: [{ content: "x", contentId }] })).startsWith("multipart/related");
  assert.ok(isRelated("<img src='CID:logo'>", "logo"));
  assert.ok(isRelated("<img src=cid:logo@a.example>", "logo@a.example"));
  assert.ok(isRelated('<p style="background:url(cid:logo)">', "logo"));
  assert.ok(isRelated('<img src="cid:a%2Bb%25">', "a+b%"));
  assert.ok(isRelated('<img src="cid:a%zz">', "a%zz"));
  assert.ok(isRelated('<img src="cid:a&amp;b">', "a&b"));
  assert.ok(!isRelated('<img src="cid:logo2">', "logo"));
  assert.ok(!isRelated('<img src="logo">', "logo"));
});

test("text and html may say how they travel", async () => {
  const message = fromFields({
    text: { content: "né", charset: "iso-8859-1", encoding: "quoted-printable" },
    html: { content: "<p>", encoding: "base64" },
  });
  const text = await wire(message);
  assert.match(
    text,
    /Content-Type: text\/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nn=E9/,
  );
  assert.match(text, /Content-Type: text\/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nPHA\+/);
});

test("given headers replace generated ones in any letter case and never double them", async () => {
  const message = fromFields({
    from: "ann@example.org",
    subject: "field",
    text: "x",
    headers: {
      "MESSAGE-id": "<own@example.org>",
      date: "Sat, 22 Nov 2025 18:00:00 +0100",
      "mime-version": "1.0",
      SUBJECT: "given",
      "content-type": "text/x-own; charset=utf-8",
    },
  });
  const text = await wire(message);
  for (const name of ["message-id", "date", "mime-version", "subject", "content-type"]) {
    assert.equal(text.match(new RegExp(`^${name}:`, "gim"))?.length, 1, name);
  }
  assert.match(text, /^MESSAGE-id: <own@example\.org>\r$/m);
  assert.match(text, /^SUBJECT: given\r$/m);
  assert.match(text, /^Content-Type: text\/x-own; charset=utf-8\r$/m);
});

test("headers are an object, pairs, or a map; repeats are kept in order", () => {
  const repeated = [
    ["X-One", "1"],
    ["x-one", "2"],
  ];
  const expected = ["1", "2"];
  for (const headers of [{ "X-One": expected }, repeated, new Set(repeated)]) {
    assert.deepEqual(fromFields({ headers } as never).headers.getAll("X-One"), expected);
  }
  assert.equal(fromFields({ headers: new Map([["X-One", "1"]]) }).headers.get("x-one"), "1");
  const other = new EmailMessage({ headers: { "X-One": expected } });
  assert.deepEqual(fromFields({ headers: other.headers }).headers.getAll("x-one"), expected);
});

test("headers of another shape are errors", () => {
  const bad: readonly [unknown, string | RegExp][] = [
    ["X: 1", "headers"],
    [5, "headers"],
    [["X-One"], "headers"],
    [[["X-One", "1", "2"]], "headers"],
    [[[1, "2"]], "headers"],
    [{ "X-One": 1 }, "headers.X-One"],
    [{ "X-One": null }, "headers.X-One"],
    [{ "X-One": ["1", null] }, "headers.X-One"],
    [{ "X-A\r\nBcc: e@v.il": "x" }, /headers/],
    [{ "X-One": "a\r\nBcc: e@v.il" }, "X-One"],
    [{ "X-One": "a\u0000" }, "X-One"],
    [{ "X-One": "\ud800" }, "X-One"],
    [{ "List-Unsubscribe": "<mailto:a@b.c> (x\r\nBcc: e@v.il)" }, "List-Unsubscribe"],
  ];
  for (const [headers, field] of bad) assert.throws(() => fromFields({ headers } as never), fault("message", field));
});

test("an unknown field is an error with the nearest name", () => {
  assert.throws(() => fromFields({ form: "a@b.c" } as never), fault("message", /form/, /from/));
  assert.throws(() => fromFields({ subjekt: "x" } as never), fault("message", /subjekt/, /subject/));
  assert.throws(() => fromFields({ body: "x" } as never), fault("message", /body/, /text/));
  assert.throws(() => fromFields({ zzzzzzzzzz: "x" } as never), fault("message", /zzzzzzzzzz/, /no such field$/));
  assert.throws(
    () => fromFields({ attachments: [{ cid: "x", content: "" }] } as never),
    fault("message", "attachments[0].cid", /contentId/),
  );
  assert.throws(() => fromFields(JSON.parse('{"__proto__": {"path": "/x"}}')), fault("message", /__proto__/));
});

test("null and values of another kind are errors that name the field", () => {
  const bad: readonly [Record<string, unknown>, RegExp][] = [
    [{ subject: null }, /subject/],
    [{ subject: 5 }, /subject/],
    [{ text: 5 }, /text/],
    [{ html: Buffer.from("x") }, /html/],
    [{ text: {} }, /text\.content/],
    [{ text: { content: "x", charset: "a b" } }, /text\.charset/],
    [{ text: { content: "é", charset: "us-ascii" } }, /text/],
    [{ text: { content: "x", encoding: "rot13" } }, /text\.encoding/],
    [{ text: { content: null } }, /text\.content/],
    [{ text: "\ud800" }, /text/],
    [{ subject: "\ud800" }, /Subject/i],
    [{ subject: "a\r\nBcc: e@v.il" }, /Subject/i],
    [{ date: "2025-01-01" }, /date/],
    [{ date: new Date(Number.NaN) }, /date/],
    [{ date: new Date(Date.UTC(10_000, 1)) }, /date/],
    [{ messageId: "no at sign" }, /messageId/],
    [{ messageId: "<a@b> <c@d>" }, /messageId/],
    [{ messageId: "a@b\r\nBcc: e@v.il" }, /messageId/],
    [{ messageId: "=?utf-8?q?=0d=0aBcc:_e@v.il?=" }, /messageId/],
    [{ messageId: 5 }, /messageId/],
    [{ inReplyTo: "" }, /inReplyTo/],
    [{ references: [] }, /references/],
    [{ references: ["<a@b>", 5] }, /references\[1\]/],
    [{ references: 5 }, /references/],
    [{ attachments: { content: "x" } }, /attachments/],
    [{ attachments: [null] }, /attachments\[0\]/],
    [{ attachments: ["x"] }, /attachments\[0\]/],
    [{ attachments: [{ filename: "x" }] }, /attachments\[0\]\.content/],
    [{ attachments: [{ content: "x" }, { content: 5 }] }, /attachments\[1\]\.content/],
    [{ attachments: [{ content: "x", filename: "a\r\nX: 1" }] }, /attachments\[0\]\.filename/],
    [{ attachments: [{ content: "x", contentType: "nonsense" }] }, /attachments\[0\]\.contentType/],
    [{ attachments: [{ content: "x", headers: { X: 5 } }] }, /attachments\[0\]\.headers\.X/],
  ];
  for (const [fields, field] of bad) {
    const check = (): unknown => compose(fromFields(fields as never), SEVEN);
    assert.throws(check, fault("message", field), JSON.stringify(fields));
  }
  for (const fields of [null, "x", 5, []])
    assert.throws(() => fromFields(fields as never), fault("message", "message"));
});

test("addresses that do not parse are errors that name the field", () => {
  const bad: readonly [Record<string, unknown>, RegExp][] = [
    [{ to: ["b@x.com", "oops"] }, /^to\[1\]/],
    [{ from: null }, /from/],
    [{ cc: { name: "a", address: "x\r\nRCPT TO:<e@v.il>" } }, /^cc/],
    [{ bcc: "Foo <a@good> <b@evil>" }, /^bcc/],
    [{ from: { name: "a\r\nBcc: e@v.il", address: "a@b.c" } }, /^from/],
  ];
  for (const [fields, field] of bad) {
    assert.throws(
      () => fromFields(fields as never),
      (error: unknown) => {
        const { code, field: found } = error as { code: string; field: string };
        assert.match(code, /^(address|message)$/);
        assert.match(found, field);
        return true;
      },
    );
  }
  assert.throws(() => fromFields({ sender: ["a@b.c", "d@e.f"] }), fault("message", "sender", /exactly one/));
  assert.throws(() => fromFields({ sender: "Team: a@b.c;" }), fault("message", "sender", /exactly one/));
});

test("data never opens a file or a URL", () => {
  const bad: readonly [unknown, string][] = [
    [{ text: { path: "/etc/passwd" } }, "text.path"],
    [{ html: { href: "http://127.0.0.1/" } }, "html.href"],
    [{ attachments: [{ path: "/etc/passwd" }] }, "attachments[0].path"],
    [{ attachments: [{ href: "http://127.0.0.1/", filename: "x" }] }, "attachments[0].href"],
    [{ raw: { path: "/etc/passwd" } }, "message.raw"],
    [{ attachments: [{ content: { path: "/etc/passwd" } }] }, "attachments[0].content"],
    [{ attachments: [{ raw: "x" }] }, "attachments[0].raw"],
  ];
  for (const [fields, field] of bad) assert.throws(() => fromFields(fields as never), fault("message", field), field);
});

test("html that links to files is text and nothing more", async () => {
  const html = '<img src="../../x"><img src="file:///etc/passwd">';
  const message = fromFields(JSON.parse(JSON.stringify({ html })));
  assert.equal(shape(message), "text/html");
  assert.equal((await readBack(message)).html?.trim(), html);
});

test("the caller's objects are read once and never changed", async () => {
  const attachment = Object.freeze({ content: "x", filename: "a.txt", headers: Object.freeze({ "X-A": "1" }) });
  const to = Object.freeze([Object.freeze({ name: "Bob", address: "bob@example.org" })]);
  const fields = Object.freeze({ from: "a@example.org", to, text: "t", attachments: Object.freeze([attachment]) });
  const message = fromFields(fields);
  await message.toBytes();
  const later = { from: "a@example.org", subject: "then" };
  const early = fromFields(later);
  later.subject = "now";
  assert.equal(early.headers.get("Subject"), "then");
});

test("nothing of one message is in the next", async () => {
  await wire(fromFields({ from: "a@example.org", cc: "c@example.org", text: "1", attachments: [{ content: "x" }] }));
  const second = await wire(fromFields({ from: "a@example.org", text: "2" }));
  assert.equal(
    withoutGenerated(second),
    "From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n2\r\n",
  );
});

test("identifiers may be given as a header has them, folds included", () => {
  for (const references of ["<1@a>\r\n <2@a>\r\n\t<3@a>", "<1@a>\n <2@a> \t<3@a>\r\n ", " <1@a>\t<2@a>\r\n  <3@a>"]) {
    assert.equal(fromFields({ references }).headers.get("References"), "<1@a> <2@a> <3@a>");
    assert.equal(fromFields({ inReplyTo: references }).headers.get("In-Reply-To"), "<1@a> <2@a> <3@a>");
  }
  for (const references of ["<1@a>\r\nBcc: e@v.example", "<1@a>\n<2@a>", "<1@a>\r <2@a>", "<1@a>\r\n\r\n <2@a>"]) {
    assert.throws(() => fromFields({ references }), { name: "MessageError", field: /references/ });
  }
});

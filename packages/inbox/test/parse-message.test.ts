import assert from "node:assert/strict";
import { test } from "node:test";
import type { InboxMessage } from "../src/message.js";
import { parseMessage } from "../src/parse-message.js";
import { parsed } from "./support/parsed.js";

function parse(text: string): Promise<InboxMessage> {
  const raw = Buffer.from(text.replaceAll("\n", "\r\n"));
  return parseMessage({
    id: "1",
    receivedAt: new Date(0),
    envelope: { sender: "", recipients: [] },
    raw,
    secure: false,
    username: undefined,
  });
}

test("header fields: decoded where they are shown, as they came in headers", async () => {
  const message = await parse(`From: =?utf-8?q?J=C3=B6?= <jo@example.com>, Second <s@example.com>
To: Friends: a@example.com, Ben <b@example.com>;, c@example.com
Cc: d@example.com
Subject: =?utf-8?b?R3LDvMOfZQ==?=
Message-ID: <1@example.com>
Date: Thu, 01 Jan 2026 12:00:00 +0100
X-Tag: one
x-tag: two

`);
  assert.deepEqual(message.from, { name: "Jö", address: "jo@example.com" });
  assert.deepEqual(message.to, [
    { name: "", address: "a@example.com" },
    { name: "Ben", address: "b@example.com" },
    { name: "", address: "c@example.com" },
  ]);
  assert.deepEqual(message.cc, [{ name: "", address: "d@example.com" }]);
  assert.equal(message.subject, "Grüße");
  assert.equal(message.messageId, "<1@example.com>");
  assert.equal(message.date?.toISOString(), "2026-01-01T11:00:00.000Z");
  assert.equal(message.headers.get("SUBJECT"), "=?utf-8?b?R3LDvMOfZQ==?=");
  assert.deepEqual(message.headers.getAll("X-Tag"), ["one", "two"]);
  assert.equal(message.headers.has("bcc"), false);
  assert.deepEqual([...message.headers].at(-1), { name: "x-tag", value: "two" });
});

test("a date that is none is absent", async () => {
  assert.equal((await parse("Date: yesterday\n\n")).date, undefined);
});

test("UTF-8 in header fields is read (RFC 6532)", async () => {
  assert.equal((await parse("Subject: Grüße 👋\n\n")).subject, "Grüße 👋");
});

test("text, HTML and attachments come apart", async () => {
  const message = await parse(`Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain; charset=utf-8

Plain
--a
Content-Type: text/html; charset=utf-8

<p>Rich</p>
--a--
--m
Content-Type: image/png
Content-ID: <logo@example.com>
Content-Disposition: inline; filename=logo.png
Content-Transfer-Encoding: base64

AAEC
--m--
`);
  assert.equal(message.text?.trim(), "Plain");
  assert.equal(message.html?.trim(), "<p>Rich</p>");
  assert.deepEqual(message.attachments, [
    {
      filename: "logo.png",
      contentType: "image/png",
      contentId: "logo@example.com",
      disposition: "inline",
      content: new Uint8Array([0, 1, 2]),
    },
  ]);
});

test("every leaf that has a file name or is no body is an attachment, and nothing melts into the text", async () => {
  const message = await parse(`Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/alternative; boundary=a

--a

first text
--a
Content-Type: text/plain; charset=utf-8

second text
--a
Content-Type: text/html

<p>first HTML</p>
--a
Content-Type: text/html

<p>second HTML</p>
--a
Content-Type: text/calendar; method=REQUEST

BEGIN:VCALENDAR
--a--
--m
Content-Type: text/plain
Content-Disposition: inline; filename="notes.txt"

notes
--m
Content-Type: text/html; name=page.html

<p>page</p>
--m
Content-Type: text/plain; name*=utf-8''%C3%BC.log

log
--m
Content-Type: text/plain
Content-Disposition: attachment

attached
--m
Content-Type: message/rfc822

Subject: inner

inner text
--m
Content-Type: multipart/digest; boundary=d

--d

Subject: of a digest

text
--d--
--m
Content-Type: multipart/mixed

no boundary
--m--
`);
  assert.equal(message.text, "first text");
  assert.equal(message.html, "<p>first HTML</p>");
  assert.deepEqual(
    message.attachments.map(({ filename, contentType, disposition, content }) => [
      contentType,
      filename,
      disposition,
      Buffer.from(content).toString(),
    ]),
    [
      ["text/plain", undefined, undefined, "second text"],
      ["text/html", undefined, undefined, "<p>second HTML</p>"],
      ["text/calendar", undefined, undefined, "BEGIN:VCALENDAR"],
      ["text/plain", "notes.txt", "inline", "notes"],
      ["text/html", "page.html", undefined, "<p>page</p>"],
      ["text/plain", "ü.log", undefined, "log"],
      ["text/plain", undefined, "attachment", "attached"],
      ["message/rfc822", undefined, undefined, "Subject: inner\r\n\r\ninner text"],
      ["message/rfc822", undefined, undefined, "Subject: of a digest\r\n\r\ntext"],
      ["multipart/mixed", undefined, undefined, "no boundary"],
    ],
  );
});

for (const [what, head, contentType] of [
  ["a text with a file name", "Content-Type: text/plain; name=a.txt", "text/plain"],
  ["a message without disposition", "Content-Type: message/rfc822", "message/rfc822"],
  ["a PDF", "Content-Type: application/pdf", "application/pdf"],
  ["a multipart without boundary", "Content-Type: multipart/alternative", "multipart/alternative"],
  [
    "a multipart whose boundary never comes",
    "Content-Type: multipart/alternative; boundary=b",
    "multipart/alternative",
  ],
] as const) {
  test(`a message that is nothing but ${what} is one attachment with its bytes`, async () => {
    const message = await parse(`${head}\n\nline one\nline two\n`);
    assert.equal(message.text, undefined);
    const [only, ...others] = message.attachments;
    assert.deepEqual([only?.contentType, others.length], [contentType, 0]);
    assert.equal(Buffer.from(only?.content ?? []).toString(), "line one\r\nline two\r\n");
  });
}

for (const [what, content, text] of [
  ["quoted-printable", "Content-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=\n=C3=9Fe=20\n", "Grüße \n"],
  ["base64", "Content-Transfer-Encoding: base64\n\nR3LDvMOf\nZQ==\n", "Grüße"],
  [
    "a charset of the web",
    "Content-Type: text/plain; charset=iso-8859-1\n\nGr=FC".replace(
      "\n\n",
      "\nContent-Transfer-Encoding: quoted-printable\n\n",
    ),
    "Grü",
  ],
  [
    "a charset of old machines",
    "Content-Type: text/plain; charset=cp437\nContent-Transfer-Encoding: base64\n\ngQ==",
    "ü",
  ],
  [
    "format=flowed",
    "Content-Type: text/plain; format=flowed\n\none \ntwo\n  three\n> a \n> b\n-- \nAnn",
    "one two\n three\n> a \n> b\n-- \nAnn",
  ],
  ["format=flowed with delsp", "Content-Type: text/plain; format=flowed; delsp=yes\n\non \ne", "one"],
] as const) {
  test(`the text is decoded: ${what}`, async () => {
    assert.equal((await parse(content)).text, text);
  });
}

test("who is in the envelope and neither in To nor in Cc got a blind copy", async () => {
  const raw = Buffer.from('To: Ben <BEN@example.com>, a@xn--bcher-kva.example\r\nCc: "a b"@example.com\r\n\r\n');
  const recipients = [
    "ben@EXAMPLE.com",
    "a@bücher.example",
    '"a b"@example.com',
    "Secret@example.com",
    "other@example.com",
  ];
  const { bcc } = await parsed(raw, { envelope: { sender: "", recipients } });
  assert.deepEqual(bcc, ["Secret@example.com", "other@example.com"]);
});

test("a message that would take more memory than there is is kept as its bytes alone", async () => {
  const message = await parsed(`Subject: x\n\n${"x".repeat(10_000)}`);
  const small = await parseMessage(message, 15_000);
  assert.match(small.parseError ?? "", /maxBytes/);
  assert.deepEqual([small.text, small.bcc, small.size], [undefined, [], message.size]);
  assert.equal((await parseMessage(message, 25_000)).parseError, undefined);
});

for (const [what, content] of [
  ["messages within messages", "Content-Type: message/rfc822\r\n\r\n".repeat(20_000)],
  [
    "multiparts within multiparts",
    Array.from({ length: 5000 }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`).join(""),
  ],
  ["empty lines", "\r\n".repeat(500_000)],
  ["addresses", `To: ${"a@b,".repeat(100_000)}\r\n\r\n`],
  [
    "parameters",
    `Content-Type: text/plain${Array.from({ length: 30_000 }, (_, n) => `; name*${n}=b`).join("")}\r\n\r\n`,
  ],
  ["parentheses", `Content-Type: text/plain${"(".repeat(900_000)}\r\n\r\n`],
] as const) {
  test(`${what} without end cost bounded work`, async () => {
    const message = await parsed(Buffer.from(content));
    assert.equal(message.size, content.length);
    assert.ok(message.attachments.length <= 1);
  });
}

test("an empty message is a message", async () => {
  const message = await parse("");
  assert.equal(message.size, 0);
  assert.equal(message.subject, undefined);
  assert.equal(message.parseError, undefined);
});

test("what cannot be parsed is kept, with the reason", async () => {
  const message = await parse(`X: ${"a".repeat(3_000_000)}\n\nbody`);
  assert.match(message.parseError ?? "", /header/i);
  assert.ok(message.size > 3_000_000);
  assert.deepEqual(message.to, []);
});

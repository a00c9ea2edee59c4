import assert from "node:assert/strict";
import { test } from "node:test";
import type { InboxMessage } from "../src/message.js";
import { parseMessage } from "../src/parse-message.js";

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

import assert from "node:assert/strict";
import { test } from "node:test";
import { searchFor } from "../../src/web/search.js";
import { parsed } from "../support/parsed.js";

const MAIL = `From: Grace Hopper <grace@example.com>
To: Ben <ben@example.com>
Cc: carol@example.com
Subject: Your order has shipped
X-Tags: shop, November
X-Id: 17
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: text/plain

It arrives on Monday. https://example.com/track
--m
Content-Type: application/pdf
Content-Disposition: attachment; filename="Invoice-117.pdf"

x
--m--
`;

const message = await parsed(MAIL, {
  envelope: {
    sender: "bounce@example.net",
    recipients: ["ben@example.com", "carol@example.com", "hidden@example.org"],
  },
  username: "Shop",
  receivedAt: new Date(2026, 10, 30, 12),
});

function found(query: string, read = false): boolean {
  return searchFor(query)?.({ message, read, kept: 0, order: 1 }) ?? true;
}

for (const query of [
  "monday shipped",
  '"has shipped"',
  "invoice-117",
  "from:hopper",
  "from:bounce@example.net",
  "to:ben",
  "to:hidden",
  "to:<ben@example.com>",
  "cc:carol",
  "bcc:hidden",
  "rcpt:<carol@example.com>",
  "subject:ORDER",
  'subject:"order has"',
  "text:monday",
  "filename:.pdf",
  "tag:november",
  "user:shop",
  "header:x-id",
  "header:x-id=17",
  "has:attachment",
  "has:text has:link",
  "is:unread",
  "larger:100 smaller:1k",
  "after:2026-11-30 before:2026-12-01",
  "-has:html -to:dave -tag:december -is:secure",
])
  test(`${query} finds the message`, () => assert.equal(found(query), true));

for (const query of [
  "monday lost",
  '"shipped has"',
  "from:ben",
  "to:<en@example.com>",
  "cc:ben",
  "bcc:ben",
  "subject:monday",
  "text:ordered",
  "filename:.doc",
  "tag:nov",
  "user:sho",
  "header:x-no",
  "header:x-id=18",
  "has:html",
  "is:read",
  "is:secure",
  "larger:1k",
  "before:2026-11-30",
  "after:2026-12-01",
  "-has:attachment",
])
  test(`${query} does not find the message`, () => assert.equal(found(query), false));

test("is:read is about the reader", () => assert.equal(found("is:read", true), true));
test("nothing to search for finds all", () => assert.equal(searchFor(" to: "), undefined));

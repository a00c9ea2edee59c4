import assert from "node:assert/strict";
import { test } from "node:test";
import { type Group, isGroup, type Mailbox } from "../../../src/address/mailbox.js";
import { parseAddressList } from "../../../src/address/parser.js";
import { formatAddressField, formatField } from "../../../src/message/header/field.js";
import { parseHeaders } from "../../../src/message/header/parse.js";
import { addressLists } from "../../address/arbitrary-addresses.js";
import { fc } from "../../support/property.js";

const parse = (text: string): [string, string][] => parseHeaders(Buffer.from(text, "utf8"));

test("fields in order, unfolded, up to the empty line", () => {
  const text = "Received: a\r\nSubject: one\r\n two\r\n\tthree\r\nreceived:b  \r\nX-Empty:\r\n\r\nBody: no\r\n";
  assert.deepEqual(parse(text), [
    ["Received", "a"],
    ["Subject", "one two\tthree"],
    ["received", "b"],
    ["X-Empty", ""],
  ]);
  assert.deepEqual(parse(text.replaceAll("\r\n", "\n")), parse(text));
});

test("a section without an end, and an empty one", () => {
  assert.deepEqual(parse("A: 1\r\nB: 2"), [
    ["A", "1"],
    ["B", "2"],
  ]);
  assert.deepEqual(parse("\r\nbody"), []);
  assert.deepEqual(parse(""), []);
});

test("text is decoded, structured fields are not", () => {
  assert.deepEqual(
    parse("Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n aus Wien\r\nDKIM-Signature: =?utf-8?q?x?=\r\nX: ü\r\n"),
    [
      ["Subject", "Grüße aus Wien"],
      ["DKIM-Signature", "=?utf-8?q?x?="],
      ["X", "ü"],
    ],
  );
  assert.deepEqual(parse("Content-Type: text/plain;\r\n name=x\r\n"), [["Content-Type", "text/plain; name=x"]]);
});

test("a decoded name cannot pass for an address", () => {
  const [[, value = ""] = []] = parse("To: =?utf-8?q?x_=3Ce=40v=2Eil=3E=2C?= <a@b.c>, d@e.f\r\n");
  assert.equal(value, '"x <e@v.il>," <a@b.c>, d@e.f');
  assert.deepEqual(parseAddressList(value).length, 2);
});

test("an address field that does not parse stays as it was written", () => {
  assert.deepEqual(parse("To: =?utf-8?q?x?= oops\r\n"), [["To", "=?utf-8?q?x?= oops"]]);
});

test("encoded words that spell a line break stay encoded", () => {
  assert.deepEqual(parse("Subject: =?utf-8?q?a=0D=0ABcc:_e@v.il?=\r\n"), [
    ["Subject", "=?utf-8?q?a=0D=0ABcc:_e@v.il?="],
  ]);
});

test("what is no header is refused with its line", () => {
  const cases: [string, RegExp][] = [
    [" A: 1\r\n", /line 1 continues/],
    ["A: 1\r\nno field\r\n", /line 2 is not a header field/],
    [": x\r\n", /line 1 is not a header field/],
    ["A B: x\r\n", /line 1 is not a header field/],
    ["É: x\r\n", /line 1 is not a header field/],
    ["A: 1\r\nB: x\ry\r\n", /B: holds a control character \(line 2\)/],
    ["A: \u0000\r\n", /control character/],
    ["From nobody Mon Sep 17 00:00:00\r\nA: 1\r\n", /line 1/],
  ];
  for (const [text, message] of cases) assert.throws(() => parse(text), { name: "MessageError", message }, text);
  assert.deepEqual(parse("A : 1\r\n"), [["A", "1"]]);
});

test("a header section without end is refused, not read", () => {
  assert.throws(() => parseHeaders(Buffer.alloc(5 * 1024 * 1024, "a")), {
    name: "MessageError",
    message: /longer than/,
  });
  assert.throws(() => parseHeaders(Buffer.from(`A: 1\r\n${" x\r\n".repeat(1_500_000)}`)), { name: "MessageError" });
});

test("property: a text field reads back as it was given", () => {
  const values = fc
    .oneof(
      fc.string({ unit: "binary", maxLength: 1500 }),
      fc.string({ unit: fc.constantFrom(..."ab =?_\té"), maxLength: 300 }),
    )
    .filter((text) => !/[\u0000-\u0008\u000a-\u001f\u007f]|\p{Surrogate}/u.test(text));
  fc.assert(
    fc.property(values, fc.constantFrom("ascii" as const, "utf8" as const), (value, form) => {
      assert.deepEqual(parse(formatField("X-Text", value, form)), [["X-Text", value]]);
    }),
    { numRuns: 500 },
  );
});

test("property: an address field reads back as the same list", () => {
  fc.assert(
    fc.property(addressLists(), (list) => {
      const [[, value = ""] = []] = parse(formatAddressField("To", list, "utf8"));
      assert.deepEqual(parseAddressList(value).map(onTheWire), list.map(onTheWire));
    }),
  );
});

/** What stays the same on the way: a domain that is not ASCII comes back as A-labels. */
function onTheWire(entry: Mailbox | Group): unknown {
  if (isGroup(entry)) return { name: entry.name, members: entry.members.map(onTheWire) };
  return { name: entry.name, address: entry.asciiAddress ?? entry.address };
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAddressList } from "../../../src/address/parser.js";
import { fieldNeedsUtf8, formatAddressField, formatField, type HeaderForm } from "../../../src/message/header/field.js";
import { addressLists } from "../../address/arbitrary-addresses.js";
import { fc } from "../../support/property.js";

const ascii = (name: string, value: string): string => formatField(name, value, "ascii");
const utf8 = (name: string, value: string): string => formatField(name, value, "utf8");
const unfold = (field: string): string =>
  field
    .slice(field.indexOf(":") + 1, -2)
    .replaceAll("\r\n", "")
    .trim();

/** What every field must be, whatever it holds. */
function checkShape(field: string, form: HeaderForm): void {
  assert.ok(field.endsWith("\r\n"));
  assert.ok(!/\r(?!\n)|(?<!\r)\n/.test(field), "only CRLF");
  for (const [index, line] of field.slice(0, -2).split("\r\n").entries()) {
    if (index > 0) assert.match(line, /^[ \t]+[^ \t]/, "a folded line begins with white space and holds more");
    assert.ok(Buffer.byteLength(line) <= 998);
    if (form === "ascii") assert.match(line, /^[\t -~]*$/);
    if (line.length > 78)
      assert.doesNotMatch(line.replace(/^[\w-]*:?[\t ]+/, "").trim(), /[\t ]/, "cut where it can be");
  }
}

test("text: plain, encoded, or as UTF-8", () => {
  assert.equal(ascii("Subject", "Hello"), "Subject: Hello\r\n");
  assert.equal(ascii("X-Custom", "a: b; c"), "X-Custom: a: b; c\r\n");
  assert.equal(ascii("Subject", ""), "Subject:\r\n");
  assert.equal(ascii("Subject", "Grüße"), "Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\n");
  assert.equal(utf8("Subject", "Grüße"), "Subject: Grüße\r\n");
  assert.equal(utf8("Subject", "=?utf-8?q?x?= b"), "Subject: =?utf-8?B?PT91dGYtOD9xP3g/PQ==?= b\r\n");
  assert.equal(ascii("subject", "é"), "subject: =?utf-8?B?w6k=?=\r\n");
});

test("text of a thousand characters without white space is encoded, because it cannot be folded", () => {
  const field = ascii("Subject", "x".repeat(2000));
  checkShape(field, "ascii");
  assert.match(field, /=\?utf-8\?Q\?x+\?=/);
  checkShape(utf8("Subject", "é".repeat(2000)), "utf8");
  checkShape(ascii("X-A", `a${" ".repeat(2000)}b`), "ascii");
});

test("addresses are parsed and written anew", () => {
  assert.equal(ascii("To", "a@b.c"), "To: a@b.c\r\n");
  assert.equal(ascii("To", "Jane Doe <jane@example.com>, b@c.d"), "To: Jane Doe <jane@example.com>, b@c.d\r\n");
  assert.equal(ascii("to", " a@b.c (comment)"), "to: a@b.c\r\n");
  assert.equal(ascii("Cc", "J. Doe <j@x.y>"), 'Cc: "J. Doe" <j@x.y>\r\n');
  assert.equal(
    ascii("From", "Jürgen Müller <jm@bücher.example>"),
    "From: =?utf-8?B?SsO8cmdlbiBNw7xsbGVy?= <jm@xn--bcher-kva.example>\r\n",
  );
  assert.equal(ascii("To", '"=?utf-8?q?x?=" <a@b.c>'), "To: =?utf-8?B?PT91dGYtOD9xP3g/PQ==?= <a@b.c>\r\n");
  assert.equal(ascii("Reply-To", "g: a@b.c, d@e.f;, none:;"), "Reply-To: g: a@b.c, d@e.f;, none:;\r\n");
  assert.equal(ascii("Sender", "a@b.c"), "Sender: a@b.c\r\n");
  assert.equal(ascii("Resent-To", '"a@b.com x"@internal.domain'), 'Resent-To: "a@b.com x"@internal.domain\r\n');
  assert.equal(ascii("To", "a@b\u3002com, x@ex\u00adample.com"), "To: a@b.com, x@example.com\r\n");
});

test("an address field that does not parse is an AddressError that names it", () => {
  for (const value of [
    "",
    "oops",
    "a@b.com@c.com",
    "a@xn--a",
    "Foo <a@good> <b@evil>",
    "a@b.c,",
    `${"a@b.c, ".repeat(20)}oops`,
  ]) {
    assert.throws(() => ascii("To", value), { name: "AddressError", field: "To" }, value);
  }
  for (const value of ["a@b.c, d@e.f", "g: a@b.c;"]) {
    assert.throws(() => ascii("Sender", value), { name: "AddressError", field: "Sender", message: /exactly one/ });
  }
});

test("a field begins beside its name, and is folded where its value has another place", () => {
  const long = `${"l".repeat(60)}@example.com`;
  assert.equal(ascii("From", `Ann Example <${long}>`), `From: Ann Example\r\n <${long}>\r\n`);
  assert.equal(ascii("From", `"Example, Ann" <${long}>`), `From: "Example, Ann"\r\n <${long}>\r\n`);
  const words = Array.from({ length: 20 }, () => "Example").join(" ");
  assert.match(ascii("From", `${words} <a@b.example>`), /^From: Example(?:(?:\r\n)? Example)+ <a@b\.example>\r\n$/);
  assert.equal(ascii("From", `${"l".repeat(80)}@example.com`), `From: ${"l".repeat(80)}@example.com\r\n`);
  assert.equal(ascii("To", `${"l".repeat(80)}@example.com, a@b.c`), `To: ${"l".repeat(80)}@example.com,\r\n a@b.c\r\n`);
  for (let length = 1; length < 200; length += 1) {
    for (const value of [`${"l".repeat(length)}@x.example`, `Ann Example <${"l".repeat(length)}@x.example>`]) {
      const field = ascii("From", value);
      checkShape(field, "ascii");
      assert.doesNotMatch(field, /^From:\r/, value);
    }
  }
});

test("white space parts an encoded group name from its colon", () => {
  assert.equal(ascii("To", "Bücher: a@b.c;"), "To: =?utf-8?Q?B=C3=BCcher?= : a@b.c;\r\n");
  assert.equal(ascii("To", "Bücher:;"), "To: =?utf-8?Q?B=C3=BCcher?= :;\r\n");
  assert.equal(ascii("To", "Books: a@b.c;"), "To: Books: a@b.c;\r\n");
  assert.equal(utf8("To", "Bücher: a@b.c;"), "To: Bücher: a@b.c;\r\n");
  assert.deepEqual(parseAddressList(unfold(ascii("To", "Bücher: a@b.c;"))), parseAddressList("Bücher: a@b.c;"));
});

test("an international local part needs UTF-8", () => {
  assert.throws(() => ascii("From", "jürgen@example.com"), {
    name: "AddressError",
    field: "From",
    message: /SMTPUTF8/,
  });
  assert.equal(utf8("From", "Jürgen <jürgen@exämple.com>"), "From: Jürgen <jürgen@exämple.com>\r\n");
  assert.equal(utf8("From", "jürgen@ex\u00adample.com"), "From: jürgen@example.com\r\n");
  assert.equal(utf8("From", "jürgen@b\u3002com"), "From: jürgen@b.com\r\n");
  assert.equal(utf8("From", "jürgen@[192.0.2.1]"), "From: jürgen@[192.0.2.1]\r\n");
  assert.equal(utf8("From", "jane@exämple.com"), "From: jane@xn--exmple-cua.com\r\n");
  assert.equal(fieldNeedsUtf8("From", "jürgen@example.com"), true);
  assert.equal(fieldNeedsUtf8("cc", "a@b.c, g: Jürgen <jürgen@example.com>;"), true);
  assert.equal(fieldNeedsUtf8("From", "Jürgen <j@exämple.com>"), false);
  assert.equal(fieldNeedsUtf8("Subject", "jürgen@example.com"), false);
  assert.equal(fieldNeedsUtf8("To", "plain"), false);
  assert.throws(() => fieldNeedsUtf8("To", "jürgen"), { name: "AddressError", field: "To" });
});

test("identifiers must be in angle brackets and are folded between", () => {
  assert.equal(ascii("Message-ID", "<a.b@c>"), "Message-ID: <a.b@c>\r\n");
  assert.equal(ascii("Content-ID", "<logo>"), "Content-ID: <logo>\r\n");
  const references = Array.from({ length: 20 }, (_, index) => `<${"x".repeat(30)}${index}@example.com>`).join(" ");
  const field = ascii("References", references);
  checkShape(field, "ascii");
  assert.equal(unfold(field), references);
  for (const value of ["", "a@b", "<a b@c>", "<a@b", "<>", "<é@b>", "<a@b> <c@d>", "<a<b>@c>"]) {
    assert.throws(() => ascii("Message-ID", value), { name: "MessageError", field: "Message-ID" }, value);
  }
  for (const value of ["", "<a@b>, <c@d>", "<a@b><c@d>", "text <a@b>"]) {
    assert.throws(() => ascii("In-Reply-To", value), { name: "MessageError", field: "In-Reply-To" }, value);
  }
});

test("media types and dispositions have their parameters encoded", () => {
  assert.equal(ascii("Content-Type", 'TEXT/Plain; charset="utf-8"'), "Content-Type: text/plain; charset=utf-8\r\n");
  assert.equal(
    ascii("Content-Type", 'image/png; name="é.png"'),
    'Content-Type: image/png; name="=?utf-8?B?w6kucG5n?="\r\n',
  );
  assert.equal(
    ascii("Content-Disposition", 'attachment; filename="é.png"'),
    "Content-Disposition: attachment; filename*=utf-8''%C3%A9.png\r\n",
  );
  assert.equal(ascii("Content-Disposition", "inline"), "Content-Disposition: inline\r\n");
  for (const value of ["", "text", "text/plain;", 'a/b; "x"=1']) {
    assert.throws(() => ascii("Content-Type", value), { name: "MessageError", field: "Content-Type" }, value);
  }
  for (const value of ["", "a b", "a/b", "attachment; filename=é"]) {
    assert.throws(
      () => ascii("Content-Disposition", value),
      { name: "MessageError", field: "Content-Disposition" },
      value,
    );
  }
});

test("other structured fields are ASCII and stand as they are", () => {
  assert.equal(ascii("Date", "Sun, 22 Nov 2026 18:49:05 +0000"), "Date: Sun, 22 Nov 2026 18:49:05 +0000\r\n");
  assert.equal(ascii("List-Unsubscribe", "<https://x.y/=?z>"), "List-Unsubscribe: <https://x.y/=?z>\r\n");
  const url = `<https://example.com/${"x".repeat(300)}>`;
  assert.equal(ascii("List-Unsubscribe", `<mailto:a@b.c>, ${url}`), `List-Unsubscribe: <mailto:a@b.c>,\r\n ${url}\r\n`);
  for (const value of ["(é) <mailto:a@b.c>", "", "  ", "x".repeat(1000)]) {
    assert.throws(() => ascii("List-Unsubscribe", value), { name: "MessageError", field: "List-Unsubscribe" });
  }
  assert.equal(utf8("List-Unsubscribe", "<mailto:é@b.c>"), "List-Unsubscribe: <mailto:é@b.c>\r\n");
  assert.throws(() => ascii("List-Unsubscribe", "(x\r\nBcc: e@v.il) <mailto:a@b.c>"), { name: "MessageError" });
});

test("keywords are phrases", () => {
  assert.equal(ascii("Keywords", "a b, c"), "Keywords: a b, c\r\n");
  assert.equal(ascii("Keywords", "a, Grüße"), "Keywords: a, =?utf-8?B?R3LDvMOfZQ==?=\r\n");
  assert.equal(utf8("Keywords", "a, Grüße"), "Keywords: a, Grüße\r\n");
  for (const value of ['"a, b", é', "é,,b"])
    assert.throws(() => ascii("Keywords", value), { name: "MessageError", field: "Keywords" });
});

test("a list has a name and an identifier", () => {
  assert.equal(ascii("List-ID", "<l.example.com>"), "List-ID: <l.example.com>\r\n");
  assert.equal(ascii("List-Id", "My list <l.example.com>"), "List-Id: My list <l.example.com>\r\n");
  assert.equal(
    ascii("List-ID", '"Büchér, all" <l.example.com>'),
    "List-ID: =?utf-8?B?QsO8Y2jDqXIsIGFsbA==?= <l.example.com>\r\n",
  );
  assert.equal(utf8("List-ID", "Bücher <l.example.com>"), "List-ID: Bücher <l.example.com>\r\n");
  for (const value of ["", "l.example.com", "<a b>", "x <l> y"])
    assert.throws(() => ascii("List-ID", value), { name: "MessageError" });
});

test("no name and no value brings a line of its own", () => {
  for (const char of ["\r\n", "\r", "\n", "\u0000", "\u0007", "\u007f", "\ud800"]) {
    for (const name of [
      "Subject",
      "To",
      "Message-ID",
      "Content-Type",
      "Content-Disposition",
      "Date",
      "Keywords",
      "List-ID",
      "X-A",
      "Sender",
    ]) {
      for (const form of ["ascii", "utf8"] as const) {
        assert.throws(() => formatField(name, `a${char}Bcc: e@v.il`, form), { code: /address|message/, field: name });
      }
    }
  }
  for (const name of ["X-A\r\nBcc", "", "A B", "A:"]) assert.throws(() => ascii(name, "x"), { name: "MessageError" });
  assert.throws(() => ascii("Subject", undefined as never), { name: "MessageError" });
  assert.throws(() => ascii("X-A", 1 as never), { name: "MessageError" });
});

test("code points whose low byte is CR or LF are encoded like others", () => {
  assert.match(ascii("Subject", "\u760d\u760aBcc: e@v.il"), /^Subject: =\?utf-8\?[QB]\?\S+\?= e@v\.il\r\n$/);
});

test("a long quoted name with a comma survives folding", () => {
  const name = `${"Doe, Jane of the ".repeat(12)}end`;
  const field = ascii("To", `"${name}" <jane@example.com>, "b, c" <d@e.f>`);
  checkShape(field, "ascii");
  assert.deepEqual(
    parseAddressList(unfold(field)).map((entry) => entry.name),
    [name, "b, c"],
  );
});

test("property: every address field has the right shape and parses to the same names and addresses", () => {
  fc.assert(
    fc.property(addressLists(), fc.constantFrom("From", "Disposition-Notification-To"), (list, name) => {
      const field = formatAddressField(name, list, "utf8");
      checkShape(field, "utf8");
      assert.deepEqual(
        parseAddressList(unfold(field)).map((entry) => entry.name),
        list.map((entry) => entry.name),
      );
    }),
    { numRuns: 500 },
  );
});

test("property: every text field has the right shape", () => {
  const values = fc
    .oneof(
      fc.string({ unit: "grapheme", maxLength: 1500 }),
      fc.string({ unit: fc.constantFrom(..."abcdefg  =?\té"), maxLength: 1500 }),
    )
    .filter((text) => !/[\u0000-\u0008\u000a-\u001f\u007f]|\p{Surrogate}/u.test(text));
  fc.assert(
    fc.property(values, fc.constantFrom("ascii" as const, "utf8" as const), (value, form) => {
      checkShape(formatField("Subject", value, form), form);
    }),
    { numRuns: 500 },
  );
});

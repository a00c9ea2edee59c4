import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { encodeQuotedPrintable } from "../../../src/message/encoding/quoted-printable.js";
import { fc } from "../../support/property.js";

const encode = (text: string, lineBreaks: "keep" | "escape" = "keep"): string =>
  encodeQuotedPrintable(Buffer.from(text, "utf8"), lineBreaks).toString("latin1");

/** RFC 2045 §6.7, read strictly: white space at line ends would be cut off, so there must be none. */
function decode(text: string): Buffer {
  assert.doesNotMatch(text, /[ \t](\r\n|$)/);
  const joined = text.replace(/=\r\n/g, "");
  return Buffer.from(
    joined.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );
}

test("text stays readable, the rest is escaped", () => {
  assert.equal(encode("Grüße = ok\r\n"), "Gr=C3=BC=C3=9Fe =3D ok\r\n");
  assert.equal(encode("tab\there\u0000\u007f"), "tab\there=00=7F");
});

test("white space at the end of a line or of the text is escaped", () => {
  assert.equal(encode("a \r\nb\t\r\n c "), "a=20\r\nb=09\r\n c=20");
});

test("lines break softly at 76", () => {
  assert.equal(encode("x".repeat(75)), "x".repeat(75));
  assert.equal(encode("x".repeat(80)), `${"x".repeat(75)}=\r\n${"x".repeat(5)}`);
});

test("a character of UTF-8 stays in one line", () => {
  for (let lead = 60; lead < 76; lead++) {
    const lines = encode("x".repeat(lead) + "😀".repeat(10)).split("=\r\n");
    for (const line of lines) assert.match(line, /^x*(=F0=9F=98=80)*$/);
  }
});

test("line breaks that are data are escaped", () => {
  assert.equal(encode("a\nb\r\nc\r", "escape"), "a=0Ab=0D=0Ac=0D");
  assert.equal(encode("a\nb\rc", "keep"), "a=0Ab=0Dc");
});

test("any bytes come back, no line is longer than 76, only CRLF ends lines", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.string({ unit: "grapheme", maxLength: 300 }).map((text) => Buffer.from(text)),
    fc.array(fc.constantFrom(" ", "\t", "=", "\r\n", "\r", "\n", "x", "é"), { maxLength: 300 }).map((all) => {
      return Buffer.from(all.join(""));
    }),
  );
  fc.assert(
    fc.property(bytes, fc.constantFrom("keep" as const, "escape" as const), (content, lineBreaks) => {
      const encoded = encodeQuotedPrintable(content, lineBreaks).toString("latin1");
      assert.deepEqual(decode(encoded), Buffer.from(content));
      for (const line of encoded.split("\r\n")) {
        assert.ok(line.length <= 76);
        assert.doesNotMatch(line, /[\r\n]/);
      }
    }),
  );
});

test("the worst content takes time in proportion to its size", () => {
  assert.equal(encode(" \r\n".repeat(200_000)).length, 200_000 * 5);
});

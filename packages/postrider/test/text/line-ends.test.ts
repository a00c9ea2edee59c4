import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { bytesToCrlf, LineEndingNormalizer, normalizeLineEndings, toCrlf } from "../../src/text/line-ends.js";
import { fc } from "../support/property.js";
import { cutAt, cuts, mailBytes, SMUGGLING } from "../wire/mail-bytes.js";

/** The same, said slowly. */
function oracle(bytes: Uint8Array): string {
  const text = Buffer.from(bytes)
    .toString("latin1")
    .replaceAll(/\r\n|\r|\n/g, "\r\n");
  return text === "" || text.endsWith("\r\n") ? text : `${text}\r\n`;
}

function inParts(parts: readonly Uint8Array[]): string {
  const normalizer = new LineEndingNormalizer();
  return Buffer.concat([...parts.map((part) => normalizer.push(part)), normalizer.finish()]).toString("latin1");
}

test("CRLF, lone CR and lone LF become CRLF, and the last line gets its end", () => {
  const normalized = (text: string): string =>
    Buffer.from(normalizeLineEndings(Buffer.from(text, "latin1"))).toString("latin1");
  assert.equal(normalized("a\r\nb\rc\nd"), "a\r\nb\r\nc\r\nd\r\n");
  assert.equal(normalized("\r\r\n\n"), "\r\n\r\n\r\n");
  assert.equal(normalized("\n\r"), "\r\n\r\n");
  assert.equal(normalized("a\r\n"), "a\r\n");
  assert.equal(normalized(""), "");
});

test("canonical content is the same array, whole and in chunks", () => {
  const whole = Buffer.from("a\r\n\r\n.\r\n");
  assert.equal(normalizeLineEndings(whole), whole);
  const normalizer = new LineEndingNormalizer();
  assert.equal(normalizer.push(whole), whole);
  assert.equal(normalizer.finish().length, 0);
});

test("the caller's bytes are not changed", () => {
  const bytes = Buffer.from("a\nb\rc");
  const before = bytes.toString("hex");
  normalizeLineEndings(bytes);
  assert.equal(bytes.toString("hex"), before);
});

test("bodies that broke other servers, cut at every offset, hold only CRLF", () => {
  for (const body of SMUGGLING) {
    const bytes = Buffer.from(body, "latin1");
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        assert.equal(inParts(cutAt(bytes, [first, second])), oracle(bytes), JSON.stringify(body));
      }
    }
  }
});

test("any bytes, cut anywhere, come out in canonical form", () => {
  fc.assert(
    fc.property(fc.oneof(mailBytes, fc.uint8Array({ maxLength: 100 })), cuts, (bytes, at) => {
      assert.equal(inParts(cutAt(bytes, at)), oracle(bytes));
      assert.equal(Buffer.from(normalizeLineEndings(bytes)).toString("latin1"), oracle(bytes));
    }),
    { numRuns: 2000 },
  );
});

test("CRLF, lone CR and lone LF become CRLF", () => {
  assert.equal(toCrlf("a\nb\r\nc\rd\r\r\n\n"), "a\r\nb\r\nc\r\nd\r\n\r\n\r\n");
  assert.equal(toCrlf("a\nb"), "a\r\nb");
  assert.equal(toCrlf("plain"), "plain");
});

test("bytes in pieces, cut anywhere, give the same as the text in one", () => {
  const text = fc.array(fc.constantFrom("\r", "\n", "a", "é"), { maxLength: 40 }).map((all) => all.join(""));
  fc.assert(
    fc.property(text, fc.nat(), (whole, at) => {
      const bytes = Buffer.from(whole);
      const cut = bytes.length === 0 ? 0 : at % bytes.length;
      const first = bytes.subarray(0, cut);
      const both = Buffer.concat([bytesToCrlf(first), bytesToCrlf(bytes.subarray(cut), first.at(-1))]);
      assert.equal(both.toString(), toCrlf(whole));
    }),
  );
});

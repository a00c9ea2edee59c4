import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { bytesToCrlf, toCrlf } from "../../../src/message/encoding/line-ends.js";
import { fc } from "../../support/property.js";

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

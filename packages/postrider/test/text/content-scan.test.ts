import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { scanContent } from "../../src/text/content-scan.js";
import { fc } from "../support/property.js";

test("empty content has no lines and ends well", () => {
  assert.deepEqual(scanContent(""), {
    length: 0,
    eightBitCount: 0,
    escapedCount: 0,
    longestLine: 0,
    lineCount: 0,
    hasNul: false,
    hasCrlf: false,
    hasBareCr: false,
    hasBareLf: false,
    hasTrailingSpace: false,
    endsWithLineBreak: true,
  });
});

test("the kinds of line ends are told apart", () => {
  const { hasCrlf, hasBareCr, hasBareLf, lineCount } = scanContent("a\r\nb\rc\nd\r\r\n");
  assert.deepEqual([hasCrlf, hasBareCr, hasBareLf, lineCount], [true, true, true, 5]);
  assert.deepEqual(scanContent("a\r\n").hasBareCr, false);
  assert.deepEqual(scanContent("a\r\n").hasBareLf, false);
  assert.equal(scanContent("a\r").hasBareCr, true);
});

test("the longest line counts bytes, not characters, without the line end", () => {
  assert.equal(scanContent("ab\r\nééé\r\nx").longestLine, 6);
  assert.equal(scanContent("x\n12345").longestLine, 5);
});

test("bytes above 127, escapes and NUL are counted", () => {
  const scan = scanContent("é=\u0000\u0001 x\t.");
  assert.deepEqual([scan.eightBitCount, scan.escapedCount, scan.hasNul], [2, 5, true]);
});

test("white space before a line end or at the very end is seen", () => {
  assert.equal(scanContent("a \r\nb").hasTrailingSpace, true);
  assert.equal(scanContent("a\r\nb\t").hasTrailingSpace, true);
  assert.equal(scanContent("a\r\n b\r\n\r\n").hasTrailingSpace, false);
});

test("a string and its UTF-8 give the same", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      assert.deepEqual(scanContent(text), scanContent(Buffer.from(text, "utf8")));
    }),
  );
});

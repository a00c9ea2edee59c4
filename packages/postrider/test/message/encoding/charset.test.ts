import assert from "node:assert/strict";
import { test } from "node:test";
import { isSmtpError } from "../../../src/errors/errors.js";
import { checkWellFormed, encodeText, findCharset } from "../../../src/message/encoding/transfer-encoding.js";

test("text is written in the charset that is named, in any letter case", () => {
  assert.deepEqual([...encodeText("é", "UTF-8", "text")], [0xc3, 0xa9]);
  assert.deepEqual([...encodeText("é", "ISO-8859-1", "text")], [0xe9]);
  assert.deepEqual([...encodeText("e", "us-ascii", "text")], [0x65]);
  assert.equal(findCharset("Latin1"), "iso-8859-1");
  assert.equal(findCharset("klingon"), undefined);
});

test("a character that the charset lacks is an error with its place, never a question mark", () => {
  assert.throws(
    () => encodeText("ab€", "iso-8859-1", "text"),
    (error) =>
      isSmtpError(error) && error.code === "message" && error.field === "text" && /U\+20AC.*2/.test(error.message),
  );
  assert.throws(() => encodeText("é", "us-ascii", "text"), /us-ascii has no U\+00E9/);
  assert.throws(() => encodeText("a", "windows-1252", "html"), /html: .*"windows-1252"/);
});

test("a lone surrogate is not allowed here", () => {
  assert.throws(() => checkWellFormed("a\ud800", "text"), /text: .*surrogate/);
  checkWellFormed("😀", "text");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../../src/errors/errors.js";
import { leftToRight, saslprep } from "../../src/sasl/saslprep.js";

const forbidden = (text: string, rule: RegExp): void => {
  assert.throws(
    () => saslprep("password", text),
    (error) => error instanceof OptionError && error.option === "password" && rule.test(error.message),
    JSON.stringify(text),
  );
};

test("the examples of RFC 4013 §3", () => {
  assert.equal(saslprep("password", "I\u00adX"), "IX");
  assert.equal(saslprep("password", "user"), "user");
  assert.equal(saslprep("password", "USER"), "USER");
  assert.equal(saslprep("password", "\u00aa"), "a");
  assert.equal(saslprep("password", "\u2168"), "IX");
  forbidden("\u0007", /control/);
  forbidden("\u0627\u0031", /mixes right-to-left and left-to-right/);
});

test("spaces of every kind become U+0020, and the zero width space is one of them", () => {
  assert.equal(saslprep("password", "a\u00a0b\u3000c\u2003d\u200be"), "a b c d e");
});

test("composed and decomposed letters become the same", () => {
  assert.equal(saslprep("password", "e\u0301"), saslprep("password", "\u00e9"));
});

test("each class of forbidden code points is refused", () => {
  for (const text of [
    "\0a",
    "a\x7fb",
    "\u0085",
    "\u06dd",
    "\u070f",
    "\u180e",
    "\u2028",
    "\u2063",
    "\u206a",
    "\u{1d173}",
  ]) {
    forbidden(text, /control/);
  }
  for (const text of ["\ue000", "\u{f0000}", "\u{10fffd}", "\ufdd0", "\uffff", "\u{1fffe}", "\ud800", "\udc00x"]) {
    forbidden(text, /a prohibited code point/);
  }
  for (const text of ["\ufffd", "\u2ff0", "\u200e", "\u202e", "\u{e0001}", "\u{e0041}"])
    forbidden(text, /a prohibited code point/);
});

test("what vanishes alone leaves nothing, which is refused", () => {
  forbidden("\u00ad", /no visible/);
  forbidden("", /no visible/);
});

test("text from right to left starts and ends so, and holds no Latin letter", () => {
  assert.equal(saslprep("password", "\u05e9\u05dc\u05d5\u05dd"), "\u05e9\u05dc\u05d5\u05dd");
  assert.equal(saslprep("password", "\u0627\u0031\u0628"), "\u0627\u0031\u0628");
  forbidden("\u0627a\u0628", /mixes right-to-left and left-to-right/);
  forbidden("1\u0627", /mixes right-to-left and left-to-right/);
});

test("code points that Unicode 3.2 did not know are allowed", () => {
  assert.equal(saslprep("password", "p\u{1f600}"), "p\u{1f600}");
});

test("the error never shows the text", () => {
  assert.throws(
    () => saslprep("password", "hunter2\u0007"),
    (error) => error instanceof OptionError && !error.message.includes("hunter2"),
  );
});

test("the decoded ranges of table D.2 start, end and count as RFC 3454 says", () => {
  const inTable = (point: number): boolean => leftToRight().test(String.fromCodePoint(point));
  let count = 0;
  for (let point = 0; point <= 0x10ffff; point++) if (inTable(point)) count++;
  assert.equal(count, 229973);
  for (const point of [0x41, 0x5a, 0x61, 0x7a, 0xaa, 0xb5, 0x1d7c9, 0x20000, 0x2a6d6, 0x2f800, 0x10fffd])
    assert.ok(inTable(point));
  for (const point of [0x40, 0x5b, 0x60, 0x30, 0x5d0, 0x627, 0x1d7ce, 0x2a6d7, 0x10fffe]) assert.ok(!inTable(point));
});

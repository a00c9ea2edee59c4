import assert from "node:assert/strict";
import { test } from "node:test";
import { printable, printableJson } from "../../src/terminal/printable.js";

test("what a terminal would obey is shown; every script, and a tab, stay", () => {
  assert.equal(printable("a\x1b[2Jb\r\n\x9bc\u202etxt"), "a\\x1b[2Jb\\x0d\\x0a\\x9bc\\u{202e}txt");
  assert.equal(printable("Ünï\tcödé 漢字 🙂"), "Ünï\tcödé 漢字 🙂");
});

test("JSON is the same value, without anything that a terminal would obey", () => {
  const value = { text: "\x1b[2J\x9b\u202e\x7f漢" };
  const text = printableJson(value);
  assert.deepEqual(JSON.parse(text), value);
  assert.doesNotMatch(text, /[\x1b\x7f-\x9f\u202e]/);
});

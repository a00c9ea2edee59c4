import assert from "node:assert/strict";
import { test } from "node:test";
import { escapeUnseen, findHeaderControl, findLineFault, isWellFormed } from "../../src/text/characters.js";

const CONTROLS = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0x21 }, (_, index) => 0x7f + index),
].map((code) => String.fromCharCode(code));

test("text without controls has no fault, in any script", () => {
  for (const text of ["", "NOOP", "a b", "grüße", "\u760d\u760a\u010d", "\u{1f600}", "\u00a0"]) {
    assert.equal(findLineFault(text), undefined, JSON.stringify(text));
  }
});

test("every control character of C0, DEL and C1 is a fault that names it and its place", () => {
  assert.equal(CONTROLS.length, 65);
  for (const control of CONTROLS) {
    const name = `U+${control.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    const fault = findLineFault(`ab${control}c`);
    assert.ok(fault?.includes(`${name} at 2`), name);
  }
});

test("what ends a line to readers that go by Unicode is a fault", () => {
  assert.match(findLineFault("a\u2028b") ?? "", /U\+2028 at 1/);
  assert.match(findLineFault("\u2029") ?? "", /U\+2029 at 0/);
});

test("a lone surrogate is a fault, a whole one is not", () => {
  assert.match(findLineFault("a\ud83d") ?? "", /surrogate.*at 1/);
  assert.match(findLineFault("\ude00") ?? "", /surrogate.*at 0/);
  assert.match(findLineFault("\ud83d\ud83d\ude00") ?? "", /surrogate.*at 0/);
});

test("the value of a header may hold TAB, and no other control of ASCII", () => {
  assert.equal(findHeaderControl("a\tb \u0085 é"), undefined);
  for (const control of ["\u0000", "\n", "\r", "\u001b", "\u007f"]) assert.equal(findHeaderControl(`é${control}`), 1);
});

test("what nobody sees is shown escaped, and all other text as it is", () => {
  for (const [text, shown] of [
    ["a\r\nb\u009b", "a\\x0d\\x0ab\\x9b"],
    ["\ufeffSubject", "\\u{feff}Subject"],
    ["a\u200bb\u00adc\u202ed\u00a0e", "a\\u{200b}b\\u{00ad}c\\u{202e}d\\u{00a0}e"],
    ["a\u2028b\u3000c", "a\\u{2028}b\\u{3000}c"],
    ["\ud800x", "\\u{d800}x"],
    ["tag \u{e0041}", "tag \\u{e0041}"],
    ["grüße 用户 \u{1f600} العربية", "grüße 用户 \u{1f600} العربية"],
  ] as const) {
    assert.equal(escapeUnseen(text), shown);
  }
});

test("only whole surrogate pairs are well formed", () => {
  assert.equal(isWellFormed("\u{1f600}"), true);
  assert.equal(isWellFormed("\ud83d"), false);
});

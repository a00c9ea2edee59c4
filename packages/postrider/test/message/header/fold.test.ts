import assert from "node:assert/strict";
import { test } from "node:test";
import { formatField } from "../../../src/message/header/field.js";
import { foldChunks, foldField, splitChunks } from "../../../src/message/header/fold.js";

test("a short field is one line", () => {
  assert.equal(foldField("Subject", "hello"), "Subject: hello\r\n");
});

test("a long field is cut before white space, and unfolds to itself", () => {
  const value = "word  and\tword ".repeat(30).trim();
  const field = foldField("Subject", value);
  const lines = field.slice(0, -2).split("\r\n");
  for (const line of lines) assert.ok(line.length <= 78, line);
  for (const line of lines.slice(1)) assert.match(line, /^[ \t]+\S/);
  assert.equal(field.slice(0, -2).replaceAll("\r\n", ""), `Subject: ${value}`);
});

test("a line with an encoded word has at most 76 characters", () => {
  const lines = foldField("Subject", `${"a ".repeat(35)} =?utf-8?q?x?= ${"bbb ".repeat(30)}x`).split("\r\n");
  for (const line of lines) assert.ok(line.length <= 76);
});

test("a word that fits no line of 78 stands alone on its line", () => {
  const field = foldField("Subject", `see ${"x".repeat(200)} there`);
  assert.equal(field, `Subject: see\r\n ${"x".repeat(200)}\r\n there\r\n`);
});

test("a piece of more than 998 octets is refused", () => {
  foldField("X", "x".repeat(997));
  assert.throws(() => foldField("X-Long", "x".repeat(998)), { name: "MessageError", field: "X-Long", message: /998/ });
  foldField("X", "é".repeat(498));
  assert.throws(() => foldField("X", "é".repeat(499)), { name: "MessageError" });
});

test("chunks carry the white space before them; none is white space alone", () => {
  assert.deepEqual(splitChunks(" a  b\tc "), [" a", "  b", "\tc "]);
  assert.deepEqual(splitChunks(" "), [" "]);
  assert.deepEqual(splitChunks(""), []);
  assert.equal(foldChunks("X", [" a", " b"]), "X: a b\r\n");
});

test("a value without white space stays on the line of its name, where readers do not take a fold for a space of it", () => {
  const word = "x".repeat(100);
  assert.equal(formatField("Subject", word, "ascii"), `Subject: ${word}\r\n`);
  assert.equal(formatField("Subject", `${word} y`, "ascii"), `Subject: ${word}\r\n y\r\n`);
  assert.equal(formatField("In-Reply-To", `<${word}@b.c>`, "ascii"), `In-Reply-To: <${word}@b.c>\r\n`);
  assert.equal(formatField("Subject", "ü".repeat(200), "utf8"), `Subject: ${"ü".repeat(200)}\r\n`);
  const longest = "x".repeat(998 - "Subject: ".length);
  assert.equal(formatField("Subject", longest, "ascii"), `Subject: ${longest}\r\n`);
  assert.match(formatField("Subject", `${longest}x`, "ascii"), /^Subject: =\?utf-8\?Q\?x+\?=\r\n =/);
});

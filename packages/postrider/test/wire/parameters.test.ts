import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../../src/errors/errors.js";
import { checkParameters, encodeXtext } from "../../src/wire/command.js";
import { fc } from "../support/property.js";

test("parameters go out as they were written, and are known by their upper-case keyword", () => {
  assert.deepEqual(checkParameters(["body=8BITMIME", "SMTPUTF8", "x-Foo=<a,b>;c", "ORCPT=utf-8;ü"], "mailOptions"), [
    { keyword: "BODY", text: "body=8BITMIME" },
    { keyword: "SMTPUTF8", text: "SMTPUTF8" },
    { keyword: "X-FOO", text: "x-Foo=<a,b>;c" },
    { keyword: "ORCPT", text: "ORCPT=utf-8;ü" },
  ]);
  assert.deepEqual(checkParameters([], "mailOptions"), []);
});

test("a parameter that is none is an OptionError that names field and index", () => {
  for (const text of [
    "",
    " ",
    "=x",
    "SIZE=",
    "SIZE=1 BODY=7BIT",
    "SIZE 1",
    "A=B=C",
    "-A",
    "Ä=1",
    "A=\r\nRCPT TO:<e@v.il>",
    "A=x\r",
    "A=x\n",
    "A\n",
    "A=\u0000",
    "A=\u007f",
    "A=\u0085",
    "A=\u009f",
    "A=\ud800",
    `A=${"x".repeat(1023)}`,
    undefined as never,
  ]) {
    assert.throws(
      () => checkParameters(["SIZE=5", text], "mailOptions"),
      { name: "OptionError", option: "mailOptions[1]" },
      JSON.stringify(text),
    );
  }
});

test("the same keyword twice is an OptionError, in any letter case", () => {
  assert.throws(() => checkParameters(["SIZE=1", "size=2"], "rcptOptions"), {
    option: "rcptOptions[1]",
    message: /repeats SIZE/,
  });
  assert.throws(() => checkParameters(["A", "A"], "x"), OptionError);
});

test("a long parameter is refused in linear time", () => {
  assert.throws(() => checkParameters([`A${"-".repeat(1_000_000)}`], "x"), OptionError);
});

test("xtext encodes what is not printable ASCII, plus, equals and brackets, by byte", () => {
  assert.equal(encodeXtext("QQ314159"), "QQ314159");
  assert.equal(encodeXtext("a+b=c d\r\n\u007f\u0000"), "a+2Bb+3Dc+20d+0D+0A+7F+00");
  assert.equal(encodeXtext("ü€"), "+C3+BC+E2+82+AC");
  assert.equal(encodeXtext("!~"), "!~");
  assert.equal(encodeXtext(""), "");
  assert.equal(encodeXtext("<a@b.c>"), "+3Ca@b.c+3E", "brackets belong to the path");
});

test("xtext of anything is a parameter's value, and decodes to what it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 60 }), (text) => {
      const encoded = encodeXtext(text);
      assert.match(encoded, /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})+$/);
      const bytes = encoded.match(/\+..|./g)?.map((unit) => Number.parseInt(unit.slice(1), 16) || unit.charCodeAt(0));
      if (!encoded.includes("+00")) assert.equal(Buffer.from(bytes ?? []).toString("utf8"), text);
    }),
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalField, parseHeaderBlock } from "../../src/dkim/canonicalization.js";
import { pickSignedFields, readSignedNames } from "../../src/dkim/dkim-signer-options.js";
import { MessageError, OptionError } from "../../src/errors/errors.js";
import { latin1 } from "./keys.js";

function forms(header: string, form: "relaxed" | "simple"): readonly string[] {
  return parseHeaderBlock(latin1(header)).map((field) => canonicalField(field, form));
}

test("the example of RFC 6376 §3.4.5", () => {
  const header = "A: X\r\nB : Y\t\r\n\tZ  \r\n";
  assert.deepEqual(forms(header, "relaxed"), ["a:X", "b:Y Z"]);
  assert.deepEqual(forms(header, "simple"), ["A: X", "B : Y\t\r\n\tZ  "]);
});

test("an empty value, a value of white space, colons and bytes above 127 stay what they are", () => {
  assert.deepEqual(forms("X:\r\nY: \t \r\nZ:a:b\r\nW: \u00c3\u00a9  !", "relaxed"), [
    "x:",
    "y:",
    "z:a:b",
    "w:\u00c3\u00a9 !",
  ]);
});

test("what is not a header field is an error that names its line", () => {
  for (const [header, rule] of [
    ["From a@b Mon\r\nX: 1\r\n", /line 1 of the header is not a header field/],
    [" folded\r\nX: 1\r\n", /line 1 /],
    ["X: 1\r\n 2\r\nnothing\r\n", /line 3 /],
    [": no name\r\n", /line 1 /],
    ["X: 1\nY: 2\r\n", /only CRLF/],
    ["X: 1\rY: 2\r\n", /only CRLF/],
  ] as const) {
    assert.throws(
      () => parseHeaderBlock(latin1(header)),
      (error) => error instanceof MessageError && rule.test(error.message),
    );
  }
});

test("a megabyte of white space is read in linear time", () => {
  const header = `X: ${" \t".repeat(500_000)}\r\n${"\t ".repeat(500_000)}y`;
  assert.deepEqual(forms(header, "relaxed"), ["x:y"]);
});

test("fields of one name are signed from the last to the first, and an oversigned name stands once more", () => {
  const header = parseHeaderBlock(latin1("From: a\r\nX: 1\r\nx: 2\r\nX: 3\r\n"));
  const { names, fields } = pickSignedFields(header, readSignedNames(["From", "X", "x", "Y"], "headers"));
  assert.deepEqual(names, ["from", "from", "x", "x", "x", "x"]);
  assert.deepEqual(
    fields.map((field) => field.raw),
    ["From: a", "X: 3", "x: 2", "X: 1"],
  );
});

test("a name that is given once and does not occur is not in h=", () => {
  const header = parseHeaderBlock(latin1("From: a\r\n"));
  assert.deepEqual(pickSignedFields(header, readSignedNames(["from", "date"], "headers")).names, ["from", "from"]);
});

test("a message without From cannot be signed", () => {
  const header = parseHeaderBlock(latin1("To: a\r\n"));
  assert.throws(() => pickSignedFields(header, readSignedNames(["From"], "headers")), /message: has no From field/);
});

test("names that cannot be signed are errors that say why", () => {
  for (const [names, rule] of [
    [["Subject"], /headers: must hold From/],
    [[], /headers: must hold From/],
    ["From", /headers: must be an array/],
    [["From", "Bcc"], /headers\[1\]: Bcc cannot be signed: it is never sent/],
    [["From", "Received"], /headers\[1\]: Received cannot be signed/],
    [["From", "DKIM-Signature"], /headers\[1\]/],
    [["From", "X;Y"], /headers\[1\]/],
    [["From", "X:"], /headers\[1\]/],
    [["From", "X\r\nY"], /headers\[1\]/],
    [["From", ""], /headers\[1\]/],
    [["From", 1], /headers\[1\]/],
    [["From", "constructor"], undefined],
  ] as const) {
    if (rule === undefined) assert.equal(readSignedNames(names, "headers").length, 2);
    else {
      assert.throws(
        () => readSignedNames(names, "headers"),
        (error) => error instanceof OptionError && rule.test(error.message),
      );
    }
  }
});

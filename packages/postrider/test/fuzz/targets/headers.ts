/** Header fields, written and read. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { AddressError, MessageError } from "../../../src/errors/errors.js";
import { parseContentType } from "../../../src/message/header/content-type.js";
import { formatField } from "../../../src/message/header/field.js";
import { parseHeaders } from "../../../src/message/header/parse.js";
import { decodeEncodedWords } from "../../../src/text/decode-words.js";
import { fc } from "../../support/property.js";
import { type FuzzTarget, fuzzTarget } from "../fuzz-target.js";
import { byteSoupOf, soupOf } from "../soup.js";

const NAMES = [
  "Subject",
  "X-Any",
  "From",
  "To",
  "Reply-To",
  "Message-ID",
  "References",
  "Content-Type",
  "Content-Disposition",
  "List-Id",
  "Keywords",
  "Date",
  "Comments",
];
const PIECES = [
  "a",
  "word ",
  " ",
  ",",
  "=?utf-8?q?",
  "?=",
  "=?",
  "\u00e9",
  "\u{1f44d}\u{1f3fd}",
  "<a@b.c>",
  "<",
  ">",
  '"',
  "\\",
  ";",
  "=",
  "name=",
  "*0*=",
  "text/plain",
  "\t",
  "\u0301",
  "x".repeat(80),
];

/** The promise: whatever the value, one field goes out, or an error. */
function checkField([name, value, form]: readonly [string, string, "ascii" | "utf8"]): void {
  let field: string;
  try {
    field = formatField(name, value, form);
  } catch (error) {
    assert.ok(error instanceof MessageError || error instanceof AddressError, String(error));
    return;
  }
  const bytes = Buffer.from(field);
  assert.ok(field.endsWith("\r\n") && !/\r(?!\n)|(?<!\r)\n/.test(field), "only CRLF");
  for (const line of field.split("\r\n")) assert.ok(Buffer.byteLength(line) <= 998);
  if (form === "ascii") assert.match(field, /^[\t\r\n -~]*$/);
  const read = parseHeaders(Buffer.concat([bytes, Buffer.from("\r\n")]));
  assert.equal(read.length, 1, "one field");
  assert.equal(read[0]?.[0], name);
  if (name === "Subject") assert.equal(read[0]?.[1], value, "a text reads back as it was given");
}

function checkReading(bytes: Buffer): void {
  let fields: readonly (readonly [string, string])[];
  try {
    fields = parseHeaders(bytes);
  } catch (error) {
    assert.ok(error instanceof MessageError, String(error));
    assert.ok(error.message.length < 1000);
    return;
  }
  for (const [name, value] of fields) {
    assert.match(name, /^[\x21-\x39\x3b-\x7e]+$/);
    assert.doesNotMatch(value, /[\r\n]/, "unfolded");
  }
}

function checkWords(text: string): void {
  const decoded = decodeEncodedWords(text);
  assert.ok(decoded.length <= text.length, "decoding never grows a text");
}

function checkContentType(text: string): void {
  try {
    const { type, subtype, parameters } = parseContentType(text);
    for (const name of [type, subtype]) assert.match(name, /^[!-.0-~]+$/);
    for (const name of parameters.keys()) assert.match(name, /^[!-~]+$/);
  } catch (error) {
    assert.ok(error instanceof MessageError, String(error));
  }
}

export const HEADER_TARGETS: readonly FuzzTarget[] = [
  fuzzTarget(
    "header field",
    fc.tuple(fc.constantFrom(...NAMES), soupOf(PIECES, 30), fc.constantFrom("ascii" as const, "utf8" as const)),
    checkField,
  ),
  fuzzTarget(
    "header section",
    byteSoupOf(
      [
        "Subject",
        "From",
        ":",
        " ",
        "\r\n",
        "\r\n ",
        "\n",
        "\r",
        "\t",
        "a",
        "=?utf-8?b?",
        "w6k=",
        "?=",
        "\r\n\r\n",
        "X-A: b\r\n",
        "\u00e9",
      ],
      50,
    ),
    checkReading,
  ),
  fuzzTarget(
    "encoded words",
    soupOf(["=?", "?=", "utf-8", "?q?", "?B?", "=C3=A9", "w6k=", "_", " ", "iso-8859-1", "*en", "=", "x"], 30),
    checkWords,
  ),
  fuzzTarget(
    "content type",
    soupOf(["text/plain", "; ", "name", "=", '"', "\\", "*", "0", "'", "%C3", "utf-8''", " ", "multipart/mixed"], 20),
    checkContentType,
  ),
];

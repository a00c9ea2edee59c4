import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseTextEncoding } from "../../../src/message/encoding/transfer-encoding.js";
import { scanContent } from "../../../src/text/content-scan.js";

const text = (content: string, eightBit = false): string => chooseTextEncoding(scanContent(content), eightBit);

test("ASCII in lines travels as 7bit", () => {
  assert.equal(text("hello\r\n"), "7bit");
  assert.equal(text("x".repeat(998)), "7bit");
});

test("a line that is too long, or a NUL, needs an encoding", () => {
  assert.equal(text("x".repeat(999)), "quoted-printable");
  assert.equal(text(`${"é".repeat(500)}\r\n`, true), "base64");
  assert.equal(text("a\u0000bcdefgh", true), "quoted-printable");
});

test("text beyond ASCII is 8bit where that is allowed", () => {
  assert.equal(text("Grüße", true), "8bit");
});

test("without 8bit the shorter of quoted-printable and base64 is taken", () => {
  assert.equal(text("Schöne Grüße aus Köln am Rhein, und bis bald"), "quoted-printable");
  assert.equal(text("Привет, мир"), "base64");
});

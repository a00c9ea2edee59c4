import assert from "node:assert/strict";
import { test } from "node:test";
import { DotUnstuffer } from "postrider/wire";
import { contentPieces, transferSize } from "../../src/pop3/content.js";
import { textOf } from "../support/pop3.js";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** What a client reads that follows the protocol. */
function received(raw: Uint8Array, bodyLines?: number): string {
  const content = new DotUnstuffer();
  const pieces = content.push(bytes(textOf(contentPieces(raw, bodyLines))));
  assert.equal(content.rest?.length, 0, "nothing stands behind the end");
  return Buffer.concat(pieces).toString("latin1");
}

test("a client receives the bytes of the message, whatever they are", () => {
  for (const text of [
    "",
    "\r\n",
    ".\r\n",
    "..\r\n.\r\n\r\n.a\r\n",
    "a\r\n.\r\n.\r\n",
    "\x00\xff\r\n",
    `${"x".repeat(200_000)}\r\n`,
  ])
    assert.equal(received(bytes(text)), text);
});

test("a dot at any edge of a piece is doubled", () => {
  for (let before = 65_530; before < 65_540; before += 1) {
    const text = `${"a".repeat(before)}\r\n.\r\n..b\r\n`;
    assert.equal(received(bytes(text)), text, String(before));
  }
});

test("a last line without CRLF gets one, and the size counts it", () => {
  for (const [text, whole] of [
    ["a", "a\r\n"],
    ["a\n", "a\n\r\n"],
    ["a\r", "a\r\r\n"],
    [".", ".\r\n"],
  ] as const) {
    assert.equal(received(bytes(text)), whole);
    assert.equal(transferSize(bytes(text)), whole.length);
  }
  assert.equal(transferSize(bytes("a\r\n")), 3);
  assert.equal(transferSize(bytes("")), 0);
});

test("a bare LF does not end the response for a client that takes it for a line end", () => {
  assert.doesNotMatch(textOf(contentPieces(bytes("a\n.\nb\n.\r\n"), undefined)).slice(0, -3), /\n\.\r?\n/);
});

test("TOP gives the header, the empty line, and so many lines of the body", () => {
  const raw = bytes("A: 1\r\nB: 2\r\n\r\none\r\n\r\n.three\r\nfour");
  const head = "A: 1\r\nB: 2\r\n\r\n";
  assert.equal(received(raw, 0), head);
  assert.equal(received(raw, 1), `${head}one\r\n`);
  assert.equal(received(raw, 2), `${head}one\r\n\r\n`);
  assert.equal(received(raw, 3), `${head}one\r\n\r\n.three\r\n`);
  assert.equal(received(raw, 4), `${head}one\r\n\r\n.three\r\nfour\r\n`);
  assert.equal(received(raw, 9_999_999_999), `${head}one\r\n\r\n.three\r\nfour\r\n`);
  assert.equal(received(bytes("A: 1\r\n"), 5), "A: 1\r\n");
  assert.equal(received(bytes("\r\nbody\r\nmore\r\n"), 1), "\r\nbody\r\n");
  assert.equal(received(bytes("A: 1\n\nbody\nmore\n"), 1), "A: 1\n\nbody\n\r\n");
});

test("TOP finds the empty line and the last line across the edges of pieces", () => {
  for (let length = 65_528; length < 65_540; length += 1) {
    const head = `${"A".repeat(length)}\r\n\r\n`;
    assert.equal(received(bytes(`${head}one\r\ntwo\r\n`), 1), `${head}one\r\n`, String(length));
    const body = `A: 1\r\n\r\n${"b".repeat(length - 8)}\r\n`;
    assert.equal(received(bytes(`${body}two\r\n`), 1), body, String(length));
  }
});

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { LineEndingNormalizer, normalizeLineEndings } from "../../src/text/line-ends.js";
import { DotStuffer, stuffDots } from "../../src/wire/dot-stuffing.js";
import { fc } from "../support/property.js";
import { cutAt, cuts, mailBytes, SMUGGLING } from "./mail-bytes.js";

function stuffed(parts: readonly Uint8Array[]): string {
  const stuffer = new DotStuffer();
  return Buffer.concat(parts.map((part) => stuffer.push(part))).toString("latin1");
}

/** As a server reads it: lines up to the lone dot, one dot taken from each that starts with one; and what comes after. */
function readBack(wire: string): { content: string; rest: string } {
  const lines: string[] = [];
  let from = 0;
  for (;;) {
    const end = wire.indexOf("\r\n", from);
    assert.notEqual(end, -1, "the content has an end");
    const line = wire.slice(from, end);
    from = end + 2;
    if (line === ".") return { content: lines.map((one) => `${one}\r\n`).join(""), rest: wire.slice(from) };
    assert.doesNotMatch(line, /[\r\n]/, "no bare CR or LF");
    lines.push(line.startsWith(".") ? line.slice(1) : line);
  }
}

function checkOneMessage(bytes: Uint8Array, at: readonly number[]): void {
  const normalizer = new LineEndingNormalizer();
  const stuffer = new DotStuffer();
  const parts = cutAt(bytes, at).map((part) => stuffer.push(normalizer.push(part)));
  const wire = Buffer.concat([...parts, stuffer.push(normalizer.finish())]).toString("latin1");
  const { content, rest } = readBack(`${wire}.\r\nEND`);
  assert.equal(rest, "END", "one message");
  assert.equal(content, Buffer.from(normalizeLineEndings(bytes)).toString("latin1"));
}

test("a dot that starts a line is doubled, others are not", () => {
  const text = (bytes: string): string => Buffer.from(stuffDots(Buffer.from(bytes))).toString();
  assert.equal(text(".a\r\n..b\r\nc.d\r\n.\r\n"), "..a\r\n...b\r\nc.d\r\n..\r\n");
  assert.equal(text("a.\r\n"), "a.\r\n");
  assert.equal(text(""), "");
});

test("content without leading dots is the same array", () => {
  const bytes = Buffer.from("a.b\r\nc...\r\n");
  assert.equal(stuffDots(bytes), bytes);
});

test("a line may start with a chunk, and only then is its dot doubled", () => {
  const parts = (...texts: readonly string[]): string => stuffed(texts.map((text) => Buffer.from(text)));
  assert.equal(parts("a\r\n", ".b\r\n"), "a\r\n..b\r\n");
  assert.equal(parts("a\r", "\n", ".", "\r\n"), "a\r\n..\r\n");
  assert.equal(parts("a", ".b"), "a.b");
  assert.equal(parts("", ".", ".", "\r\n"), "...\r\n");
  assert.equal(parts("a\r\n", "", ".\r\n"), "a\r\n..\r\n");
});

test("bodies that broke other servers are one message, cut at every offset", () => {
  for (const body of SMUGGLING) {
    const bytes = Buffer.from(body, "latin1");
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) checkOneMessage(bytes, [first, second]);
    }
  }
});

test("any bytes, cut anywhere, are one message that reads back as it was", () => {
  fc.assert(fc.property(fc.oneof(mailBytes, fc.uint8Array({ maxLength: 100 })), cuts, checkOneMessage), {
    numRuns: 2000,
  });
});

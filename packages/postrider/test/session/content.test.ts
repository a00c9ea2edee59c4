import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import {
  type BytesContent,
  ContentWriter,
  contentSize,
  type Framing,
  Output,
  writeContent,
} from "../../src/session/content.js";

function content(text: string, hasLeadingDot = true): BytesContent {
  return { kind: "bytes", bytes: Buffer.from(text), hasEightBit: false, hasLeadingDot };
}

function taken(output: Output): string {
  return Buffer.concat(output.take()).toString();
}

function framed(one: BytesContent, framing: Framing): string {
  const output = new Output();
  writeContent(one, framing, output);
  return taken(output);
}

test("DATA's content has its dots doubled and ends in a lone dot", () => {
  assert.equal(framed(content("a\r\n.b\r\n"), "data"), "a\r\n..b\r\n.\r\n");
  assert.equal(framed(content("a\r\n", false), "data"), "a\r\n.\r\n");
  assert.equal(framed(content(""), "data"), ".\r\n");
});

test("BDAT's content is as it is, with its length before it", () => {
  assert.equal(framed(content("a\r\n.b\r\n"), "bdat"), "BDAT 7 LAST\r\na\r\n.b\r\n");
  assert.equal(framed(content(""), "bdat"), "BDAT 0 LAST\r\n");
});

test("the size is that of the bytes, or what is known of the stream", () => {
  assert.equal(contentSize(content("abc")), 3);
  assert.equal(contentSize({ kind: "stream", size: 7, hasEightBit: false }), 7);
  assert.equal(contentSize({ kind: "stream", size: undefined, hasEightBit: undefined }), undefined);
});

test("streamed DATA goes out chunk by chunk, dots doubled across cuts", () => {
  const output = new Output();
  const writer = new ContentWriter("data");
  assert.equal(writer.push(Buffer.from("a\r\n"), output), 0);
  assert.equal(taken(output), "a\r\n");
  assert.equal(writer.push(Buffer.from(".b\r\n"), output), 0);
  writer.finish(output);
  assert.equal(taken(output), "..b\r\n.\r\n");
});

test("streamed BDAT collects small chunks, and each that it writes brings one reply", () => {
  const output = new Output();
  const writer = new ContentWriter("bdat");
  assert.equal(writer.push(Buffer.alloc(40_000, "x"), output), 0);
  assert.equal(taken(output), "");
  assert.equal(writer.push(Buffer.alloc(40_000, "y"), output), 1);
  const first = taken(output);
  assert.ok(first.startsWith("BDAT 80000\r\nx"));
  assert.equal(first.length, 80_000 + "BDAT 80000\r\n".length);
  assert.equal(writer.push(Buffer.from(".z\r\n"), output), 0);
  writer.finish(output);
  assert.equal(taken(output), "BDAT 4 LAST\r\n.z\r\n");
});

test("a BDAT stream without content, or whose end is a whole chunk, ends in an empty LAST", () => {
  for (const chunks of [[], ["x".repeat(70_000)]]) {
    const output = new Output();
    const writer = new ContentWriter("bdat");
    for (const chunk of chunks) writer.push(Buffer.from(chunk), output);
    output.take();
    writer.finish(output);
    assert.equal(taken(output), "BDAT 0 LAST\r\n");
  }
});

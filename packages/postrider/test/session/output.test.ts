import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { Output } from "../../src/session/content.js";

const text = (pieces: readonly Uint8Array[]): string[] => pieces.map((piece) => Buffer.from(piece).toString());

test("lines and small pieces leave in one write, in their order", () => {
  const output = new Output();
  output.line("MAIL FROM:<ü@x>\r\n");
  output.line("DATA\r\n");
  output.bytes(Buffer.from("content\r\n"));
  output.bytes(Buffer.alloc(0));
  output.line(".\r\n");
  assert.deepEqual(text(output.take()), ["MAIL FROM:<ü@x>\r\nDATA\r\ncontent\r\n.\r\n"]);
  assert.deepEqual(output.take(), []);
});

test("a large piece is handed over as it is, and what is around it leaves in as few writes as possible", () => {
  const output = new Output();
  const large = Buffer.alloc(100_000, "x");
  output.line("a\r\n");
  output.line("b\r\n");
  output.bytes(large);
  output.line("c\r\n");
  output.bytes(Buffer.from("d"));
  const pieces = output.take();
  assert.equal(pieces.length, 3);
  assert.equal(pieces[1], large);
  assert.deepEqual(text([pieces[0] ?? large, pieces[2] ?? large]), ["a\r\nb\r\n", "c\r\nd"]);
});

test("one piece alone is not copied", () => {
  const output = new Output();
  const piece = Buffer.from("x");
  output.bytes(piece);
  assert.equal(output.take()[0], piece);
});

test("pieces are joined up to the limit and not beyond", () => {
  const output = new Output();
  for (let count = 0; count < 5; count++) output.bytes(Buffer.alloc(30_000, String(count)));
  const pieces = output.take();
  assert.deepEqual(
    pieces.map((piece) => piece.length),
    [60_000, 60_000, 30_000],
  );
  assert.equal(Buffer.concat(pieces).length, 150_000);
});

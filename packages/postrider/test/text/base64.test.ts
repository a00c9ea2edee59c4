import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { Base64Encoder, base64Length, giveBack, writeBase64 } from "../../src/text/base64.js";
import { fc } from "../support/property.js";

function encode(bytes: Uint8Array): string {
  const target = Buffer.alloc(base64Length(bytes.length));
  assert.equal(writeBase64(bytes, target, 0), target.length);
  return target.toString("latin1");
}

function byHand(bytes: Uint8Array): string {
  return (
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,76}/g)
      ?.join("\r\n") ?? ""
  );
}

test("lines have 76 characters, CRLF stands between them and not at the end", () => {
  assert.equal(encode(new Uint8Array(0)), "");
  assert.equal(encode(Buffer.from("a")), "YQ==");
  assert.equal(encode(new Uint8Array(57)), "A".repeat(76));
  assert.equal(encode(new Uint8Array(58)), `${"A".repeat(76)}\r\nAA==`);
});

test("every length around a line and a block is right", () => {
  const source = Buffer.alloc(57 * 1024 * 2 + 200, "postrider");
  for (const around of [0, 57, 114, 57 * 1024, 57 * 2048]) {
    for (let length = Math.max(0, around - 4); length < around + 5; length++) {
      const bytes = source.subarray(1, 1 + length);
      assert.equal(encode(bytes), byHand(bytes), `${length} bytes`);
    }
  }
});

test("pieces of any size give the same as the whole", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 12 }), (pieces) => {
      const encoder = new Base64Encoder();
      const out = pieces.map((piece): Uint8Array => {
        const reused = Uint8Array.from(piece);
        const encoded = Buffer.from(encoder.push(reused));
        reused.fill(0);
        return encoded;
      });
      out.push(encoder.end());
      assert.equal(Buffer.concat(out).toString("latin1"), byHand(Buffer.concat(pieces)));
    }),
  );
});

test("pieces of a file's size give the same as the whole, whatever is given back on the way", () => {
  const source = Buffer.from(Array.from({ length: 400_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff));
  for (const sizes of [[57 * 1024], [65_536], [40_000, 1, 70_000], [56, 57, 58, 30_000]]) {
    const encoder = new Base64Encoder();
    const out: Buffer[] = [];
    const take = (lines: Buffer): void => {
      out.push(Buffer.from(lines));
      giveBack(lines);
    };
    let at = 0;
    for (let turn = 0; at < source.length; turn++) {
      const size = sizes[turn % sizes.length] ?? 1;
      take(encoder.push(source.subarray(at, at + size)));
      at += size;
    }
    take(encoder.end());
    assert.equal(Buffer.concat(out).toString("latin1"), byHand(source), sizes.join());
  }
});

test("memory is used again only when all of its lines were given back", () => {
  const piece = new Uint8Array(57 * 1024);
  const encoder = new Base64Encoder();
  const first = encoder.push(piece);
  const second = encoder.push(piece);
  assert.notEqual(first.buffer, second.buffer);
  giveBack(second.subarray(0, 100));
  giveBack(second.subarray(1));
  giveBack(Buffer.from(second));
  const third = encoder.push(piece);
  assert.ok(third.buffer !== first.buffer && third.buffer !== second.buffer);
  giveBack(second);
  assert.equal(encoder.push(piece).buffer, second.buffer);
});

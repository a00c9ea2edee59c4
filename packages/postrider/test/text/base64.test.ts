import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { Base64Encoder, base64Length, writeBase64 } from "../../src/text/base64.js";
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

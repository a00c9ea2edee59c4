import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Sha256 } from "../../src/dkim/sha256.js";
import { fc } from "../support/property.js";

test("the example of FIPS 180-4: abc", () => {
  const hash = new Sha256();
  hash.update(Buffer.from("abc"));
  assert.equal(
    Buffer.from(hash.digest()).toString("hex"),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

test("every length up to three blocks gives what OpenSSL gives", () => {
  for (let length = 0; length <= 192; length++) {
    const bytes = Buffer.alloc(length, length);
    const hash = new Sha256();
    hash.update(bytes);
    assert.deepEqual(Buffer.from(hash.digest()), createHash("sha256").update(bytes).digest());
  }
});

test("pieces of any size give what the whole gives", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), (pieces) => {
      const hash = new Sha256();
      for (const piece of pieces) hash.update(piece);
      assert.deepEqual(Buffer.from(hash.digest()), createHash("sha256").update(Buffer.concat(pieces)).digest());
    }),
  );
});

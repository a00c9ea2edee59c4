import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import { hmacMd5, md5 } from "../../src/sasl/cram-md5.js";
import { fc } from "../support/property.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("the test suite of RFC 1321 appendix A.5", () => {
  const digests = {
    "": "d41d8cd98f00b204e9800998ecf8427e",
    a: "0cc175b9c0f1b6a831c399e269772661",
    abc: "900150983cd24fb0d6963f7d28e17f72",
    "message digest": "f96b697d7cb7938d525a2f31aaf161d0",
    abcdefghijklmnopqrstuvwxyz: "c3fcd3d76192e4007dfb496cca67e13b",
    ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789: "d174ab98d277d9f5a5611c2c9f419d9f",
    [`${"1234567890".repeat(8)}`]: "57edf4a22be3c955ac49da2e2107b67a",
  };
  for (const [message, digest] of Object.entries(digests)) assert.equal(hex(md5(Buffer.from(message))), digest);
});

test("the HMAC vectors of RFC 2202, with keys up to and above one block", () => {
  assert.equal(
    hex(hmacMd5(new Uint8Array(16).fill(0x0b), Buffer.from("Hi There"))),
    "9294727a3638bb1c13f48ef8158bfc9d",
  );
  assert.equal(
    hex(hmacMd5(Buffer.from("Jefe"), Buffer.from("what do ya want for nothing?"))),
    "750c783e6ab0b503eaa86e310a5db738",
  );
  const long = Buffer.from("Test Using Larger Than Block-Size Key - Hash Key First");
  assert.equal(hex(hmacMd5(new Uint8Array(80).fill(0xaa), long)), "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
});

test("every length around the block border has the digest that OpenSSL gives", () => {
  for (let length = 0; length <= 200; length++) {
    const message = Buffer.alloc(length, length);
    assert.equal(hex(md5(message)), createHash("md5").update(message).digest("hex"), `length ${length}`);
  }
});

test("any key and message give the HMAC that OpenSSL gives, and leave both as they were", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 300 }), (key, message) => {
      const before = [hex(key), hex(message)];
      assert.equal(hex(hmacMd5(key, message)), createHmac("md5", key).update(message).digest("hex"));
      assert.deepEqual([hex(key), hex(message)], before);
    }),
  );
});

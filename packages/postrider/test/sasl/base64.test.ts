import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { decodeChallenge, encodeResponse } from "../../src/sasl/exchange.js";
import { decodeBase64, encodeBase64 } from "../../src/text/base64.js";
import { fc } from "../support/property.js";

test("bytes come back from base64 as they were, also from the middle of a buffer", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      assert.deepEqual(decodeBase64(encodeBase64(bytes)), new Uint8Array(bytes));
      const part = bytes.subarray(1);
      assert.deepEqual(decodeBase64(encodeBase64(part)), new Uint8Array(part));
    }),
  );
});

test("an empty challenge is no bytes", () => {
  assert.deepEqual(decodeChallenge(""), new Uint8Array(0));
});

test("a challenge that is not base64 is a fault", () => {
  for (const challenge of [
    "Username:",
    "=",
    "A",
    "QQ",
    "QQ=",
    "Q===",
    "QQ==QQ==",
    "QR==",
    "QUK=",
    "QUJ\u00e9",
    "QU J=",
    "QUI-",
    "QUI_",
    "QUJD\n",
  ]) {
    assert.deepEqual(decodeChallenge(challenge), { fault: "The server's challenge is not base64" }, challenge);
  }
});

test("no bytes are an equals sign beside AUTH and an empty line later", () => {
  assert.equal(encodeResponse(new Uint8Array(0), "argument"), "=");
  assert.equal(encodeResponse(new Uint8Array(0), "line"), "");
  assert.equal(encodeResponse(Buffer.from("a"), "argument"), "YQ==");
});

test("a megabyte that is almost base64 is refused in linear time", () => {
  assert.equal(decodeBase64(`${"A".repeat(1 << 20)}===!`), undefined);
});

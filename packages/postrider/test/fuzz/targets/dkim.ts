/** What DKIM hashes. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Canonicalization } from "../../../src/dkim/canonicalization.js";
import { BodyHash, canonicalField, parseHeaderBlock } from "../../../src/dkim/canonicalization.js";
import { MessageError } from "../../../src/errors/errors.js";
import { fc } from "../../support/property.js";
import { cutAt, cuts } from "../../wire/mail-bytes.js";
import { type FuzzTarget, fuzzTarget } from "../fuzz-target.js";
import { byteSoupOf } from "../soup.js";

function canonicalBody(pieces: readonly Uint8Array[], form: Canonicalization): Buffer {
  const hashed: Buffer[] = [];
  const hash = new BodyHash(form, {
    update: (bytes: Uint8Array) => hashed.push(Buffer.from(bytes)),
    digest: () => new Uint8Array(),
  });
  for (const piece of pieces) hash.update(piece);
  hash.digest();
  return Buffer.concat(hashed);
}

function checkBody([bytes, at]: readonly [Buffer, readonly number[]]): void {
  for (const form of ["simple", "relaxed"] as const) {
    const whole = canonicalBody([bytes], form);
    assert.deepEqual(canonicalBody(cutAt(bytes, at), form), whole, "cut anywhere it is the same");
    assert.deepEqual(canonicalBody([whole], form), whole, "what is canonical stays as it is");
    if (form === "relaxed") assert.doesNotMatch(whole.toString("latin1"), /[ \t](?:\r\n|[ \t])|\t/);
  }
}

function checkHeader(bytes: Buffer): void {
  try {
    for (const field of parseHeaderBlock(bytes)) {
      const relaxed = canonicalField(field, "relaxed");
      assert.doesNotMatch(relaxed, /[\r\n\t]| {2}| $/);
      assert.equal(
        canonicalField({ name: field.name, raw: relaxed }, "relaxed"),
        relaxed,
        "what is canonical stays as it is",
      );
    }
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
  }
}

const lines = byteSoupOf(["\r\n", "\r\n\r\n", " ", "\t", "a", " \r\n", "\r\n ", "word", "\u00e9"], 50).map((bytes) =>
  Buffer.from(bytes.toString("latin1").replaceAll(/\r\n|\r|\n/g, "\r\n"), "latin1"),
);

export const DKIM_TARGETS: readonly FuzzTarget[] = [
  fuzzTarget("DKIM body", fc.tuple(lines, cuts), checkBody),
  fuzzTarget(
    "DKIM header",
    byteSoupOf(["From", "X-A", ":", " ", "\t", "\r\n", "\r\n ", "\n", "a", "b@c", "\u00e9"], 40),
    checkHeader,
  ),
];

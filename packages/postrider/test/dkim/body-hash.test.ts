import assert from "node:assert/strict";
import { test } from "node:test";
import type { Canonicalization } from "../../src/dkim/canonicalization.js";
import { BodyHash } from "../../src/dkim/canonicalization.js";
import { fc } from "../support/property.js";
import { RFC_BODY_HASH, RFC_MESSAGE } from "./keys.js";

/** What would be hashed. */
function canonical(body: string, form: Canonicalization, sizes: readonly number[] = []): string {
  const pieces: string[] = [];
  const hash = new BodyHash(form, {
    update: (bytes: Uint8Array) => pieces.push(Buffer.from(bytes).toString("latin1")),
    digest: () => new Uint8Array(),
  });
  const bytes = Buffer.from(body, "latin1");
  let offset = 0;
  for (const size of sizes) {
    hash.update(bytes.subarray(offset, offset + size));
    offset += size;
  }
  hash.update(bytes.subarray(offset));
  hash.digest();
  return pieces.join("");
}

/** RFC 6376 §3.4.3 and §3.4.4, said as plainly as can be. */
function plainly(body: string, form: Canonicalization): string {
  const relaxed = body
    .replace(/[ \t]+/g, " ")
    .replaceAll(" \r\n", "\r\n")
    .replace(/ $/, "");
  const lines = (form === "relaxed" ? relaxed : body).replace(/(\r\n)*$/, "");
  return form === "relaxed" && lines === "" ? "" : `${lines}\r\n`;
}

test("the example of RFC 6376 §3.4.5", () => {
  const body = " C \r\nD \t E\r\n\r\n\r\n";
  assert.equal(canonical(body, "relaxed"), " C\r\nD E\r\n");
  assert.equal(canonical(body, "simple"), " C \r\nD \t E\r\n");
});

test("the body of RFC 6376 appendix A, simple, and of RFC 8463 appendix A, relaxed", () => {
  const body = RFC_MESSAGE.slice(RFC_MESSAGE.indexOf("\r\n\r\n") + 4);
  for (const [form, text] of [
    ["simple", body.replace("game.  Are", "game. Are")],
    ["relaxed", body],
  ] as const) {
    const hash = new BodyHash(form);
    hash.update(Buffer.from(text));
    assert.equal(Buffer.from(hash.digest()).toString("base64"), RFC_BODY_HASH);
  }
});

test("an empty body is one line end when simple and nothing when relaxed, however many empty lines it has", () => {
  for (const body of ["", "\r\n", "\r\n\r\n\r\n"]) {
    assert.equal(canonical(body, "simple"), "\r\n");
    assert.equal(canonical(body, "relaxed"), "");
  }
  assert.equal(canonical(" \t\r\n \r\n", "relaxed"), "");
  assert.equal(canonical(" \r\n\r\n", "simple"), " \r\n");
});

test("a last line without end gets one; white space at the end of lines goes, at their start it becomes one space", () => {
  assert.equal(canonical("a", "simple"), "a\r\n");
  assert.equal(canonical("a", "relaxed"), "a\r\n");
  assert.equal(canonical("\t\ta  b \t\r\n\r\nc ", "relaxed"), " a b\r\n\r\nc\r\n");
});

test("a hundred thousand empty lines inside a body are kept", () => {
  const body = `a${"\r\n".repeat(100_000)}b\r\n`;
  assert.equal(canonical(body, "relaxed", [1000, 100_000]), body);
  assert.equal(canonical(body, "simple", [1000, 100_000]), body);
  const spaced = `a ${"\r\n \t".repeat(100_000)}b\r\n`;
  assert.equal(canonical(spaced, "relaxed", [1000, 7]), `a${"\r\n".repeat(100_000)} b\r\n`);
});

test("cut anywhere, the canonical form is what the rules say", () => {
  const token = fc.constantFrom(" ", "\t", "\r\n", "a", "bc", ".", "\u00e9", "  ", "\r\n\r\n");
  const bodies = fc.array(token, { maxLength: 30 }).map((tokens) => tokens.join(""));
  const cuts = fc.array(fc.nat({ max: 6 }), { maxLength: 30 });
  fc.assert(
    fc.property(bodies, cuts, fc.constantFrom("simple" as const, "relaxed" as const), (body, sizes, form) => {
      assert.equal(canonical(body, form, sizes), plainly(body, form));
    }),
    { numRuns: 2000 },
  );
});

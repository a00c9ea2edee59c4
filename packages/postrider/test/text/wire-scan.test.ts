import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { scanForWire, type WireScan } from "../../src/text/content-scan.js";
import { fc } from "../support/property.js";
import { mailBytes, SMUGGLING } from "../wire/mail-bytes.js";

/** The same, said slowly. */
function oracle(bytes: Uint8Array): WireScan {
  const text = Buffer.from(bytes).toString("latin1");
  return {
    isCanonical: text === "" || (!/\r(?!\n)|(?<!\r)\n/.test(text) && text.endsWith("\r\n")),
    hasEightBit: /[\u0080-\u00ff]/.test(text),
    hasLeadingDot: /(?:^|\r|\n)\./.test(text),
  };
}

function check(bytes: Uint8Array): void {
  assert.deepEqual(scanForWire(bytes), oracle(bytes), JSON.stringify(Buffer.from(bytes).toString("latin1")));
}

test("content is seen as it is", () => {
  const facts = (text: string): WireScan => scanForWire(Buffer.from(text, "latin1"));
  assert.deepEqual(facts(""), { isCanonical: true, hasEightBit: false, hasLeadingDot: false });
  assert.deepEqual(facts("a\r\nb\r\n"), { isCanonical: true, hasEightBit: false, hasLeadingDot: false });
  assert.deepEqual(facts(".\r\n"), { isCanonical: true, hasEightBit: false, hasLeadingDot: true });
  assert.deepEqual(facts("a"), { isCanonical: false, hasEightBit: false, hasLeadingDot: false });
  assert.deepEqual(facts("\u00e9\n."), { isCanonical: false, hasEightBit: true, hasLeadingDot: true });
});

test("bodies that broke other servers are seen as they are", () => {
  for (const body of SMUGGLING) check(Buffer.from(body, "latin1"));
});

test("any bytes are seen as they are", () => {
  fc.assert(fc.property(mailBytes, check), { numRuns: 2000 });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), check));
});

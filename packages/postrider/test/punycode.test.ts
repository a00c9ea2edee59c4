import assert from "node:assert/strict";
import { test } from "node:test";
import { decodePunycode } from "../src/punycode.js";

// RFC 3492 §7.1 (B, I, L, P) and common names.
for (const [encoded, decoded] of [
  ["bcher-kva", "bücher"],
  ["ihqwcrb4cv8a8dqg056pqjye", "他们为什么不说中文"],
  ["b1abfaaepdrnnbgefbadotcwatmq2g4l", "почемужеонинеговорятпорусски"],
  ["3B-ww4c5e180e575a65lsy2b".toLowerCase(), "3年b組金八先生"],
  ["-with-super-monkeys-pc58ag80a8qai00g7n9n", "安室奈美恵-with-super-monkeys"],
  ["tda", "ü"],
] as const) {
  test(`${encoded} is ${decoded}`, () => {
    assert.equal(decodePunycode(encoded), decoded);
  });
}

for (const encoded of ["a!", "999999999999", "é", "zzzzzzzzzzzzzzzzzzzz"]) {
  test(`${encoded} is no Punycode`, () => {
    assert.equal(decodePunycode(encoded), undefined);
  });
}

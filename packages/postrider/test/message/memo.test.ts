import assert from "node:assert/strict";
import { test } from "node:test";
import { Memo } from "../../src/message/header/field-text.js";

test("what was kept is known again, long keys are not kept", () => {
  const memo = new Memo<string>();
  assert.equal(memo.get("a"), undefined);
  assert.equal(memo.keep("a", "1"), "1");
  assert.equal(memo.get("a"), "1");
  assert.equal(memo.keep("x".repeat(201), "2"), "2");
  assert.equal(memo.get("x".repeat(201)), undefined);
});

test("it does not grow without end", () => {
  const memo = new Memo<number>();
  for (let index = 0; index < 1000; index++) memo.keep(String(index), index);
  const known = Array.from({ length: 1000 }, (_, index) => memo.get(String(index))).filter((one) => one !== undefined);
  assert.ok(known.length <= 256);
});

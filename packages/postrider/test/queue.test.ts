import assert from "node:assert/strict";
import { test } from "node:test";
import { Queue } from "../src/queue.js";
import { fc } from "./support/property.js";

test("what goes in first comes out first", () => {
  const queue = new Queue<number>();
  for (const item of [1, 2, 3]) queue.push(item);
  assert.equal(queue.peek(), 1);
  assert.deepEqual([queue.shift(), queue.shift(), queue.shift(), queue.shift()], [1, 2, 3, undefined]);
  assert.equal(queue.length, 0);
  assert.equal(queue.peek(), undefined);
});

test("items may go in front, out of the middle, or all at once", () => {
  const queue = new Queue<string>();
  for (const item of ["a", "b", "c"]) queue.push(item);
  queue.shift();
  queue.unshiftAll(["x", "y"]);
  assert.equal(queue.remove("b"), true);
  assert.equal(queue.remove("a"), false);
  assert.deepEqual(queue.drain(), ["x", "y", "c"]);
  assert.equal(queue.length, 0);
});

test("any sequence of operations does what it does to an array", () => {
  const operation = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("push"), item: fc.nat(50) }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("shift"), item: fc.constant(0) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("unshift"), item: fc.nat(50) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove"), item: fc.nat(50) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("drain"), item: fc.constant(0) }) },
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200, size: "max" }), (operations) => {
      const queue = new Queue<number>();
      const model: number[] = [];
      for (const { kind, item } of operations) {
        if (kind === "push") {
          model.push(item);
          queue.push(item);
        } else if (kind === "unshift") {
          model.unshift(item);
          queue.unshift(item);
        } else if (kind === "shift") assert.equal(queue.shift(), model.shift());
        else if (kind === "drain") assert.deepEqual(queue.drain(), model.splice(0));
        else {
          const index = model.indexOf(item);
          if (index !== -1) model.splice(index, 1);
          assert.equal(queue.remove(item), index !== -1);
        }
        assert.equal(queue.length, model.length);
        assert.equal(queue.peek(), model[0]);
      }
    }),
  );
});

test("a long queue keeps its order and its length", () => {
  const queue = new Queue<number>();
  let next = 0;
  for (let item = 0; item < 10_000; item++) {
    queue.push(item);
    if (item % 3 !== 0) assert.equal(queue.shift(), next++);
  }
  assert.equal(queue.length, 10_000 - next);
  while (queue.length > 0) assert.equal(queue.shift(), next++);
  assert.equal(next, 10_000);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { RateLimiter } from "../../src/pool/message-queue.js";
import { fc } from "../support/property.js";

function limiter(messages: number, per: number): { rate: RateLimiter; at: (now: number) => number } {
  let time = 0;
  const rate = new RateLimiter({ messages, per }, () => time);
  return {
    rate,
    at: (now) => {
      time = now;
      return rate.wait;
    },
  };
}

test("so many places at once, and the next when the oldest has left the window", () => {
  const { rate, at } = limiter(2, 1000);
  rate.take();
  rate.use();
  assert.equal(at(300), 0);
  rate.take();
  rate.use();
  assert.equal(at(300), 700);
  assert.equal(at(999), 1);
  assert.equal(at(1000), 0);
  rate.take();
  rate.use();
  assert.equal(at(1000), 300, "the second of the first two is still in the window");
  assert.equal(at(1300), 0);
});

test("a place that is taken and not used counts for as long as it is so", () => {
  const { rate, at } = limiter(2, 1000);
  rate.take();
  rate.take();
  rate.use();
  assert.equal(at(5000), 0, "the used one has left, the taken one has not");
  rate.take();
  assert.equal(at(5000), Infinity);
  rate.use();
  assert.equal(at(5500), 500);
  rate.use();
  assert.equal(at(5999), 1);
});

test("a place given back is free at once; one that was used is not", () => {
  const { rate, at } = limiter(1, 1000);
  rate.take();
  assert.equal(at(0), Infinity);
  rate.giveBack();
  assert.equal(at(0), 0);
  rate.take();
  rate.use();
  assert.equal(at(10), 990);
});

test("no window of that length ever holds more, whatever waits in between", () => {
  const steps = fc.array(
    fc.record({ passed: fc.nat(400), use: fc.nat(5), giveBack: fc.boolean(), take: fc.boolean() }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), steps, (messages, all) => {
      const per = 1000;
      const { rate, at } = limiter(messages, per);
      let pending = 0;
      const used: number[] = [];
      let now = 0;
      for (const { passed, use, giveBack, take } of all) {
        now += passed;
        if (at(now) === 0 && take) {
          rate.take();
          pending++;
        }
        if (pending <= use) continue;
        pending--;
        if (giveBack) rate.giveBack();
        else {
          rate.use();
          used.push(now);
        }
      }
      for (const [index, time] of used.entries()) {
        const later = used[index + messages];
        assert.ok(later === undefined || later - time >= per, used.join(", "));
      }
      // Nothing pending and a whole window later there is room for all.
      for (; pending > 0; pending--) rate.giveBack();
      assert.equal(at(now + per), 0);
    }),
    { numRuns: 500 },
  );
});

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Watchdog } from "../../src/connection/clock.js";

function watched(t: TestContext): { watchdog: Watchdog; fired: number[]; pass: (ms: number) => void } {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => t.mock.timers.reset());
  const fired: number[] = [];
  return { watchdog: new Watchdog((timeout) => fired.push(timeout)), fired, pass: (ms) => t.mock.timers.tick(ms) };
}

test("it fires once, when nothing has moved for as long as it was told", (t) => {
  const { watchdog, fired, pass } = watched(t);
  watchdog.arm(100);
  pass(99);
  assert.deepEqual(fired, []);
  pass(1);
  assert.deepEqual(fired, [100]);
  pass(1000);
  assert.deepEqual(fired, [100]);
});

test("progress starts the time anew", (t) => {
  const { watchdog, fired, pass } = watched(t);
  watchdog.arm(100);
  for (let count = 0; count < 5; count++) {
    pass(99);
    watchdog.progress();
  }
  assert.deepEqual(fired, []);
  pass(100);
  assert.deepEqual(fired, [100]);
});

test("armed again with the same limit it goes on, with another it starts anew", (t) => {
  const { watchdog, fired, pass } = watched(t);
  watchdog.arm(100);
  pass(60);
  watchdog.arm(100);
  pass(40);
  assert.deepEqual(fired, [100]);
  watchdog.arm(100);
  pass(60);
  watchdog.arm(200);
  pass(199);
  assert.deepEqual(fired, [100]);
  pass(1);
  assert.deepEqual(fired, [100, 200]);
});

test("disarmed it never fires, and progress does not arm it", (t) => {
  const { watchdog, fired, pass } = watched(t);
  watchdog.arm(100);
  watchdog.disarm();
  watchdog.progress();
  pass(1000);
  assert.deepEqual(fired, []);
  watchdog.arm(100);
  pass(100);
  assert.deepEqual(fired, [100]);
});

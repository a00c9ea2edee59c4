import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { GroupClock, Watchdog } from "../../src/connection/clock.js";
import { ServerKnowledge } from "../../src/session/knowledge.js";
import { Transaction } from "../../src/session/transaction.js";
import type { Expectation } from "../../src/session/work.js";

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

/** Replies to groups of MAIL, RCPT and DATA, by a clock of the test. */
function groups() {
  const knowledge = new ServerKnowledge();
  let time = 0;
  const clock = new GroupClock(knowledge, () => time);
  const command: Expectation = { slot: "command", work: { kind: "command", verb: "EHLO", line: "EHLO test" } };
  return {
    knowledge,
    clock,
    /** One command alone, answered after so many milliseconds. */
    alone(milliseconds: number): void {
      clock.written(command);
      time += milliseconds;
      clock.heard(undefined);
    },
    /** A group that is answered from its first reply, after `first` ms, to its last within `spread` ms. */
    group(first: number, spread: number): void {
      const content = { kind: "bytes", bytes: new Uint8Array(), hasLeadingDot: false, hasEightBit: false } as const;
      const transaction = new Transaction({ mail: "MAIL FROM:<>", recipients: ["RCPT TO:<a@example.org>"] }, content);
      clock.written({ slot: "mail", transaction });
      time += first;
      clock.heard({ slot: "rcpt", transaction, index: 0 });
      time += spread / 2;
      clock.heard({ slot: "data", transaction });
      time += spread / 2;
      clock.heard(undefined);
    },
  };
}

test("a server whose replies to groups come slower than one by one, three times in a row, is asked one by one", () => {
  const { knowledge, alone, group } = groups();
  alone(1);
  group(1, 40);
  group(1, 40);
  assert.equal(knowledge.isSlowWithGroups, false);
  group(1, 40);
  assert.equal(knowledge.isSlowWithGroups, true);
});

test("a fast group in between, a far server or a short delay is no reason to ask one by one", () => {
  const { knowledge, alone, group } = groups();
  alone(1);
  for (let count = 0; count < 5; count++) {
    group(1, 40);
    group(1, 40);
    group(1, 0);
    group(1, 14);
  }
  assert.equal(knowledge.isSlowWithGroups, false);

  const far = groups();
  far.alone(50);
  for (let count = 0; count < 5; count++) far.group(50, 80);
  assert.equal(far.knowledge.isSlowWithGroups, false);
});

test("the patience with something written ahead is 1 s, or four times the slowest MAIL", () => {
  const { clock, group } = groups();
  assert.equal(clock.patience, 1000);
  group(200, 0);
  assert.equal(clock.patience, 1000);
  group(600, 0);
  group(300, 0);
  assert.equal(clock.patience, 2400);
});

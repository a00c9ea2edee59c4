import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { GroupClock, Watchdog } from "../../src/connection/clock.js";
import { Driver, message } from "../session/session-driver.js";

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

test("input that came while the process was frozen is read before the time is called over", async () => {
  const fired: number[] = [];
  let isOver = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    isOver = resolve;
  });
  const watchdog = new Watchdog((timeout) => {
    fired.push(timeout);
    isOver();
  });
  const freeze = async (): Promise<void> => {
    const end = performance.now() + 150;
    while (performance.now() < end);
    for (let count = 0; count < 5; count++) await turn();
  };
  watchdog.arm(20);
  // Runs between the timers and what setImmediate runs, as input does.
  setTimeout(() => queueMicrotask(() => watchdog.progress()), 21);
  await freeze();
  assert.deepEqual(fired, []);
  await freeze();
  await over;
  assert.deepEqual(fired, [20]);
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

/** A session, its clock, and a server that answers when it is told to. */
class Timed {
  now = 0;
  readonly driver: Driver;
  readonly clock: GroupClock;

  /** @param roundTrip of EHLO, in milliseconds */
  constructor(roundTrip: number) {
    this.driver = new Driver();
    this.clock = new GroupClock(this.driver.knowledge, () => this.now);
    this.after(0, "220 fake");
    this.driver.command("EHLO");
    this.write();
    this.after(roundTrip, "250-fake", "250 PIPELINING");
  }

  get groups(): string {
    return this.driver.knowledge.groups;
  }

  /** The server says these lines, so many milliseconds later; what is then written. */
  after(milliseconds: number, ...lines: readonly string[]): string {
    this.now += milliseconds;
    this.driver.session.receive(Buffer.from(lines.map((line) => `${line}\r\n`).join("")));
    this.clock.received(this.driver.session.awaiting);
    return this.write();
  }

  write(): string {
    const written = this.driver.write().join("");
    this.clock.written(this.driver.session.awaiting);
    return written;
  }

  /** Sends a message. `first` and `next`: how long the reply to MAIL and those behind it take. @returns how long its envelope took */
  send(first: number, next: number, alone: number = first): number {
    const begun = this.now;
    this.driver.send(message("k"));
    this.clock.written(this.driver.session.awaiting);
    // Of a group the replies behind the first come together; one by one each takes its own time.
    const isGroup = this.groups !== "slow";
    this.after(first, "250 MAIL");
    if (isGroup) this.after(next, "250 RCPT", "354 go");
    else for (const reply of ["250 RCPT", "354 go"]) this.after(alone, reply);
    const took = this.now - begun;
    this.after(5, "250 taken");
    return took;
  }
}

test("a near server that holds back the replies of a group is asked one by one from the third slow group on, which is faster", () => {
  const timed = new Timed(1);
  const took = Array.from({ length: 20 }, () => timed.send(1, 40));
  assert.deepEqual(took.slice(0, 3), [41, 41, 41]);
  assert.deepEqual(
    took.slice(3),
    Array.from({ length: 17 }, () => 3),
  );
  assert.equal(timed.groups, "slow");
});

test("asked one by one, the next command leaves with the reply to the one before", () => {
  const timed = new Timed(1);
  for (let count = 0; count < 3; count++) timed.send(1, 40);
  assert.deepEqual(timed.driver.send(message("k")), ["MAIL FROM:<k@s>\r\n"]);
  assert.equal(timed.after(1, "250 ok"), "RCPT TO:<k1@r>\r\n");
  assert.equal(timed.after(1, "250 ok"), "DATA\r\n");
});

test("a server that needs its time for each recipient gets groups again, for good", () => {
  const timed = new Timed(1);
  for (let count = 0; count < 6; count++) timed.send(1, 31, 31);
  assert.equal(timed.groups, "fine after all");
  for (let count = 0; count < 6; count++) timed.send(1, 40);
  assert.equal(timed.groups, "fine after all");
});

for (const [why, roundTrip, first, spreads] of [
  ["quick groups", 1, 1, [1, 2, 1, 0, 3, 2]],
  ["a short delay", 1, 1, [14, 14, 14, 14]],
  ["slow groups that do not come in a row: the machine was busy", 1, 1, [40, 40, 1, 40, 40, 1, 40, 40]],
  ["replies behind the first that take no longer than asking one by one", 20, 20, [40, 40, 40, 40]],
] as const) {
  test(`groups stay with ${why}`, () => {
    const timed = new Timed(roundTrip);
    for (const spread of spreads) timed.send(first, spread);
    assert.equal(timed.groups, "fine");
  });
}

test("what was written ahead is given up after four times the slowest MAIL, and at least a second", () => {
  const timed = new Timed(1);
  assert.equal(timed.clock.patience, 1000);
  timed.send(300, 1);
  timed.send(10, 1);
  assert.equal(timed.clock.patience, 1200);
});

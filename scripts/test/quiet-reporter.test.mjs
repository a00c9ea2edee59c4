import assert from "node:assert/strict";
import { test } from "node:test";
import { withReasons } from "../testing/quiet-reporter.mjs";

const timedOut = { error: { failureType: "testTimeoutFailure" } };

/**
 * What it says of files that did not end.
 * @param {readonly (readonly [second: number, type: string, name: string, file: string])[]} happened
 */
async function said(happened) {
  let time = 0;
  async function* events() {
    for (const [second, type, name, file] of happened) {
      time = second * 1000;
      yield { type: `test:${type}`, data: { name, file, nesting: name === file ? 0 : 1, details: timedOut } };
    }
  }
  const messages = [];
  for await (const { type, data } of withReasons(events(), () => time))
    if (type === "test:diagnostic") messages.push(data.message);
  return messages;
}

test("a file that did not end names its tests that were running, each once", async () => {
  assert.deepEqual(
    await said([
      [0, "dequeue", "a.test.js", "a.test.js"],
      [1, "dequeue", "passes", "a.test.ts"],
      [2, "complete", "passes", "a.test.ts"],
      [2, "dequeue", "hangs", "a.test.ts"],
      [3, "dequeue", "another", "b.test.ts"],
      [300, "fail", "a.test.js", "a.test.js"],
      [301, "fail", "b.test.js", "b.test.js"],
    ]),
    ['a.test.js did not end: running were "hangs" (298 s)', 'b.test.js did not end: running were "another" (298 s)'],
  );
});

test("where a shared file calls test(), those that run for long are named", async () => {
  assert.deepEqual(
    await said([
      [0, "dequeue", "hangs", "settle.ts"],
      [295, "dequeue", "has just begun", "settle.ts"],
      [300, "fail", "a.test.js", "a.test.js"],
    ]),
    ['a.test.js did not end: running were "hangs" (300 s)'],
  );
});

test("a file in which no test runs for long says so", async () => {
  assert.deepEqual(
    await said([
      [0, "dequeue", "leaks", "a.test.ts"],
      [1, "complete", "leaks", "a.test.ts"],
      [300, "fail", "a.test.js", "a.test.js"],
    ]),
    [
      "a.test.js did not end: no test ran for long; all of them take too long together, or have ended, but not what they opened",
    ],
  );
});

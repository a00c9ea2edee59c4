import assert from "node:assert/strict";
import { appendFileSync, chmodSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ownProcess } from "../../../src/bulk/journal/claim.js";
import type { JournalEntry } from "../../../src/bulk/journal/entries.js";
import { Journal } from "../../../src/bulk/journal/journal.js";
import { folder } from "../../support/command.js";
import { assertPrivate, onPosix } from "../../support/system.js";

const RUN = { "the data": "1", "the template": "2" };

const ENTRIES: readonly JournalEntry[] = [
  { line: 2, is: "sending" },
  { line: 3, is: "sending", to: ["x@y.z"] },
  { line: 2, is: "accepted" },
  { line: 4, is: "refused", again: false, why: "550" },
  { line: 5, is: "refused", again: true, why: "451" },
  { line: 6, is: "failed", why: "no connection" },
  { line: 7, is: "partly", later: ["a@b.c"] },
  { line: 8, is: "partly", later: [] },
  { line: 9, is: "unknown", why: "broken" },
];

/** A process that has ended: its number is this one's, and it began at another time. */
const GONE = { ...ownProcess(), began: "0" };

test("what was appended is there when it is opened again: done, open, or unknown", async (t) => {
  const file = join(folder(t), "j");
  const first = await Journal.open(file, RUN);
  assert.equal(first.states.size, 0);
  await Promise.all(ENTRIES.map((entry) => first.append(entry)));
  await first.close();
  assertPrivate(file);

  const second = await Journal.open(file, RUN);
  assert.equal(second.id, first.id);
  const kinds = [...second.states].map(([line, state]) => `${line} ${state.kind}`);
  assert.deepEqual(kinds, ["2 done", "3 left", "4 done", "5 left", "6 left", "7 left", "8 done", "9 left"]);
  const left = (line: number): unknown => {
    const state = second.states.get(line);
    return state?.kind === "left" ? [state.open, state.unsure] : undefined;
  };
  assert.deepEqual(left(3), [[], ["x@y.z"]]);
  assert.deepEqual(left(5), ["all", []]);
  assert.deepEqual(left(6), ["all", []]);
  assert.deepEqual(left(7), [["a@b.c"], []]);
  assert.deepEqual(left(9), [[], "all"]);
  await second.close();
});

test("cut off at any byte, it opens, and no row is further than it was said to be", async (t) => {
  const file = join(folder(t), "j");
  const journal = await Journal.open(file, RUN, { process: GONE });
  for (const entry of ENTRIES.slice(0, 4)) await journal.append(entry);
  await journal.close();
  const whole = readFileSync(file);
  for (let length = whole.length; length >= 0; length -= 1) {
    truncateSync(file, length);
    const cut = await Journal.open(file, RUN, {});
    // A line is whole when its JSON is: the run had meant all of it.
    const lines = whole.subarray(0, length).toString().split("\n");
    const expected = new Set(lines.filter(isJson).map((line) => JSON.parse(line).line ?? 0));
    expected.delete(0);
    assert.deepEqual(new Set(cut.states.keys()), expected);
    await cut.append({ line: 99, is: "failed" });
    await cut.close();
    const again = await Journal.open(file, RUN);
    assert.equal(again.states.get(99)?.kind, "left");
    await again.close();
    writeFileSync(file, whole.subarray(0, length));
  }
});

test("a journal of another run is refused, says what differs, and stays as it was", async (t) => {
  const file = join(folder(t), "j");
  await (await Journal.open(file, RUN)).close();
  const before = readFileSync(file);
  await assert.rejects(Journal.open(file, { ...RUN, "the data": "3" }), /another run, which differs in the data\./);
  assert.deepEqual(readFileSync(file), before);
});

test("a file that is no journal is left alone, with a line end or without", async (t) => {
  const file = join(folder(t), "precious.csv");
  for (const content of ["email,name\na@b.c,Ann\n", "one line without end", "{", '{"a":1}\n']) {
    writeFileSync(file, content, { mode: 0o600 });
    if (content === "{") {
      // Cannot be told from the first byte of a journal that was cut off there.
      await (await Journal.open(file, RUN)).close();
      continue;
    }
    await assert.rejects(Journal.open(file, RUN), /is not a journal/);
    assert.equal(readFileSync(file, "utf8"), content);
  }
});

test("a damaged line in the middle is an error with its number", async (t) => {
  const file = join(folder(t), "j");
  await (await Journal.open(file, RUN)).close();
  appendFileSync(file, '{"line":2,"is":"sending"}\n{"line":"x"}\n{"line":3,"is":"accepted"}\n');
  await assert.rejects(Journal.open(file, RUN), /damaged at line 5/);
});

test(
  "a journal that others may read is refused, and so is a symbolic link: both say what to do",
  onPosix,
  async (t) => {
    const file = join(folder(t), "j");
    await (await Journal.open(file, RUN)).close();
    const before = readFileSync(file);
    for (const mode of [0o644, 0o640, 0o602]) {
      chmodSync(file, mode);
      await assert.rejects(Journal.open(file, RUN), {
        message: new RegExp(`accessible to other users \\(mode 0${mode.toString(8)}\\): run chmod 600 `),
      });
    }
    chmodSync(file, 0o600);
    for (const target of [file, join(folder(t), "nothing")]) {
      const link = join(folder(t), "link");
      symlinkSync(target, link);
      await assert.rejects(Journal.open(link, RUN), /is a symbolic link: give the path of its target/);
    }
    assert.deepEqual(readFileSync(file), before);
  },
);

test("a journal must be a file", onPosix, async () => {
  await assert.rejects(Journal.open("/dev/null", RUN), /is not a regular file/);
});

test("one run at a time: the second is refused until the first has closed it", async (t) => {
  const file = join(folder(t), "j");
  const first = await Journal.open(file, RUN);
  await assert.rejects(Journal.open(file, RUN), /another run \(process \d+ on .*\) is using the journal/);
  await first.close();
  await (await Journal.open(file, RUN)).close();
});

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, formatRate } from "../../src/bulk/duration.js";
import { Pacer, parseRate } from "../../src/bulk/rate.js";

const NEVER = new AbortController().signal;

/** When each of so many turns comes, in ms, on a clock that moves only by waiting. */
async function turns(rate: string, count: number): Promise<number[]> {
  let time = 1000;
  const clock = {
    now: () => time,
    sleep: async (ms: number) => {
      time += ms;
    },
  };
  const pacer = new Pacer(parseRate(rate), clock);
  const at: number[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    await pacer.turn(NEVER);
    at.push(Math.round(time - 1000));
  }
  return at;
}

test("turns come evenly, the first at once", async () => {
  assert.deepEqual(await turns("10/s", 4), [0, 100, 200, 300]);
  assert.deepEqual(await turns("600/m", 3), [0, 100, 200]);
  assert.deepEqual(await turns("3600/h", 3), [0, 1000, 2000]);
});

test("gaps shorter than a timer knows even out", async () => {
  const at = await turns("5000/s", 5001);
  assert.ok(Math.abs((at.at(-1) ?? 0) - 1000) <= 1);
});

test("what was not used is not saved up: after a pause there is no burst", async () => {
  let time = 0;
  const waits: number[] = [];
  const pacer = new Pacer(parseRate("10/s"), {
    now: () => time,
    sleep: async (ms) => {
      waits.push(ms);
      time += ms;
    },
  });
  await pacer.turn(NEVER);
  time += 10_000;
  await pacer.turn(NEVER);
  await pacer.turn(NEVER);
  assert.deepEqual(waits, [100]);
});

test("a rate is a number a second, minute or hour, and nothing else", () => {
  assert.deepEqual(parseRate("10/s"), { messages: 10, per: 1000 });
  for (const text of ["10", "0/s", "1.5/s", "10/d", "-1/s", "10/s ", "", "/s", "99999999/s"]) {
    assert.throws(() => parseRate(text), /10\/s, 600\/m or 5000\/h/, text);
  }
});

test("durations and rates read as people write them", () => {
  assert.deepEqual([0, 42_000, 185_000, 7_210_000].map(formatDuration), ["0:00", "0:42", "3:05", "2:00:10"]);
  assert.deepEqual(
    [formatRate(0, 0), formatRate(410, 10_000), formatRate(41, 10_000), formatRate(1, 20_000)],
    ["0", "41", "4.1", "0.05"],
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatCount, formatSize, formatTime, shortName } from "../../page/src/format.js";
import { commandFor } from "../../page/src/keyboard.js";
import { ROW_HEIGHT, scrollToShow, visibleRows } from "../../page/src/list/visible-rows.js";
import { formatRoute, parseRoute } from "../../page/src/route.js";

test("of ten thousand rows only those in view and a few around are drawn", () => {
  const { first, end } = visibleRows(5000 * ROW_HEIGHT, 800, 10_000);
  assert.ok(first <= 5000 && end >= 5011 && end - first < 40);
  assert.deepEqual(visibleRows(0, 800, 3), { first: 0, end: 3 });
  assert.deepEqual(visibleRows(99_999, 800, 3), { first: 3, end: 3 });
});

test("a row out of view is scrolled to, one in view is not", () => {
  assert.equal(scrollToShow(0, 10, 800), 0);
  assert.equal(scrollToShow(1, 0, 800), undefined);
  assert.equal(scrollToShow(20, 0, 800), 21 * ROW_HEIGHT - 800);
});

test("keys are commands, but letters are text while one types", () => {
  const press = (key: string, more = {}): Parameters<typeof commandFor>[0] => ({
    key,
    ctrlKey: false,
    altKey: false,
    metaKey: false,
    ...more,
  });
  assert.equal(commandFor(press("j"), false), "next");
  assert.equal(commandFor(press("j"), true), undefined);
  assert.equal(commandFor(press("Escape"), true), "close");
  assert.equal(commandFor(press("k", { ctrlKey: true }), false), undefined);
  assert.equal(commandFor(press("constructor"), false), undefined);
});

test("a route survives the address bar", () => {
  for (const route of [
    { message: undefined, tab: undefined, query: "" },
    { message: "ab12", tab: "text", query: "a & b=c" },
    { message: undefined, tab: undefined, query: "über" },
  ]) {
    const [path = "", search = ""] = formatRoute(route).split("?");
    assert.deepEqual(parseRoute(path, search), route);
  }
  assert.equal(parseRoute("/messages/../x", "").message, undefined);
});

test("sizes, counts, names and times read as people write them", () => {
  assert.deepEqual([999, 1500, 2_500_000].map(formatSize), ["999 B", "1.5 kB", "2.5 MB"]);
  assert.deepEqual(
    [0, 1, 10_000].map((count) => formatCount(count, "message")),
    ["0 messages", "1 message", "10,000 messages"],
  );
  assert.equal(shortName({ name: "", address: "a@b" }), "a@b");
  assert.equal(shortName(undefined), "");
  const now = new Date(2026, 10, 22, 18, 0);
  assert.equal(formatTime(new Date(2026, 10, 22, 9, 5, 7), now), "09:05:07");
  assert.equal(formatTime(new Date(2026, 10, 21, 9, 5, 7), now), "2026-11-21");
});

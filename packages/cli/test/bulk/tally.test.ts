import assert from "node:assert/strict";
import { test } from "node:test";
import { reportPage } from "../../src/bulk/report-html.js";
import { Tally } from "../../src/bulk/tally.js";

test("the chart keeps its size: a run of a week has stretches of hours, and no row is lost", () => {
  const tally = new Tally(10_000, 0);
  const week = 7 * 24 * 3_600_000;
  for (let row = 0; row < 10_000; row += 1) tally.add(row % 10 === 0 ? "refused" : "accepted", (week * row) / 10_000);
  assert.ok(tally.stretches.length <= 240);
  assert.ok(tally.stretchMs * tally.stretches.length >= week * 0.99);
  const sum = (pick: "accepted" | "other"): number => tally.stretches.reduce((total, one) => total + one[pick], 0);
  assert.deepEqual([sum("accepted"), sum("other")], [9000, 1000]);
});

test("what earlier runs did counts as done, and not as this run's", () => {
  const tally = new Tally(10, 0);
  tally.addBefore("accepted");
  tally.add("accepted", 5);
  assert.deepEqual([tally.done, tally.doneNow, tally.counts.accepted, tally.before.accepted], [2, 1, 2, 1]);
});

test("the page of the report escapes whatever data and servers say, and loads nothing", () => {
  const tally = new Tally(1, 0);
  tally.add("refused", 1);
  tally.tell({
    line: 2,
    outcome: "refused",
    to: '<img src=x onerror="1">',
    why: "550 </td><script>alert(1)</script>\u202egpj",
  });
  const facts = { data: "<b>.csv", template: "m&m.md", endedAt: new Date(0), elapsedMs: 1000 };
  const page = reportPage(tally, facts);
  assert.doesNotMatch(page, /<img|<script|<b>/);
  assert.ok(page.includes("\\u{202e}gpj") && !page.includes("\u202e"));
  assert.match(page, /&#60;script&#62;alert\(1\)/);
  assert.match(page, /Content-Security-Policy" content="default-src 'none'/);
  assert.doesNotMatch(page, /https?:|url\(/);
});

test("a run without a single row of its own has a page too", () => {
  const tally = new Tally(1, 0);
  tally.addBefore("accepted");
  const page = reportPage(tally, { data: "d", template: "t", endedAt: new Date(0), elapsedMs: 0 });
  assert.doesNotMatch(page, /NaN|Infinity|undefined/);
});

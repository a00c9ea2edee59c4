import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf, parseQuery, wordsToMark } from "../../src/web/query.js";

const shown = (query: string): readonly string[] =>
  parseQuery(query).map(({ field, value, not }) => `${not ? "-" : ""}${field ?? "*"}=${value}`);

const QUERIES: readonly (readonly [query: string, terms: readonly string[]])[] = [
  ["", []],
  ["  ", []],
  ["Pay INVOICE", ["*=pay", "*=invoice"]],
  ['"two words" to:ben', ["*=two words", "to=ben"]],
  ['subject:"New Order" -from:shop', ["subject=new order", "-from=shop"]],
  ["has:attachment is:unread", ["has=attachment", "is=unread"]],
  ["-has:html", ["-has=html"]],
  ["to:<ann@example.com>", ["to=<ann@example.com>"]],
  // While one is typing, nothing is searched for yet.
  ["to:", []],
  ["-", []],
  ['"', []],
  // What is no operator, or has no value of its kind, is a word.
  ["10:30", ["*=10:30"]],
  ["foo:bar", ["*=foo:bar"]],
  ["is:blue", ["*=is:blue"]],
  ["larger:big", ["*=larger:big"]],
  ["before:2026-13-45", ["*=before:2026-13-45"]],
  ["https://example.com/x", ["*=https://example.com/x"]],
  ["larger:10k after:2026-11-30", ["larger=10k", "after=2026-11-30"]],
  ["constructor:x", ["*=constructor:x"]],
];

for (const [query, terms] of QUERIES) {
  test(`the query ${JSON.stringify(query)} has its conditions`, () => assert.deepEqual(shown(query), terms));
}

test("a query of thousands of words has twenty", () => {
  assert.equal(parseQuery("a ".repeat(10_000)).length, 20);
});

test("words are marked where they were searched for", () => {
  const query = "hello subject:order to:<ben@example.com> -text:no is:unread";
  assert.deepEqual(wordsToMark(query, "subject"), ["hello", "order"]);
  assert.deepEqual(wordsToMark(query, "to"), ["hello", "ben@example.com"]);
  assert.deepEqual(wordsToMark(query, "text"), ["hello"]);
});

test("sizes are bytes, kB and MB", () => {
  assert.deepEqual(["100", "100k", "1.5m", "2mb", "", "x", "-1"].map(bytesOf), [
    100,
    100_000,
    1_500_000,
    2_000_000,
    undefined,
    undefined,
    undefined,
  ]);
});

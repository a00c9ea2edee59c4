import assert from "node:assert/strict";
import { test } from "node:test";
import { htmlTokens } from "../../page/src/message/html-tokens.js";

test("tags, attributes, values, comments and entities have their kinds", () => {
  const html = '<!-- c --><a href="x>y" data-a=1 hidden>text &amp; more</a>';
  assert.deepEqual(
    [...htmlTokens(html)].filter(({ kind }) => kind !== "text").map(({ kind, text }) => `${kind} ${text}`),
    [
      "comment <!-- c -->",
      "tag <a",
      "name href",
      'value "x>y"',
      "name data-a",
      "value 1",
      "name hidden",
      "tag >",
      "entity &amp;",
      "tag </a",
      "tag >",
    ],
  );
});

for (const html of [
  "",
  "<",
  "a < b",
  "<a href='",
  "<!--",
  "<!doctype html>",
  '<p title="a\nb">x',
  "<<>>",
  "&amp",
  "</",
  "<a =x=y>",
])
  test(`nothing of ${JSON.stringify(html)} is lost`, () => {
    assert.equal([...htmlTokens(html)].map(({ text }) => text).join(""), html);
  });

test("long and hostile HTML takes no time", () => {
  for (const html of [
    "<".repeat(300_000),
    "<a ".repeat(100_000),
    '<a x="'.repeat(60_000),
    "&".repeat(300_000),
    "<!--".repeat(80_000),
  ])
    assert.equal(
      [...htmlTokens(html)].reduce((sum, { text }) => sum + text.length, 0),
      html.length,
    );
});

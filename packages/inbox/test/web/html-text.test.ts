import assert from "node:assert/strict";
import { test } from "node:test";
import { htmlText } from "../../src/web/html-text.js";

test("the words are left, without tags, styles and scripts", () => {
  const html =
    "<!doctype html><html><head><title>T</title><style>p { color: red }</style></head><body>Hello <b>Ben</b> &amp; all&nbsp;others<script>if (a < b) x()</script><p>Bye</body>";
  assert.equal(htmlText(html).replace(/\s+/g, " ").trim(), "Hello Ben & all others Bye");
});

test("hostile HTML costs little", () => {
  for (const html of ["<".repeat(1_000_000), "<style>".repeat(200_000), "&".repeat(1_000_000), "x".repeat(1_000_000)])
    assert.ok(htmlText(html).length <= 20_001);
});

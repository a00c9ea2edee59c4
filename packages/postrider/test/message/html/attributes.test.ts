import assert from "node:assert/strict";
import { test } from "node:test";
import { htmlAttributes } from "../../../src/message/html/attributes.js";
import { fc } from "../../support/property.js";

/** `element.name=value`, one after the other. */
const found = (html: string): string =>
  Array.from(
    htmlAttributes(html),
    ({ element, name, start, end }) => `${element}.${name}=${html.slice(start, end)}`,
  ).join(" ");

test("values stand in either quotes or none, names in any case", () => {
  assert.equal(
    found(`<IMG Src="a b" alt='c"d' width=1 hidden data-x = "y"/>`),
    `img.src=a b img.alt=c"d img.width=1 img.data-x=y`,
  );
  assert.equal(found("<img/src=a/b.png>"), "img.src=a/b.png");
  assert.equal(found("<img\nsrc\n=\n'a'\n>"), "img.src=a");
  assert.equal(found("<img src=>x<img =a=b>"), "img.=a=b");
  assert.equal(found('<img src="">'), "img.src=");
});

test("of two attributes with one name the first counts, with or without a value", () => {
  assert.equal(found('<img src="a" SRC="b" src>'), "img.src=a");
  assert.equal(found('<img src src="b">'), "");
});

test("what is no start tag has no attributes", () => {
  const nothing = [
    '<!-- <img src="a"> -->',
    '<!--[if mso]><img src="a"><![endif]-->',
    '<!DOCTYPE html SYSTEM "x">',
    '<?php <img src="a">',
    '</img src="a">',
    '<script>"<img src=a>"</SCRIPT >',
    "<style>/* <img src=a> */</style>",
    "<title><img src=a></title>",
    "<textarea><img src=a></textareas></textarea>",
    "<plaintext><img src=a>",
    '<img src="a"',
    '<img src="a>',
    "a < b and src=a > c",
    "<!-- <img src=a>",
    "<",
    "",
  ];
  for (const html of nothing) assert.equal(found(html), "", html);
});

test("after what is no tag the html goes on", () => {
  for (const before of [
    "<!-- x -->",
    "<!-->",
    "<!--->",
    "<!-- x --!>",
    "<!x>",
    "<?x>",
    "</>",
    "<style>x</style>",
    "<>",
    "<1>",
    "</p a='>'>",
    "<a b='>'>",
  ]) {
    assert.match(found(`${before}<img src=a>`), /img\.src=a$/, before);
  }
});

test("a megabyte of anything is read in linear time: anything else would take minutes", () => {
  for (const unit of ["<", "<!--", "<a ", "<a b='", "</", "<style>", '<img src="a">', "<a b=", "<!", "<a\t/"]) {
    assert.ok(found(unit.repeat(Math.ceil(1_000_000 / unit.length))).length >= 0);
  }
});

test("property: a value lies inside the html, in order, and holds no end of itself", () => {
  const piece = fc.constantFrom("<", "img", " ", "src", "=", '"', "'", ">", "/", "a", "!--", "--", "style", "\n");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const html = pieces.join("");
      let last = 0;
      for (const { start, end } of htmlAttributes(html)) {
        assert.ok(start >= last && end >= start && end <= html.length);
        const quote = html[start - 1];
        if (quote === '"' || quote === "'") assert.ok(!html.slice(start, end).includes(quote));
        last = end;
      }
    }),
    { numRuns: 500 },
  );
});

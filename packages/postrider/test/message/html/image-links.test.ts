import assert from "node:assert/strict";
import { test } from "node:test";
import { imageLinks } from "../../../src/message/html/inline-images.js";

const urls = (html: string): string[] => Array.from(imageLinks(html), ({ url }) => url);

test("pictures and backgrounds are links, other attributes are not", () => {
  assert.deepEqual(
    urls(
      '<body background=b.png><img src=" a.png "><table background="t.png"><a href="x.png"><script src="s.js"></script><video src=v>',
    ),
    ["b.png", "a.png", "t.png"],
  );
  assert.deepEqual(urls('<img src=""><img src=" ">'), []);
});

test("srcset holds several, with or without descriptors", () => {
  assert.deepEqual(urls('<img srcset="a.png, b.png 2x,c.png (x, y) 3w , data:image/png;base64,AA== 1x,d.png">'), [
    "a.png",
    "b.png",
    "c.png",
    "data:image/png;base64,AA==",
    "d.png",
  ]);
  assert.deepEqual(urls("<picture><source srcset='a.webp 100w'><img src=b.png></picture>"), ["a.webp", "b.png"]);
  assert.deepEqual(urls("<img srcset=' , ,'>"), []);
});

test("character references are resolved, and the place is that of the html", () => {
  const html = '<img src="a&amp;b&#32;&#x63;&unknown;&#9999999;.png">';
  const [link] = imageLinks(html);
  assert.equal(link?.url, "a&b c&unknown;&#9999999;.png");
  assert.equal(html.slice(link?.start, link?.end), "a&amp;b&#32;&#x63;&unknown;&#9999999;.png");
});

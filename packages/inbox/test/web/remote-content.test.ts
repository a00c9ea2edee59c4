import assert from "node:assert/strict";
import { test } from "node:test";
import { remoteAddresses, remoteOrigins } from "../../src/web/remote-content.js";

test("pictures, backgrounds, sets of sources and url() are found, each once", () => {
  const html = `<img src="https://a.example/1.png?x=1&amp;y=2"><IMG SRC='http://b.example/2.png'><img src=//c.example/3.png>
<img src="https://a.example/1.png?x=1&amp;y=2"><td background="https://d.example/4.png"><video poster="https://e.example/5.png">
<img srcset="https://f.example/6.png 1x, https://f.example/7.png 2x">
<style>@font-face { src: url('https://g.example/8.woff2') } p { background: url(https://h.example/9.png) }</style>
<p style="background:url(&quot;https://i.example/10.png&quot;)">`;
  assert.deepEqual(remoteAddresses(html), [
    "https://a.example/1.png?x=1&y=2",
    "http://b.example/2.png",
    "http://c.example/3.png",
    "https://d.example/4.png",
    "https://e.example/5.png",
    "https://f.example/6.png",
    "https://f.example/7.png",
    "https://g.example/8.woff2",
    "https://h.example/9.png",
    "https://i.example/10.png",
  ]);
});

test("what is in the message, or is only a link, is not fetched", () => {
  const html = `<img src="cid:a"><img src="data:image/png;base64,AA"><a href="https://a.example/">x</a><iframe src="https://b.example/"></iframe><link rel=stylesheet href="https://c.example/"><script src="https://d.example/"></script><img src="/local.png"><img src="http://">`;
  assert.deepEqual(remoteAddresses(html), []);
});

test("an address cannot add to the policy that is made of it", () => {
  const html = `<img src="https://a.example;script-src *"><img src="https://b.example/x; script-src 'unsafe-inline'"><img src="https://*/x">`;
  for (const origin of remoteOrigins(html)) assert.match(origin, /^https:\/\/[a-z0-9.-]+$/);
});

test("hostile lengths cost linear time and a bounded answer", () => {
  const many = Array.from({ length: 5000 }, (_, index) => `<img src="https://${index}.example/">`).join("");
  assert.equal(remoteAddresses(many).length, 200);
  for (const text of ["src=", 'src="', "url(", "src = ".repeat(2), "url(   "]) {
    assert.deepEqual(remoteAddresses(text.repeat(200_000)), []);
  }
});

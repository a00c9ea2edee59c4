import assert from "node:assert/strict";
import { test } from "node:test";
import { remoteContent, remoteOrigins } from "../../src/web/remote-content.js";

const remoteAddresses = (html: string): readonly string[] => remoteContent(html).addresses;

test("pictures, backgrounds, sets of sources and url() are found, each once, in the order of the message", () => {
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

const X = "https://x.example/y";
const FETCHED: readonly string[] = [
  `<video src="${X}">`,
  `<audio src=${X}>`,
  `<video><source src='${X}'></video>`,
  `<video><track src="${X}"></video>`,
  `<embed src="${X}">`,
  `<object data="${X}"></object>`,
  `<object><param name="movie" value="${X}"></object>`,
  `<input type=image src="${X}">`,
  `<iframe src="${X}"></iframe>`,
  `<frameset><frame src="${X}"></frameset>`,
  `<script src="${X}"></script>`,
  `<link rel="stylesheet" href="${X}">`,
  `<link rel=preload as=image imagesrcset="${X} 2x">`,
  `<body background="${X}">`,
  `<table background="${X}">`,
  `<bgsound src="${X}">`,
  `<img lowsrc="${X}">`,
  `<svg><image href="${X}"/></svg>`,
  `<svg><use xlink:href="${X}#a"/></svg>`.replace("#a", ""),
  `<svg><rect fill="url(${X})"/></svg>`,
  `<v:fill src="${X}" />`,
  `<!--[if mso]><v:image src="${X}"/><![endif]-->`,
  `<noscript><img src="${X}"></noscript>`,
  `<svg><style><img src="${X}"></style></svg>`,
  `<iframe srcdoc="&lt;img src='${X}'&gt;"></iframe>`,
  `<meta http-equiv="refresh" content="0; URL='${X}'">`.replaceAll("'", ""),
  `<picture><source srcset="data:image/png;base64,AA 1x, ${X} 2x"></picture>`,
  `<img srcset=" , ${X},, a.png 2x">`,
  `<img srcset="a.png 1x,${X} 2x">`,
  `<img alt="<" src="${X}">`,
  `<img alt='>' src='${X}'>`,
  `<img src="&#104;ttps://x.example/y">`,
  `<img src=" \n ht\ttps://x.example/y ">`,
  `<img src="https:\\\\x.example\\y">`,
  `<img src="https:x.example/y">`,
  `<img/src="${X}"/>`,
  `<img src=y><base href="https://x.example/">`,
  `<style>@import "${X}";</style>`,
  `<style>@import url(${X});</style>`,
  `<style>a { background: URL( "${X}" ) }</style>`,
  `<style>a { background: u\\72l(${X}) }</style>`,
  `<style>a { background: url(https\\3a //x.example/y) }</style>`,
  `<style>a { background: image-set("${X}" 1x) }</style>`,
  `<style>/* it's */ a { background: url('${X}') }</style>`,
  `<p style='background-image:url(${X})'>`,
  `<p style="list-style: url(&apos;${X}&apos;)">`,
  // Never closed.
  `<style>a { background: url(${X}`,
];

for (const html of FETCHED) {
  test(`it is remote content: ${html.replace(/\s+/g, " ")}`, () => {
    assert.deepEqual(remoteAddresses(html), [X]);
  });
}

const NOT_FETCHED: readonly string[] = [
  '<img src="cid:a"><img src="data:image/png;base64,AA//BB"><img src="/local.png"><img src="http://">',
  '<a href="https://a.example/">x</a><map><area href="https://b.example/"></map><svg><a xlink:href="https://c.example/"></a></svg>',
  '<form action="https://a.example/"><button formaction="https://b.example/"></form>',
  '<html xmlns="http://www.w3.org/1999/xhtml"><div itemscope itemtype="http://schema.org/EmailMessage">',
  '<p title="https://a.example/x.png" data-src="https://b.example/" alt="(https://c.example/)">https://d.example/</p>',
  "<style>/* url(https://a.example/) */ a { color: red } /* https://b.example */</style>",
  '<blockquote cite="https://a.example/">',
];

for (const html of NOT_FETCHED) {
  test(`it is no remote content: ${html}`, () => {
    assert.deepEqual(remoteAddresses(html), []);
  });
}

test("pictures, fonts, audio and video can be loaded; documents, scripts and style sheets cannot", () => {
  const shown = `<img src=//a.example><video src=//b.example poster=//c.example></video><p style="background:url(//d.example)">`;
  const active = `<link rel=stylesheet href=//e.example><iframe src=//f.example></iframe><script src=//g.example></script><object data=//h.example></object><embed src=//i.example>`;
  const { addresses, loadable } = remoteContent(shown + active);
  assert.deepEqual(
    loadable,
    ["a", "b", "c", "d"].map((name) => `http://${name}.example/`),
  );
  assert.equal(addresses.length, 9);
  assert.deepEqual(remoteOrigins(active), []);
});

test("a share of Windows is remote content, which no policy lets in", () => {
  assert.deepEqual(remoteAddresses('<img src="file://server/share/x.png">'), ["file://server/share/x.png"]);
  assert.deepEqual(remoteOrigins('<img src="file://server/share/x.png"><img src="https://a.example/">'), [
    "https://a.example",
  ]);
});

test("an address cannot add to the policy that is made of it", () => {
  const html = `<img src="https://a.example;script-src *"><img src="https://b.example/x; script-src 'unsafe-inline'"><img src="https://*/x">`;
  for (const origin of remoteOrigins(html)) assert.match(origin, /^https:\/\/[a-z0-9.-]+$/);
  assert.deepEqual(remoteOrigins(html), ["https://b.example"]);
});

test("hostile lengths cost linear time and a bounded answer", () => {
  const many = Array.from({ length: 5000 }, (_, index) => `<img src="https://${index}.example/">`).join("");
  assert.equal(remoteAddresses(many).length, 200);
  for (const text of [
    "<",
    "src=",
    'src="',
    "url(",
    "src = ".repeat(2),
    "url(   ",
    "<!--",
    "<style>",
    "<style>\\",
    "<b>",
  ]) {
    assert.deepEqual(remoteAddresses(text.repeat(200_000)), []);
  }
  for (const value of [", ", ",", "a, ", "url(", "'\\", ";url="])
    for (const attribute of ["srcset", "style", "content"])
      assert.deepEqual(remoteAddresses(`<meta ${attribute}="${value.repeat(200_000)}">`), []);
  const [long = ""] = remoteAddresses(`<img src="https://a.example/${"x".repeat(100_000)}">`);
  assert.equal(long, "https://a.example/");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodePunycode, domainToAscii } from "../../src/address/domain.js";

const label63 = "a".repeat(63);

test("an ASCII domain comes back as it is, in its own letter case", () => {
  for (const domain of [
    "example.com",
    "Example.COM",
    "localhost",
    "a",
    "1.2.3.4",
    "4.example",
    "a-b.c--d.example",
    "mail_server",
    "xn--bcher-kva.example",
    "XN--BCHER-KVA.Example",
    `${label63}.example`,
    `${label63}.${label63}.${label63}.${"a".repeat(61)}`,
  ]) {
    assert.equal(domainToAscii(domain), domain, domain);
  }
});

test("a domain in another script is mapped by UTS 46", () => {
  const cases: [string, string][] = [
    ["bücher.example", "xn--bcher-kva.example"],
    ["BÜCHER.example", "xn--bcher-kva.example"],
    ["faß.de", "xn--fa-hia.de"],
    ["ex\u00adample.com", "example.com"],
    ["b\u3002com", "b.com"],
    ["b\uff0ecom", "b.com"],
    ["b\uff61com", "b.com"],
    ["\uff45xample.com", "example.com"],
    ["例え.テスト", "xn--r8jz45g.xn--zckzah"],
    ["u\u0308.example", "xn--tda.example"],
    ["xn--bcher-kva.bücher", "xn--bcher-kva.xn--bcher-kva"],
  ];
  for (const [domain, ascii] of cases) assert.equal(domainToAscii(domain), ascii, domain);
});

test("what is no domain is undefined", () => {
  for (const domain of [
    "",
    ".",
    "a.",
    ".a",
    "a..b",
    "-a.com",
    "a-.com",
    "a b.com",
    "a.com ",
    "a@b.com",
    "a:25",
    "a/b",
    "[::1]",
    "a%41.com",
    "a\r\nb.com",
    "a\u0000b.com",
    `${label63}a.com`,
    `${label63}.${label63}.${label63}.${"a".repeat(62)}`,
    "xn--a.de",
    "xn--.de",
    "xn--bücher.de",
    "a..é",
    "é.com.",
    "-é.com",
    "é-.com",
    "é\u3002-a.com",
    "\u0300é.com",
    "é.xn--a",
    "\u202ea.com",
    "a\ud800.com",
    "a".repeat(5000),
    "é".repeat(5000),
  ]) {
    assert.equal(domainToAscii(domain), undefined, JSON.stringify(domain).slice(0, 60));
  }
});

test("the URL parser's own syntax never acts", () => {
  for (const part of [
    "%41",
    "/",
    "?",
    "#",
    ":80",
    "u@",
    "\\",
    "[",
    "]",
    "\t",
    " ",
    "<",
    ">",
    "^",
    "|",
    "`",
    '"',
    "+",
    "*",
  ]) {
    for (const domain of [`é${part}.com`, `${part}é.com`, `é.com${part}`]) {
      assert.equal(domainToAscii(domain), undefined, JSON.stringify(domain));
    }
  }
  for (const number of ["\uff11.\uff12.\uff13.\uff14", "\uff11\uff12\uff17.1", "é.1", "é.0x10", "\uff11"]) {
    assert.equal(domainToAscii(number), undefined, number);
  }
});

test("full-width slashes and colons are no way in", () => {
  for (const domain of [
    "é\uff0fb.com",
    "é\uff1a80",
    "a\uff20b.com",
    "℀.com",
    "é\uff1f.com",
    "\uff05\uff14\uff11.com",
  ]) {
    assert.equal(domainToAscii(domain), undefined, domain);
  }
});

// RFC 3492 §7.1 (B, I, L, P) and common names.
for (const [encoded, decoded] of [
  ["bcher-kva", "bücher"],
  ["ihqwcrb4cv8a8dqg056pqjye", "他们为什么不说中文"],
  ["b1abfaaepdrnnbgefbadotcwatmq2g4l", "почемужеонинеговорятпорусски"],
  ["3B-ww4c5e180e575a65lsy2b".toLowerCase(), "3年b組金八先生"],
  ["-with-super-monkeys-pc58ag80a8qai00g7n9n", "安室奈美恵-with-super-monkeys"],
  ["tda", "ü"],
] as const) {
  test(`${encoded} is ${decoded}`, () => {
    assert.equal(decodePunycode(encoded), decoded);
  });
}

for (const encoded of ["a!", "999999999999", "é", "zzzzzzzzzzzzzzzzzzzz"]) {
  test(`${encoded} is no Punycode`, () => {
    assert.equal(decodePunycode(encoded), undefined);
  });
}

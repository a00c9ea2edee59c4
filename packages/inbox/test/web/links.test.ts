import assert from "node:assert/strict";
import { test } from "node:test";
import { addressesIn, codeOf, linksOf } from "../../src/web/links.js";
import { parsed } from "../support/parsed.js";

const html = (body: string, head = ""): string =>
  `${head}Subject: x\nContent-Type: text/html; charset=utf-8\n\n${body}`;

test("links of HTML have their words, each address once, and pictures their alternative", async () => {
  const links = linksOf(
    await parsed(
      html(
        '<a href="https://a.example/1">One\n <b>link</b></a><a href="https://a.example/1">again</a><a href="#top">top</a><a href="mailto:a@example.com"><img alt="Write"></a>',
      ),
    ),
  );
  assert.deepEqual(links, [
    { url: "https://a.example/1", label: "One link", kind: undefined },
    { url: "mailto:a@example.com", label: "Write", kind: undefined },
  ]);
});

test("addresses in a text end where the sentence does", () => {
  const text = "See https://a.example/x. (or https://a.example/wiki_(b)), <https://a.example/c?d=1&e=2>! http://";
  assert.deepEqual(
    [...addressesIn(text)],
    ["https://a.example/x", "https://a.example/wiki_(b)", "https://a.example/c?d=1&e=2"],
  );
});

for (const [name, body, action] of [
  [
    "words",
    '<a href="https://a.example/1">Help</a><a href="https://a.example/2">Confirm your address</a>',
    "https://a.example/2",
  ],
  [
    "the path",
    '<a href="https://a.example/">Home</a><a href="https://a.example/reset-password/17">here</a>',
    "https://a.example/reset-password/17",
  ],
  [
    "a token",
    '<a href="https://a.example/">Home</a><a href="https://a.example/go?token=abcdef12">here</a>',
    "https://a.example/go?token=abcdef12",
  ],
  [
    "words before a token",
    '<a href="https://a.example/go?token=abcdef12">x</a><a href="https://a.example/2">Verify</a>',
    "https://a.example/2",
  ],
  [
    "nothing",
    '<a href="https://a.example/">Home</a><a href="https://a.example/unsubscribe?token=abcdef12">Unsubscribe</a>',
    undefined,
  ],
] as const)
  test(`the link that a message was sent for is known by ${name}`, async () => {
    const found = linksOf(await parsed(html(body))).filter(({ kind }) => kind === "action");
    assert.deepEqual(
      found.map(({ url }) => url),
      action === undefined ? [] : [action],
    );
  });

test("List-Unsubscribe is a link to unsubscribe", async () => {
  const links = linksOf(await parsed("Subject: x\nList-Unsubscribe: <https://a.example/u>, <mailto:u@a.example>\n\n"));
  assert.deepEqual(
    links.map(({ url, label }) => [url, label]),
    [
      ["https://a.example/u", "List-Unsubscribe"],
      ["mailto:u@a.example", "List-Unsubscribe"],
    ],
  );
});

test("a million links are five hundred, soon", async () => {
  const body = '<a href="https://a.example/">x</a>'.repeat(20_000);
  assert.equal(linksOf(await parsed(html(body))).length, 1);
  const many = Array.from({ length: 6000 }, (_, index) => `<a href="https://a.example/${index}">x</a>`).join("");
  assert.equal(linksOf(await parsed(html(many))).length, 500);
});

for (const [text, code] of [
  ["Your code is 482913.", "482913"],
  ["Your verification code: 123-456", "123-456"],
  ["PIN 4711", "4711"],
  ["482913 is your code", "482913"],
  ["Use 482 913 as the passcode", "482 913"],
  ["Your order 482913 has shipped.", undefined],
  ["The code is valid for 1200 minutes", undefined],
  ["Enter the code at https://a.example/482913", undefined],
] as const)
  test(`${JSON.stringify(text)} tells ${code === undefined ? "no code" : `the code ${code}`}`, async () => {
    assert.equal(codeOf(await parsed(`Subject: x\n\n${text}`)), code);
  });

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromFields, type MessageFields } from "../../../src/message/email-message.js";
import type { ListFields } from "../../../src/message/fields/list-fields.js";
import { parseHeaders } from "../../../src/message/header/parse.js";
import { fault, wire, withoutGenerated } from "../support.js";

const headers = (list: ListFields): [string, string][] => [...fromFields({ list }).headers];
const refused = (list: unknown): (() => void) => {
  return () => void fromFields({ list } as MessageFields);
};

test("each key of list becomes its field", () => {
  assert.deepEqual(
    headers({
      unsubscribePost: true,
      archive: new URL("https://example.org/archive/"),
      owner: "mailto:owner@example.org",
      post: "NO",
      subscribe: "mailto:join@example.org",
      unsubscribe: ["https://example.org/leave/8f3a?a=b,c", { url: "mailto:leave@example.org?subject=8f3a" }],
      help: { url: "https://example.org/help", comment: "ask (anything) \\ here" },
      id: { id: "news.example.org", name: "News, of Example" },
    }),
    [
      ["List-ID", '"News, of Example" <news.example.org>'],
      ["List-Help", "<https://example.org/help> (ask \\(anything\\) \\\\ here)"],
      ["List-Unsubscribe", "<https://example.org/leave/8f3a?a=b,c>, <mailto:leave@example.org?subject=8f3a>"],
      ["List-Unsubscribe-Post", "List-Unsubscribe=One-Click"],
      ["List-Subscribe", "<mailto:join@example.org>"],
      ["List-Post", "NO"],
      ["List-Owner", "<mailto:owner@example.org>"],
      ["List-Archive", "<https://example.org/archive/>"],
    ],
  );
});

test("an id stands with or without angle brackets, and its name in any script", async () => {
  assert.deepEqual(headers({ id: "<news.example.org>" }), [["List-ID", "<news.example.org>"]]);
  assert.deepEqual(headers({ id: { id: "a.b", name: "" } }), [["List-ID", "<a.b>"]]);
  const message = fromFields({ list: { id: { id: "a.b", name: 'Grüße, "alle" \\ hier' } } });
  const fields = new Map(parseHeaders(await message.toBytes()));
  assert.equal(fields.get("List-ID"), 'Grüße, "alle" \\ hier <a.b>');
});

test("a long list is folded between URLs, and a comment in any script is encoded", async () => {
  const unsubscribe = [
    "https://example.org/leave/0123456789",
    { url: "mailto:leave@example.org", comment: "für ümmer ".repeat(9) },
  ];
  const text = withoutGenerated(await wire(fromFields({ list: { unsubscribe } })));
  assert.match(
    text,
    /^List-Unsubscribe: <https:\/\/example\.org\/leave\/0123456789>,\r\n <mailto:leave@example\.org> \((?:\r\n)? =\?utf-8\?B\?/,
  );
  for (const line of text.split("\r\n")) assert.ok(line.length <= 76, line);
});

test("one-click needs exactly one https URL and no http one (RFC 8058)", () => {
  const https = "https://example.org/leave";
  const wrong: readonly ListFields[] = [
    { unsubscribePost: true },
    { unsubscribePost: true, unsubscribe: "mailto:a@b.c" },
    { unsubscribePost: true, unsubscribe: "http://example.org/leave" },
    { unsubscribePost: true, unsubscribe: [https, "http://example.org/leave"] },
    { unsubscribePost: true, unsubscribe: [https, https] },
  ];
  for (const list of wrong)
    assert.throws(() => headers(list), fault("message", "list.unsubscribePost", /one https URL/));
  assert.equal(headers({ unsubscribePost: false, unsubscribe: "mailto:a@b.c" }).length, 1);
  assert.equal(
    headers({ unsubscribePost: "List-Unsubscribe=One-Click", unsubscribe: ["mailto:a@b.c", https] }).length,
    2,
  );
  assert.throws(refused({ unsubscribePost: "yes" }), fault("message", "list.unsubscribePost"));
});

test("whatever could end the URL, the comment or the line is an error that names its place", () => {
  const attacks = ["\r\nBcc: e@v.il", "\n", "\r", "\0", "\x7f", "\ud800"];
  for (const attack of attacks) {
    const url = `https://example.org/${attack}`;
    assert.throws(refused({ help: url }), fault("message", "list.help"));
    assert.throws(refused({ unsubscribe: ["https://a.b", { url }] }), fault("message", "list.unsubscribe[1].url"));
    const comment = `a${attack}b`;
    assert.throws(
      refused({ unsubscribe: { url: "https://a.b", comment } }),
      fault("message", "list.unsubscribe.comment"),
    );
    assert.throws(refused({ id: `a.b${attack}` }), fault("message", "list.id"));
    assert.throws(refused({ id: { id: `a.b${attack}` } }), fault("message", "list.id.id"));
    assert.throws(refused({ id: { id: "a.b", name: comment } }), fault("message", "list.id.name"));
  }
  for (const unit of [">", "<", '"', " ", "\\", "\t", "ü", "^", "`", "{"]) {
    assert.throws(refused({ owner: `https://example.org/${unit}` }), fault("message", "list.owner", /printable ASCII/));
  }
  assert.throws(refused({ id: { id: "a.b", name: "x <y.z>" } }), fault("message", "list.id.name", /angle/));
});

test("a URL must be absolute, of a scheme that readers may open, and short enough for its line", () => {
  const rules: readonly [unknown, RegExp][] = [
    ["leave@example.org?subject=x", /mailto:leave@example\.org/],
    ["example.org/leave", /not an absolute URL/],
    ["/leave", /not an absolute URL/],
    ["https://a.b/=?utf-8?Q?c?=", /encoded word/],
    ["javascript:alert(1)", /must be one of/],
    ["file:///etc/passwd", /must be one of/],
    ["mailto:", /address/],
    ["mailto:a@b.c?subject=x%0D%0ABcc:%20e@v.il", /body/],
    ["mailto:a%0ab@b.c", /body/],
    [`https://example.org/${"x".repeat(900)}`, /900/],
    [[], /must not be empty; leave it out/],
    [7, /must be an object, not a number/],
    [{ comment: "x" }, /missing/],
    [{ url: "https://a.b", commnet: "x" }, /did you mean comment/],
    [null, /null/],
  ];
  for (const [help, rule] of rules) assert.throws(refused({ help }), fault("message", /^list\.help/, rule));
  assert.equal(headers({ help: "mailto:a@b.c?subject=x&body=a%0D%0Ab" }).length, 1);
});

test("an unknown key of list is an error with the nearest name", () => {
  assert.throws(
    refused({ unsubcribe: "https://a.b" }),
    fault("message", "list.unsubcribe", /did you mean unsubscribe/),
  );
  assert.throws(refused("https://a.b"), fault("message", "list", /object/));
  assert.throws(refused({ id: "=?utf-8?q?x?=.b" }), fault("message", "list.id", /dot/));
  assert.throws(refused({ id: "localhost" }), fault("message", "list.id", /dot/));
});

test("headers given beside list replace its fields", () => {
  const { headers: fields } = fromFields({ list: { help: "https://a.b" }, headers: { "list-help": "<https://c.d>" } });
  assert.deepEqual(fields.getAll("List-Help"), ["<https://c.d>"]);
});

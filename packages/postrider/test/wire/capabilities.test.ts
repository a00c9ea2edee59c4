import assert from "node:assert/strict";
import { test } from "node:test";
import { type Capabilities, parseCapabilities } from "../../src/wire/capabilities.js";
import { makeReply } from "../../src/wire/reply.js";

function offered(...lines: readonly string[]): Capabilities {
  return parseCapabilities(makeReply(250, ["mail.example", ...lines]));
}

test("extensions are found by upper-case keyword, with their parameters", () => {
  const { extensions } = offered("SIZE 1000", "8bitmime", "Deliverby 240", "X-foo bar=baz  qux ");
  assert.deepEqual(
    [...extensions],
    [
      ["SIZE", "1000"],
      ["8BITMIME", ""],
      ["DELIVERBY", "240"],
      ["X-FOO", "bar=baz  qux"],
    ],
  );
});

test("the first line is the server's name, whatever it says", () => {
  assert.equal(parseCapabilities(makeReply(250, ["HELP"])).extensions.size, 0);
  assert.equal(parseCapabilities(makeReply(250, ["mx-PIPELINING.example PIPELINING"])).extensions.size, 0);
  assert.equal(parseCapabilities(makeReply(250, ["PIPELINING", "SIZE"])).extensions.has("PIPELINING"), false);
  assert.equal(parseCapabilities(makeReply(250, [])).extensions.size, 0);
});

test("lines that are no keyword are passed over", () => {
  assert.deepEqual([...offered("", "   ", "-X", "_X", "= PLAIN", "ÄUTH PLAIN", "A.B", "\tPIPELINING").extensions], []);
});

test("spaces before a keyword are no part of it", () => {
  assert.deepEqual([...offered("   PIPELINING").extensions], [["PIPELINING", ""]]);
});

test("the limit of SIZE is a number, or there is none", () => {
  for (const [line, expected] of [
    ["SIZE 1000", 1000],
    ["SIZE=1000", 1000],
    ["SIZE 0", undefined],
    ["SIZE", undefined],
    ["SIZE 10MB", undefined],
    ["SIZE -5", undefined],
    ["SIZE 1e3", undefined],
    ["SIZE 999999999999999", 999_999_999_999_999],
    ["SIZE 9999999999999999", undefined],
  ] as const) {
    assert.equal(offered(line).maxSize, expected, line);
  }
  assert.equal(offered().maxSize, undefined);
});

test("AUTH and AUTH= are one list of mechanisms, each once, in the server's order", () => {
  const { authMethods, extensions } = offered("AUTH=PLAIN LOGIN", "AUTH cram-md5  PLAIN", "auth=XOAUTH2");
  assert.deepEqual(authMethods, ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"]);
  assert.equal(extensions.get("AUTH"), "PLAIN LOGIN CRAM-MD5 XOAUTH2");
});

test("AUTH without mechanisms offers none", () => {
  const { authMethods, extensions } = offered("AUTH");
  assert.deepEqual(authMethods, []);
  assert.equal(extensions.get("AUTH"), "");
});

test("the names of objects are only keywords", () => {
  const { extensions } = offered("constructor x", "toString");
  assert.equal(extensions.get("CONSTRUCTOR"), "x");
  assert.equal(extensions.has("HASOWNPROPERTY"), false);
});

test("a line of spaces or mechanisms without end is read in linear time", () => {
  const spaces = " ".repeat(1_000_000);
  assert.deepEqual(offered(`AUTH${spaces}PLAIN${spaces}`).authMethods, ["PLAIN"]);
  assert.deepEqual(offered(spaces, `A${"-".repeat(1_000_000)}!`).authMethods, []);
});

test("LIMITS are numbers by their names; others, zero and nonsense are passed over", () => {
  const limitsOf = (text: string) => offered(`LIMITS ${text}`).limits;
  assert.deepEqual(limitsOf("MAILMAX=10 rcptmax=100 FUTURE=x RCPTDOMAINMAX=1"), {
    mailMax: 10,
    rcptMax: 100,
    rcptDomainMax: 1,
  });
  for (const text of ["", "MAILMAX=0", "MAILMAX=-1", "MAILMAX=1e3", "MAILMAX=1234567", "XMAILMAX=5", "MAILMAX"]) {
    assert.equal(limitsOf(text).mailMax, undefined, text);
  }
});

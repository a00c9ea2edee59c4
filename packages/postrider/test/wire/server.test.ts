import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { encodeXtext } from "../../src/wire/command.js";
import { stuffDots } from "../../src/wire/dot-stuffing.js";
import { ReplyParser } from "../../src/wire/reply.js";
import { DotUnstuffer, decodeXtext, formatReply, parseCommand, parsePath } from "../../src/wire/server.js";
import { fc } from "../support/property.js";
import { cutAt } from "./mail-bytes.js";

test("a command is its verb in upper case, and what follows", () => {
  for (const [line, verb, argument] of [
    ["EHLO mail.example.org", "EHLO", "mail.example.org"],
    ["mail FROM:<a@b.c> SIZE=1", "MAIL", "FROM:<a@b.c> SIZE=1"],
    ["rSeT", "RSET", ""],
    ["NOOP  two spaces ", "NOOP", "two spaces"],
    ["QUIT\t", "QUIT", ""],
    ["X-Own thing", "X-OWN", "thing"],
    ["", "", ""],
    [" MAIL", "", ""],
    ["\x16\x03\x01", "", ""],
    ["MAIL:x", "", ""],
  ] as const) {
    assert.deepEqual(parseCommand(line), { verb, argument }, line);
  }
});

const PATHS: readonly (readonly [
  argument: string,
  address: string,
  parameters?: Record<string, string | undefined>,
])[] = [
  ["FROM:<ann@example.org>", "ann@example.org"],
  ["from: <ann@example.org>", "ann@example.org"],
  ["FROM:<>", ""],
  ["FROM:<> BODY=8BITMIME smtputf8", "", { BODY: "8BITMIME", SMTPUTF8: undefined }],
  ['FROM:<"a b"@example.com>', '"a b"@example.com'],
  ['FROM:<"say \\"hi\\" >"@example.com> X', '"say \\"hi\\" >"@example.com', { X: undefined }],
  ["FROM:<jörg@bücher.example>", "jörg@bücher.example"],
  ["FROM:<a@[IPv6:::1]>  SIZE=10", "a@[IPv6:::1]", { SIZE: "10" }],
  ["FROM:<postmaster>", "postmaster"],
];

for (const [argument, address, parameters = {}] of PATHS) {
  test(`the path of ${argument} is taken as it is`, () => {
    const path = parsePath(argument, "FROM");
    assert.equal(path?.address, address);
    assert.deepEqual(Object.fromEntries(path?.parameters ?? []), parameters);
  });
}

for (const argument of [
  "",
  "FROM",
  "FROM:",
  "FROM:a@b.c",
  "FROM:<a@b.c",
  "FROM:<a b@c.d>",
  "FROM:<<a@b.c>>",
  "FROM:<a@b.c>x",
  "FROM:<a\t@b.c>",
  'FROM:<"a>',
  `FROM:<${"a".repeat(2000)}@b.c>`,
  "FROM:<a@b.c> SIZE=1 size=2",
  "FROM:<a@b.c> =1",
  "FROM:<a@b.c> A=1=2",
  "TO:<a@b.c>",
]) {
  test(`${argument.slice(0, 40)} is no path of MAIL`, () => assert.equal(parsePath(argument, "FROM"), undefined));
}

test("a reply that is written is the reply that is read", () => {
  for (const [code, text, enhanced] of [
    [220, "ready", undefined],
    [250, ["mail.example.org", "PIPELINING", "SIZE 1000"], undefined],
    [550, ["No such user", "Ask postmaster"], "5.1.1"],
  ] as const) {
    const parser = new ReplyParser();
    parser.push(Buffer.from(formatReply(code, text, enhanced)));
    const reply = parser.next();
    assert.ok(reply !== undefined && !("fault" in reply));
    const lines = typeof text === "string" ? [text] : text;
    assert.equal(reply.code, code);
    assert.equal(reply.enhancedCode, enhanced);
    assert.deepEqual(
      reply.lines,
      lines.map((line) => (enhanced === undefined ? line : `${enhanced} ${line}`)),
    );
    assert.ok(!parser.hasPending);
  }
});

test("a reply that would be two, or none, is an error that names the part", () => {
  for (const [code, text, option] of [
    [199, "x", "code"],
    [250.5, "x", "code"],
    [600, "x", "code"],
    [250, [], "text"],
    [250, "ok\r\n550 no", "text[0]"],
    [250, ["ok", "a\0b"], "text[1]"],
  ] as const) {
    assert.throws(() => formatReply(code, text), { name: "OptionError", option });
  }
  assert.throws(() => formatReply(250, "x", "2.0.0\r\n"), { name: "OptionError" });
});

test("xtext is decoded to what was encoded; what is no xtext is undefined", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => decodeXtext(encodeXtext(text)) === text));
  for (const wrong of ["a b", "a=b", "+", "+4", "+zz", "+ab", "+FF"])
    assert.equal(decodeXtext(wrong), undefined, wrong);
});

/** Content and rest of bytes that come in parts. */
function unstuffed(parts: readonly Uint8Array[]): { readonly content: string; readonly rest: string | undefined } {
  const unstuffer = new DotUnstuffer();
  const pieces: Uint8Array[] = [];
  let rest: string | undefined;
  for (const part of parts) {
    if (rest === undefined) pieces.push(...unstuffer.push(part));
    rest = unstuffer.rest === undefined ? undefined : (rest ?? "") + text(rest === undefined ? unstuffer.rest : part);
  }
  return { content: text(Buffer.concat(pieces)), rest };
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

test("content is what was stuffed, and behind its end are commands, wherever it is cut", () => {
  for (const content of [
    "",
    "\r\n",
    ".\r\n",
    "..\r\n.\r\n",
    "a\r\n.\r\nb\r\n",
    "\r\n\r\n..\r\n.a\r\n",
    ". \r\n\r\n.. .\r\n",
  ]) {
    const wire = Buffer.concat([stuffDots(Buffer.from(content, "latin1")), Buffer.from(".\r\nQUIT\r\n")]);
    for (let at = 0; at <= wire.length; at++) {
      for (let second = at; second <= wire.length; second++) {
        const read = unstuffed(cutAt(wire, [at, second]));
        assert.deepEqual(read, { content, rest: "QUIT\r\n" }, `${JSON.stringify(content)} cut at ${at} and ${second}`);
      }
    }
  }
});

test("bare CR or LF is no end of a line", () => {
  for (const wire of ["a\n.\n", "a\r.\r", "a\r\n.\n", "a\n.\r\n", "a\r\n.\r\r", ".\n.\r\n"]) {
    for (let at = 0; at <= wire.length; at++) {
      assert.equal(unstuffed(cutAt(Buffer.from(wire), [at])).rest, undefined, JSON.stringify(wire));
    }
  }
});

test("random content whose lines end with CRLF comes back, in random parts", () => {
  const bytes = fc.array(fc.constantFrom("a", ".", "\r\n", "\r\n."), { maxLength: 40 }).map((all) => all.join(""));
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(200), { maxLength: 5 }), (content, at) => {
      const wire = Buffer.concat([stuffDots(Buffer.from(`${content}\r\n`)), Buffer.from(".\r\nx")]);
      const cuts = at.map((one) => one % (wire.length + 1)).sort((a, b) => a - b);
      assert.deepEqual(unstuffed(cutAt(wire, cuts)), { content: `${content}\r\n`, rest: "x" });
    }),
  );
});

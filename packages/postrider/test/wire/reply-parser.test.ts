import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import type { SmtpReply } from "../../src/reply.js";
import { MAX_REPLY_LINE_BYTES, MAX_REPLY_LINES, type ReplyFault, ReplyParser } from "../../src/wire/reply.js";
import { fc } from "../support/property.js";

function parseAll(...segments: readonly (string | Uint8Array)[]): (SmtpReply | ReplyFault)[] {
  const parser = new ReplyParser();
  const found: (SmtpReply | ReplyFault)[] = [];
  for (const segment of segments) {
    parser.push(typeof segment === "string" ? Buffer.from(segment, "latin1") : segment);
    for (let next = parser.next(); next !== undefined; next = parser.next()) {
      found.push(next);
      if ("fault" in next) return found;
    }
  }
  return found;
}

function faultOf(...segments: readonly string[]): ReplyFault {
  const last = parseAll(...segments).at(-1);
  assert.ok(last !== undefined && "fault" in last, "a fault");
  return last;
}

const MANY = "220 one\r\n250-first\r\n250-second\r\n250 last\r\n354\r\n550-\r\n550 5.1.1 no\r\n";

test("a reply has its code, its lines and all of them as one message", () => {
  const [reply] = parseAll("250-first\r\n250-\r\n250 last line\r\n");
  assert.deepEqual(reply, {
    code: 250,
    enhancedCode: undefined,
    lines: ["first", "", "last line"],
    message: "first\n\nlast line",
  });
});

test("a line may be the bare code, with or without its separator", () => {
  for (const text of ["250\r\n", "250 \r\n", "250\n", "250-\r\n250\r\n"]) {
    const [reply] = parseAll(text);
    assert.ok(reply !== undefined && "code" in reply, JSON.stringify(text));
    assert.equal(reply.code, 250);
    assert.equal(reply.message.trim(), "");
  }
});

test("segments byte by byte give the same as one segment", () => {
  assert.deepEqual(parseAll(...MANY), parseAll(MANY));
  assert.equal(parseAll(MANY).length, 4);
});

test("lines may end in a bare LF, and CRLF may be cut in two", () => {
  const expected = parseAll(MANY);
  assert.deepEqual(parseAll(MANY.replaceAll("\r\n", "\n")), expected);
  assert.deepEqual(parseAll(...MANY.split(/(?<=\r)/)), expected);
});

test("replies cut anywhere are the replies that were sent", () => {
  const text = fc.string({ unit: fc.constantFrom(..."ab 250-5.1\u00e9€"), maxLength: 30 });
  const reply = fc.record(
    { code: fc.integer({ min: 200, max: 599 }), lines: fc.array(text, { minLength: 1, maxLength: 5 }) },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(reply, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 12 }), (replies, cuts) => {
      const wire = Buffer.from(
        replies
          .map(({ code, lines }) =>
            lines.map((line, index) => `${code}${index < lines.length - 1 ? "-" : " "}${line}\r\n`).join(""),
          )
          .join(""),
        "utf8",
      );
      const places = [...new Set([0, ...cuts.map((cut) => cut % (wire.length + 1)), wire.length])].sort(
        (a, b) => a - b,
      );
      const segments = places.slice(1).map((to, index) => wire.subarray(places[index], to));
      const found = parseAll(...segments);
      assert.deepEqual(
        found.map((one) => ("fault" in one ? one : { code: one.code, lines: one.lines })),
        replies,
      );
    }),
  );
});

test("what is no reply line is a fault that quotes it", () => {
  for (const line of [
    "",
    "ERROR",
    "25",
    "2500 ok",
    "250_ok",
    "250\tok",
    "150 early",
    "650 late",
    "099 x",
    "2a0 x",
    "25: x",
    " 250 ok",
    "HTTP/1.1 400 Bad Request",
    "\u0015\u0003\u0001\u0000",
  ]) {
    const fault = faultOf(`${line}\r\n`);
    assert.equal(fault.fault, "bad-line", JSON.stringify(line));
    assert.ok(fault.excerpt.startsWith(line), JSON.stringify(line));
  }
});

test("replies before a fault are still given", () => {
  const found = parseAll("250 ok\r\nnonsense\r\n250 never\r\n");
  assert.equal(found.length, 2);
  assert.ok(found[0] !== undefined && "code" in found[0]);
  assert.ok(found[1] !== undefined && "fault" in found[1]);
});

test("a reply that changes its code half way is a fault", () => {
  assert.equal(faultOf("250-foo\r\n550 bar\r\n").fault, "code-changed");
  assert.equal(faultOf("250-foo\r\n", "251-bar\r\n").fault, "code-changed");
});

test("a line of the greatest length passes, one byte more is a fault, ended or not", () => {
  const longest = `250 ${"x".repeat(MAX_REPLY_LINE_BYTES - 4)}`;
  const [reply] = parseAll(`${longest}\n`);
  assert.ok(reply !== undefined && "code" in reply);
  assert.equal(reply.message.length, MAX_REPLY_LINE_BYTES - 4);
  assert.equal(faultOf(`${longest}x\n`).fault, "line-too-long");
  assert.equal(faultOf(`${longest}x`).fault, "line-too-long");
  assert.deepEqual(parseAll(longest), []);
});

test("a line without end is found out while it comes, and only its start is quoted", () => {
  const fault = faultOf(...new Array<string>(100).fill("2".repeat(1000)));
  assert.equal(fault.fault, "line-too-long");
  assert.ok(fault.excerpt.length <= 160);
});

test("a reply has at most as many lines as are allowed", () => {
  const [reply] = parseAll(`${"250-x\r\n".repeat(MAX_REPLY_LINES - 1)}250 x\r\n`);
  assert.ok(reply !== undefined && "code" in reply);
  assert.equal(reply.lines.length, MAX_REPLY_LINES);
  assert.equal(faultOf("250-x\r\n".repeat(MAX_REPLY_LINES + 1)).fault, "reply-too-long");
});

test("the enhanced code is the first that stands at the start of a line", () => {
  for (const [text, expected] of [
    ["250 2.1.0 ok", "2.1.0"],
    ["550 5.1.1", "5.1.1"],
    ["550-no\r\n550-such user\r\n550 5.1.1 sorry", "5.1.1"],
    ["550-5.7.1 first\r\n550 5.1.1 second", "5.7.1"],
    ["421 4.123.456 x", "4.123.456"],
    ["550 3.1.1 x", undefined],
    ["550 5.1 x", undefined],
    ["550 5.1.1x", undefined],
    ["550 5.1234.1 x", undefined],
    ["550 see 5.1.1", undefined],
    ["550 1.2.3.4 is listed", undefined],
  ] as const) {
    const [reply] = parseAll(`${text}\r\n`);
    assert.ok(reply !== undefined && "code" in reply);
    assert.equal(reply.enhancedCode, expected, text);
  }
});

test("a line that is not UTF-8 is read as Latin-1; U+FFFD in UTF-8 stays", () => {
  for (const [bytes, text] of [
    [Buffer.from("550 Empf\u00e4nger unbekannt", "latin1"), "Empf\u00e4nger unbekannt"],
    [Buffer.from("550 Empf\u00e4nger \ufffd", "utf8"), "Empf\u00e4nger \ufffd"],
    [Buffer.from("550 \u00ff\u00fe", "latin1"), "\u00ff\u00fe"],
  ] as const) {
    const [reply] = parseAll(Buffer.concat([bytes, Buffer.from("\r\n")]));
    assert.ok(reply !== undefined && "code" in reply);
    assert.equal(reply.message, text);
  }
});

test("a reply that the end cut off is told when its code is whole, once", () => {
  for (const [text, code, lines] of [
    ["535 no", 535, ["no"]],
    ["535", 535, [""]],
    ["550-a\r\n550 b", 550, ["a", "b"]],
    ["550-a\r\n550-b", 550, ["a", "b"]],
    ["550-a\r\n55", 550, ["a"]],
  ] as const) {
    const parser = new ReplyParser();
    parser.push(Buffer.from(text));
    assert.equal(parser.next(), undefined);
    const reply = parser.takeCutOff();
    assert.deepEqual([reply?.code, reply?.lines], [code, lines], text);
    assert.equal(parser.takeCutOff(), undefined);
  }
  for (const text of ["", "53", "what", "535x", "250 ok\r\n"]) {
    const parser = new ReplyParser();
    parser.push(Buffer.from(text));
    parser.next();
    assert.equal(parser.takeCutOff(), undefined, text);
  }
});

test("UTF-8 that is cut inside a character is whole again", () => {
  const bytes = Buffer.from("250 grüß €\r\n", "utf8");
  const [reply] = parseAll(...[...bytes].map((byte) => Buffer.from([byte])));
  assert.ok(reply !== undefined && "code" in reply);
  assert.equal(reply.message, "grüß €");
});

test("what no whole reply has used is pending", () => {
  const parser = new ReplyParser();
  const states: boolean[] = [parser.hasPending];
  for (const segment of ["25", "0-a\r\n", "250 b\r\n", "250 c\r\n2"]) {
    parser.push(Buffer.from(segment));
    while (parser.next() !== undefined);
    states.push(parser.hasPending);
  }
  assert.deepEqual(states, [false, true, true, false, true]);
});

test("after reset nothing of before is left: no bytes, no lines, no code", () => {
  for (const before of ["250-half\r\n", "250-half\r\n25", "25", "250 whole\r\n250 second\r\n"]) {
    const parser = new ReplyParser();
    parser.push(Buffer.from(before));
    parser.next();
    parser.reset();
    assert.equal(parser.hasPending, false);
    parser.push(Buffer.from("220 fresh\r\n"));
    assert.deepEqual(parser.next(), { code: 220, enhancedCode: undefined, lines: ["fresh"], message: "fresh" });
    assert.equal(parser.next(), undefined);
  }
});

test("a fault quotes its own line, however the bytes came", () => {
  const bytes = Buffer.from("250421 bye\r\n250 next\r\n");
  for (const cut of [bytes.length, 3, 11, 12, 15]) {
    const parser = new ReplyParser();
    parser.push(bytes.subarray(0, cut));
    let next = parser.next();
    if (next === undefined) {
      parser.push(bytes.subarray(cut));
      next = parser.next();
    }
    assert.deepEqual(next, { fault: "bad-line", excerpt: "250421 bye\r\n" });
  }
});

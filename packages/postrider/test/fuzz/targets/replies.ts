/** What a server may say: replies, and the extensions in them. */
import assert from "node:assert/strict";
import type { Buffer } from "node:buffer";
import type { SmtpReply } from "../../../src/reply.js";
import { parseCapabilities } from "../../../src/wire/capabilities.js";
import {
  MAX_REPLY_LINE_BYTES,
  MAX_REPLY_LINES,
  makeReply,
  type ReplyFault,
  ReplyParser,
} from "../../../src/wire/reply.js";
import { fc } from "../../support/property.js";
import { cutAt, cuts } from "../../wire/mail-bytes.js";
import { type FuzzTarget, fuzzTarget } from "../fuzz-target.js";
import { byteSoupOf, soupOf } from "../soup.js";

const PIECES = [
  "250",
  "-",
  " ",
  "\r\n",
  "\n",
  "\r",
  "2.1.0",
  "5.1.1 ",
  "354 go",
  "421 bye\r\n",
  "250-",
  "250 ",
  "550-",
  "x",
  "\u00ff",
  "999",
  "199",
  "2",
  "1.2.3.4",
];

function readAll(segments: readonly Uint8Array[]): (SmtpReply | ReplyFault)[] {
  const parser = new ReplyParser();
  const read: (SmtpReply | ReplyFault)[] = [];
  for (const segment of segments) {
    parser.push(segment);
    for (let next = parser.next(); next !== undefined; next = parser.next()) {
      read.push(next);
      if ("fault" in next) return read;
    }
  }
  return read;
}

function checkReply(reply: SmtpReply): void {
  assert.ok(Number.isInteger(reply.code) && reply.code >= 200 && reply.code <= 599, `code ${reply.code}`);
  assert.ok(reply.lines.length >= 1 && reply.lines.length <= MAX_REPLY_LINES);
  for (const line of reply.lines) assert.ok(!line.includes("\n") && line.length <= MAX_REPLY_LINE_BYTES);
  if (reply.enhancedCode !== undefined) assert.match(reply.enhancedCode, /^[245]\.\d{1,3}\.\d{1,3}$/);
}

function checkParser([bytes, at]: readonly [Buffer, readonly number[]]): void {
  const whole = readAll([bytes]);
  for (const one of whole) {
    if ("fault" in one) assert.ok(one.excerpt.length <= 200, "an excerpt is bounded");
    else checkReply(one);
  }
  assert.deepEqual(readAll(cutAt(bytes, at)), whole, "cut anywhere it is the same");
}

const OFFERS = [
  "SIZE",
  "AUTH",
  "AUTH=",
  "PIPELINING",
  "LIMITS",
  " ",
  "=",
  "MAILMAX=",
  "RCPTMAX=",
  "1000",
  "0",
  "99999999999999999999",
  "-1",
  "PLAIN",
  "LOGIN",
  "8bitmime",
  "x",
];

function checkCapabilities(lines: readonly string[]): void {
  const { extensions, authMethods, maxSize, limits } = parseCapabilities(makeReply(250, ["host SIZE 1", ...lines]));
  assert.ok(extensions.size <= lines.length, "the first line is the server's name");
  for (const keyword of extensions.keys()) assert.match(keyword, /^[A-Z0-9][A-Z0-9-]*$/);
  assert.equal(new Set(authMethods).size, authMethods.length, "each method once");
  for (const method of authMethods) assert.equal(method, method.toUpperCase());
  for (const number of [maxSize, ...Object.values(limits)]) {
    assert.ok(number === undefined || (number > 0 && Number.isFinite(number)), String(number));
  }
}

export const REPLY_TARGETS: readonly FuzzTarget[] = [
  fuzzTarget("reply parser", fc.tuple(byteSoupOf(PIECES, 60), cuts), checkParser),
  fuzzTarget("capabilities", fc.array(soupOf(OFFERS, 8), { maxLength: 20 }), checkCapabilities),
];

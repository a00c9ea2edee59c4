/** Content on the wire: line ends, dots, transfer encodings. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { encodeQuotedPrintable } from "../../../src/message/encoding/quoted-printable.js";
import { LineEndingNormalizer, normalizeLineEndings } from "../../../src/text/line-ends.js";
import { DotStuffer, stuffDots } from "../../../src/wire/dot-stuffing.js";
import { fc } from "../../support/property.js";
import { cutAt, cuts } from "../../wire/mail-bytes.js";
import { type FuzzTarget, fuzzTarget } from "../fuzz-target.js";
import { byteSoupOf } from "../soup.js";

const PIECES = [
  "\r\n",
  "\r",
  "\n",
  ".",
  "..",
  "\r\n.",
  ".\r\n",
  "\r\n.\r\n",
  "a",
  "MAIL FROM:<x@y.z>",
  " ",
  "\t",
  "\u0000",
  "=",
  "\u00ff",
];

/** One message reads back as it was: no line of it ends the content, and every line end is CRLF. */
function checkWire([bytes, at]: readonly [Buffer, readonly number[]]): void {
  const canonical = Buffer.from(normalizeLineEndings(bytes));
  assert.doesNotMatch(canonical.toString("latin1"), /\r(?!\n)|(?<!\r)\n/);
  const normalizer = new LineEndingNormalizer();
  const stuffer = new DotStuffer();
  const pieces = cutAt(bytes, at).map((piece) => normalizer.push(piece));
  pieces.push(normalizer.finish());
  assert.deepEqual(Buffer.concat(pieces), canonical, "cut anywhere it is the same");
  const stuffed = Buffer.concat(pieces.map((piece) => stuffer.push(piece)));
  assert.deepEqual(stuffed, Buffer.from(stuffDots(canonical)));
  const wire = stuffed.toString("latin1");
  assert.doesNotMatch(wire, /(?:^|\r\n)\.\r\n/, "no lone dot");
  assert.equal(wire.replaceAll(/(^|\r\n)\./g, "$1"), canonical.toString("latin1"));
}

/** RFC 2045 §6.7, read as plainly as can be. */
function decode(encoded: string): string {
  return encoded
    .replaceAll("=\r\n", "")
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function checkQuotedPrintable(bytes: Buffer): void {
  for (const lineBreaks of ["keep", "escape"] as const) {
    const content = lineBreaks === "keep" ? Buffer.from(normalizeLineEndings(bytes)) : bytes;
    const encoded = encodeQuotedPrintable(content, lineBreaks).toString("latin1");
    for (const line of encoded.split("\r\n")) assert.ok(line.length <= 76 && !/[ \t]$/.test(line));
    assert.match(encoded, /^[\t\r\n -~]*$/);
    assert.equal(decode(encoded), content.toString("latin1"));
  }
}

export const CONTENT_TARGETS: readonly FuzzTarget[] = [
  fuzzTarget("line ends and dots", fc.tuple(byteSoupOf(PIECES, 50), cuts), checkWire),
  fuzzTarget("quoted-printable", byteSoupOf(PIECES, 50), checkQuotedPrintable),
];

import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeText, encodeWords } from "../../../src/message/header/encoded-word.js";
import { decodeEncodedWords, isEncodedWord } from "../../../src/text/decode-words.js";
import { fc } from "../../support/property.js";

test("the shorter of Q and B is chosen", () => {
  assert.equal(encodeWords("Grüße", "text", 9), "=?utf-8?B?R3LDvMOfZQ==?=");
  assert.equal(encodeWords("Gruß aus Wien", "text", 9), "=?utf-8?Q?Gru=C3=9F_aus_Wien?=");
  assert.equal(encodeWords("日本", "text", 9), "=?utf-8?B?5pel5pys?=");
});

test("a phrase lets fewer characters stand bare", () => {
  assert.equal(encodeWords("Müller, J. (x)", "text", 0), "=?utf-8?Q?M=C3=BCller,_J._(x)?=");
  const phrase = encodeWords("Müller of a long, long name", "phrase", 0);
  assert.match(phrase, /^=\?utf-8\?Q\?[A-Za-z0-9!*+/=_-]*\?=$/);
  assert.equal(decodeEncodedWords(phrase), "Müller of a long, long name");
});

test("only the span that needs it is encoded", () => {
  assert.equal(encodeText("plain text", 9), "plain text");
  assert.equal(encodeText("Re: Grüße of the day", 9), "Re: =?utf-8?B?R3LDvMOfZQ==?= of the day");
  assert.equal(encodeText("a é b ü c", 9), "a =?utf-8?B?w6kgYiDDvA==?= c");
  assert.equal(encodeText("é", 9), "=?utf-8?B?w6k=?=");
});

test("what looks like an encoded word, and outer white space, is encoded", () => {
  assert.equal(encodeText("see =?utf-8?q?x?= there", 9), "see =?utf-8?B?PT91dGYtOD9xP3g/PQ==?= there");
  assert.equal(encodeText(" a", 9), "=?utf-8?Q?_a?=");
  assert.equal(encodeText("a ", 9), "=?utf-8?Q?a_?=");
  assert.equal(encodeText("a\t", 9), "=?utf-8?Q?a=09?=");
});

test("no word is longer than 75, the first leaves room for its column", () => {
  for (const column of [0, 9, 40, 70, 200]) {
    for (const text of [
      "é".repeat(200),
      "word ü ".repeat(50),
      "👨‍👩‍👧‍👦".repeat(20),
      "e\u0301".repeat(100),
      "x".repeat(300),
    ]) {
      const words = encodeWords(text, "text", column).split(" ");
      for (const word of words) assert.ok(word.length <= 75 && isEncodedWord(word), word);
      if (column < 50) assert.ok(column + (words[0]?.length ?? 0) <= 76);
      assert.equal(decodeEncodedWords(words.join(" ")), text);
    }
  }
});

test("words are cut between graphemes", () => {
  for (const grapheme of ["👨‍👩‍👧‍👦", "e\u0301\u0323", "🇦🇹", "नि"]) {
    const text = grapheme.repeat(400);
    for (const word of encodeWords(text, "text", 9).split(" ")) {
      const piece = decodeEncodedWords(word);
      assert.equal(piece.length % grapheme.length, 0, piece);
    }
  }
});

test("a grapheme longer than a word is cut between code points", () => {
  const text = `e${"\u0301".repeat(600)}👍`;
  const words = encodeWords(text, "text", 9).split(" ");
  assert.ok(words.length > 10);
  for (const word of words) assert.ok(!decodeEncodedWords(word).includes("\ufffd"));
  assert.equal(decodeEncodedWords(words.join(" ")), text);
});

test("decoding: charsets, encodings, languages", () => {
  const cases: [string, string][] = [
    ["plain", "plain"],
    ["=?utf-8?Q?Gr=C3=BC=C3=9Fe?= aus Wien", "Grüße aus Wien"],
    ["=?UTF-8?b?R3LDvMOfZQ==?=", "Grüße"],
    ["=?iso-8859-1?q?Gr=FC=DFe?=", "Grüße"],
    ["=?windows-1252*de?Q?=80?=", "€"],
    ["=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"],
    ["=?utf-8?q?a?= =?utf-8?q?b?=", "ab"],
    ["=?utf-8?q?a?=\t =?iso-8859-1?q?b?=", "ab"],
    ["=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"],
    ["=?utf-8?q?a?==?utf-8?q?b?=", "ab"],
    ["=?utf-8?q?=C3?= =?utf-8?q?=A9?=", "é"],
    ["=?utf-8?q?=zz=4?=", "=zz=4"],
    ["=?utf-8?q?é?=", "é"],
    ["=?utf-8?q??=", ""],
    ["(=?utf-8?q?x?=)", "(x)"],
    ["=?utf-8?q?\ufeffx?=", "\ufeffx"],
  ];
  for (const [text, decoded] of cases) {
    assert.equal(decodeEncodedWords(text), decoded, text);
  }
});

test("what cannot be decoded stays as it is", () => {
  for (const text of [
    "=?no-such-charset?q?x?=",
    "=?utf-8?x?x?=",
    "=?utf-8?q?x",
    "=?utf-8?b?!!?=",
    "=?utf-8?q?a b?=",
    "=?",
    "=??q?x?=",
    "=?utf-8?q?=0D=0ABcc:_e@v.il?=",
    "=?utf-8?q?a=00?= =?utf-8?q?b?=",
  ]) {
    assert.equal(decodeEncodedWords(text), text);
  }
});

test("a broken neighbour changes nothing in the words beside it", () => {
  assert.equal(decodeEncodedWords("=?utf-8?q?a?= =?x-none?q?b?= =?utf-8?q?c?="), "a =?x-none?q?b?= c");
});

const texts = (): fc.Arbitrary<string> =>
  fc
    .oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.string({ unit: "grapheme", maxLength: 300 }),
      fc.string({ unit: fc.constantFrom(..."ab =?_\té日👍"), maxLength: 300 }),
    )
    .filter((text) => !/[\u0000-\u0008\u000a-\u001f\u007f]|\p{Surrogate}/u.test(text));

test("property: what is encoded decodes to the same text", () => {
  fc.assert(
    fc.property(texts(), fc.nat(100), (text, column) => {
      assert.equal(decodeEncodedWords(encodeText(text, column)), text);
      assert.match(encodeText(text, column), /^[\t -~]*$/);
      for (const context of ["text", "phrase"] as const) {
        assert.equal(decodeEncodedWords(encodeWords(text, context, column)), text);
      }
    }),
    { numRuns: 1000 },
  );
});

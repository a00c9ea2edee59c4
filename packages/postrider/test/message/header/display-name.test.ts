import assert from "node:assert/strict";
import { test } from "node:test";
import PostalMime from "postal-mime";
import { parseMailbox } from "../../../src/address/parser.js";
import { nameText } from "../../../src/message/header/address-field.js";
import { formatField } from "../../../src/message/header/field.js";
import { fc } from "../../support/property.js";

const COLUMN = "From: ".length;

test("a name that fits an encoded word of its own is one, on the next line if it must", () => {
  const name = "Институт прикладных исс";
  assert.doesNotMatch(nameText(name, "ascii", COLUMN), / /);
  const field = formatField("Disposition-Notification-To", `${name} <a@b.example>`, "ascii");
  assert.match(field, /^Disposition-Notification-To:\r\n =\?utf-8\?B\?[^ ]+\?=\r\n <a@b\.example>\r\n$/);
});

test("of a longer name only the words that need it are encoded", () => {
  assert.equal(
    nameText("Müller Example Verlagsgesellschaft für Bücher mbH und Co, Köln", "ascii", COLUMN),
    "=?utf-8?Q?M=C3=BCller?= Example Verlagsgesellschaft =?utf-8?B?ZsO8ciBCw7xjaGVy?= mbH und =?utf-8?B?Q28sIEvDtmxu?=",
  );
});

test("what is longer than an encoded word is cut between words, and inside them where there is no space", () => {
  const words = nameText("Институт прикладных исследований и разработок", "ascii", COLUMN).split(" ");
  assert.deepEqual(
    words.map((word) => Buffer.from(word.slice("=?utf-8?B?".length, -2), "base64").toString()),
    ["Институт прикладных ", "исследований и ", "разработок"],
  );
  for (const word of nameText("山田太郎".repeat(20), "ascii", COLUMN).split(" ")) assert.ok(word.length <= 75);
});

test("a short name and one in ASCII stay as they are", () => {
  assert.equal(nameText("Ann Example", "ascii", COLUMN), "Ann Example");
  assert.equal(nameText("Example, Ann", "ascii", COLUMN), '"Example, Ann"');
  assert.equal(nameText("Grüße  zwei", "utf8", COLUMN), '"Grüße  zwei"');
});

test("property: names of many words read back the same, here and elsewhere", async () => {
  const word = fc.constantFrom(
    "and",
    "Grüße",
    "Институт",
    "a,b",
    "",
    "=?x?=",
    "山田太郎山田太郎山田太郎",
    "x".repeat(70),
    '"',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 12 }), async (words) => {
      const name = `ü${words.join(" ")}ü`;
      const field = formatField("From", `"${name.replace(/["\\]/g, "\\$&")}" <a@b.example>`, "ascii");
      for (const line of field.split("\r\n")) assert.ok(line.length <= 76, line);
      assert.equal(parseMailbox(field.slice("From:".length).replaceAll("\r\n", "")).name, name);
      assert.equal((await PostalMime.parse(`${field}\r\n`)).from?.name, name);
    }),
    { numRuns: 60 },
  );
});

test("a name of a hundred thousand words is cut in linear time: anything else would take minutes", () => {
  for (const unit of ["ü ", "ü a ", "üü", "  ü"]) {
    assert.match(nameText(unit.repeat(100_000), "ascii", COLUMN), /^=\?utf-8\?.\?[^ ]+\?= /);
  }
});

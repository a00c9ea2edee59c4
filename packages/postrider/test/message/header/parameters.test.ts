import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatParameters,
  parameterChunks,
  parseContentType,
  parseParameterized,
} from "../../../src/message/header/content-type.js";
import { foldChunks } from "../../../src/message/header/fold.js";
import { fc } from "../../support/property.js";

test("tokens, quoted strings, and RFC 2231 for the rest", () => {
  const cases: [string, string][] = [
    ["a.txt", "; filename=a.txt"],
    ["a b.txt", '; filename="a b.txt"'],
    ["", '; filename=""'],
    ['x.html";.jpg', '; filename="x.html\\";.jpg"'],
    ["a\\b", '; filename="a\\\\b"'],
    ["é.txt", "; filename*=utf-8''%C3%A9.txt"],
    ["a\tb", "; filename*=utf-8''a%09b"],
    ["it's 100%\u00e9", "; filename*=utf-8''it%27s%20100%25%C3%A9"],
    ["=?utf-8?q?x?=", "; filename*=utf-8''%3D%3Futf-8%3Fq%3Fx%3F%3D"],
    ["utf-8''x", "; filename*=utf-8''utf-8%27%27x"],
    [" a", "; filename*=utf-8''%20a"],
  ];
  for (const [value, text] of cases) assert.equal(formatParameters([["filename", value]]), text, value);
  assert.equal(formatParameters([]), "");
  assert.equal(
    formatParameters([
      ["charset", "utf-8"],
      ["format", "flowed"],
    ]),
    "; charset=utf-8; format=flowed",
  );
});

test("long values go in pieces that fit their lines", () => {
  for (const value of [
    "a".repeat(200),
    "long words ".repeat(20),
    'a"\\'.repeat(60),
    "ü".repeat(100),
    "👍".repeat(60),
  ]) {
    const chunks = parameterChunks([["filename", `${value}.txt`]]);
    assert.ok(chunks.length > 1);
    for (const chunk of chunks) assert.ok(chunk.length <= 78, chunk);
    assert.equal(readBack(chunks), `${value}.txt`);
  }
});

test("the name of Content-Type is written as encoded words for old clients", () => {
  const rules = { encodedWords: ["name"] };
  assert.equal(formatParameters([["Name", "é.txt"]], rules), '; Name="=?utf-8?B?w6kudHh0?="');
  assert.equal(formatParameters([["name", "a b"]], rules), '; name="a b"');
  const long = foldChunks("Content-Type", [" a/b;", ...parameterChunks([["name", "ü".repeat(100)]], rules)]);
  for (const line of long.split("\r\n")) assert.ok(line.length <= 78);
});

test("a boundary is never encoded or cut", () => {
  assert.equal(formatParameters([["boundary", "=?x"]]), '; boundary="=?x"');
  assert.equal(formatParameters([["boundary", "b".repeat(90)]]), `; boundary=${"b".repeat(90)}`);
  assert.throws(() => formatParameters([["boundary", "é"]]), { name: "MessageError" });
  assert.throws(() => formatParameters([["boundary", "a\r\nb"]]), { name: "MessageError" });
});

test("RFC 2231 of the caller's own passes as it is", () => {
  assert.equal(formatParameters([["filename*", "utf-8''%C3%A9"]]), "; filename*=utf-8''%C3%A9");
  assert.throws(() => formatParameters([["filename*", "é"]]), { name: "MessageError" });
});

test("names and values that cannot be are refused", () => {
  for (const name of ["", "f\r\nX: 1", "a b", "é", "a=b", "a;b", "a".repeat(51)]) {
    assert.throws(() => formatParameters([[name, "x"]], { field: "contentType" }), {
      name: "MessageError",
      field: "contentType",
    });
  }
  for (const value of ['a"\r\nX: 1', "\u0000", "\ud800", "\u007f"]) {
    assert.throws(() => formatParameters([["filename", value]]), { name: "MessageError", message: /filename/ });
  }
});

test("property: values read back the same", () => {
  const values = fc
    .oneof(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.string({ unit: fc.constantFrom(..."ab\"\\ ;=?'%*é"), maxLength: 200 }),
    )
    .filter((text) => !/[\u0000-\u0008\u000a-\u001f\u007f]|\p{Surrogate}/u.test(text));
  fc.assert(fc.property(values, (value) => assert.equal(readBack(parameterChunks([["filename", value]])), value)));
});

test("a media type is read into its parts", () => {
  const type = parseContentType('Text/HTML ;\tcharset="utf-8" ; NAME="a \\"b\\" é.txt"; x=1 ');
  assert.equal(type.type, "text");
  assert.equal(type.subtype, "html");
  assert.deepEqual(
    [...type.parameters],
    [
      ["charset", "utf-8"],
      ["name", 'a "b" é.txt'],
      ["x", "1"],
    ],
  );
  assert.equal(parseContentType("application/vnd.api+json").subtype, "vnd.api+json");
});

test("a media type that is not one is refused", () => {
  for (const text of [
    "",
    "text",
    "text/",
    "/plain",
    "text/plain/x",
    "text /plain",
    "text/plain;",
    "text/plain; charset",
    "text/plain; charset=",
    "text/plain; charset = utf-8",
    "text/plain; =x",
    'text/plain; name="x',
    'text/plain; name="x\\"',
    'text/plain; name="x"y',
    "text/plain; name=é",
    "text/plain; a=1; A=2",
    "text/plain (comment)",
    "text/plain charset=utf-8",
    "text/plain\r\nX: 1",
    "tex\u0000t/plain",
    'text/plain; f\r\nX="1"',
    "té/plain",
  ]) {
    assert.throws(() => parseContentType(text), { name: "MessageError", field: "contentType" }, text);
  }
});

/** The one parameter of the chunks, as RFC 2231 reads it. */
function readBack(chunks: readonly string[]): string {
  const { parameters } = parseParameterized(`x;${chunks.join("")}`, "test");
  const pieces = [...parameters].map(([name, value]) =>
    name.endsWith("*") ? { value, encoded: true } : { value, encoded: false },
  );
  const joined = pieces
    .map(({ value, encoded }, index) => (encoded ? (index === 0 ? value.replace(/^utf-8''/, "") : value) : value))
    .join("");
  return pieces[0]?.encoded === true ? decodeURIComponent(joined) : joined;
}

/**
 * Values of other realms, and values that claim to be what they are not.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { copyBytes, dateTime, describe, isBytes, takeProperties, urlText } from "../src/given/values.js";

const foreign = (code: string): unknown => runInNewContext(code);

test("bytes are known in every form and from every realm, and copied as they are", () => {
  const forms: readonly (readonly [string, unknown])[] = [
    ["Buffer", Buffer.from([1, 2, 3])],
    ["Uint8Array", Uint8Array.of(1, 2, 3)],
    ["part of a buffer", new Uint8Array([0, 1, 2, 3, 4]).subarray(1, 4)],
    ["clamped", Uint8ClampedArray.of(1, 2, 3)],
    ["signed", Int8Array.of(1, 2, 3)],
    ["DataView", new DataView(Uint8Array.of(9, 1, 2, 3).buffer, 1)],
    ["ArrayBuffer", Uint8Array.of(1, 2, 3).buffer],
    ["SharedArrayBuffer", new Uint8Array(new SharedArrayBuffer(3)).map((_, index) => index + 1)],
    ["Uint8Array elsewhere", foreign("Uint8Array.of(1, 2, 3)")],
    ["ArrayBuffer elsewhere", foreign("Uint8Array.of(1, 2, 3).buffer")],
    ["DataView elsewhere", foreign("new DataView(Uint8Array.of(1, 2, 3).buffer)")],
    ["SharedArrayBuffer elsewhere", foreign("const a = new SharedArrayBuffer(3); new Uint8Array(a).set([1, 2, 3]); a")],
  ];
  for (const [name, value] of forms) {
    assert.ok(isBytes(value), name);
    assert.deepEqual(copyBytes(value), Buffer.from([1, 2, 3]), name);
  }
});

test("what only looks like bytes is none", () => {
  for (const value of [
    undefined,
    null,
    5,
    "x",
    [],
    { length: 3 },
    { byteLength: 3, [Symbol.toStringTag]: "ArrayBuffer" },
  ])
    assert.equal(isBytes(value), false);
});

test("the length and the entries of a subclass that lies are those of its memory", () => {
  class Liar extends Uint8Array {
    override get length(): number {
      return 1_000_000;
    }
    override get byteLength(): number {
      return 0;
    }
    override *[Symbol.iterator](): ArrayIterator<number> {
      yield* [7, 7, 7, 7];
    }
  }
  assert.deepEqual(copyBytes(new Liar([1, 2])), Buffer.from([1, 2]));
});

test("a copy does not change with what it was made of, and bytes that were transferred away are no empty content", () => {
  const bytes = Uint8Array.of(1, 2);
  const copy = copyBytes(bytes);
  bytes[0] = 9;
  assert.deepEqual(copy, Buffer.from([1, 2]));
  structuredClone(bytes, { transfer: [bytes.buffer] });
  assert.equal(copyBytes(bytes), undefined);
});

test("dates and URLs of every realm are known", () => {
  assert.equal(dateTime(foreign("new Date(5)")), 5);
  assert.ok(Number.isNaN(dateTime(new Date(Number.NaN))));
  for (const value of [5, "2026-01-01", {}, null, { getTime: () => 5 }]) assert.equal(dateTime(value), undefined);
  assert.equal(urlText(new URL("https://a.example")), "https://a.example/");
  assert.equal(urlText({ href: "https://a.example/", protocol: "https:" }), "https://a.example/");
  for (const value of ["https://a.example", {}, null, { href: 5, protocol: "x" }])
    assert.equal(urlText(value), undefined);
});

test("an error says what was given, and no text of it", () => {
  const table: readonly (readonly [unknown, string])[] = [
    [undefined, "undefined"],
    [null, "null"],
    ["", "an empty string"],
    ["secret", "a string"],
    [5, "a number (5)"],
    [5n, "a bigint (5)"],
    [true, "a boolean (true)"],
    [() => 5, "a function"],
    [[], "an array"],
    [{}, "an object"],
    [Object.create(null), "an object"],
    [new Map(), "an object (Map)"],
    [new Date(0), "a date"],
    [new Date(Number.NaN), "an invalid date"],
    [Buffer.from("secret"), "a Buffer of 6 bytes"],
    [new Uint8Array(2), "a Uint8Array of 2 bytes"],
    [foreign("new ArrayBuffer(4)"), "an ArrayBuffer of 4 bytes"],
    [Promise.resolve("secret"), "a Promise (await it first)"],
    [
      JSON.parse(JSON.stringify(Buffer.from("secret"))),
      "a Buffer that went through JSON (Buffer.from(value.data) makes it one again)",
    ],
  ];
  for (const [value, text] of table) assert.equal(describe(value), text);
});

test("properties are read once, also those of the object that this one was made from, and none of Object.prototype", () => {
  let reads = 0;
  const given = Object.create(
    { inherited: 1 },
    {
      own: {
        enumerable: true,
        get: () => ++reads,
      },
    },
  );
  Object.defineProperty(Object.prototype, "polluted", { value: "x", enumerable: true, configurable: true });
  try {
    const taken = takeProperties(given, () => assert.fail("nothing is hidden"));
    assert.deepEqual({ ...taken }, { own: 1, inherited: 1 });
    assert.equal(taken["polluted"], undefined);
    assert.equal(reads, 1);
  } finally {
    delete (Object.prototype as { polluted?: string }).polluted;
  }
  const hidden: string[] = [];
  class Mail {
    get subject(): string {
      return "x";
    }
  }
  takeProperties(new Mail(), (name) => hidden.push(name));
  assert.deepEqual(hidden, ["subject"]);
});

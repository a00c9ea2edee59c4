import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageHeaders } from "../../../src/message/header/headers.js";

const filled = (): MessageHeaders =>
  new MessageHeaders().append("Received", "a").append("Subject", "s").append("received", "b").append("To", "t@x.y");

test("fields keep their order and their spelling", () => {
  assert.deepEqual(
    [...filled()],
    [
      ["Received", "a"],
      ["Subject", "s"],
      ["received", "b"],
      ["To", "t@x.y"],
    ],
  );
  assert.equal(filled().size, 4);
});

test("names are found in any letter case", () => {
  const headers = filled();
  assert.equal(headers.get("SUBJECT"), "s");
  assert.equal(headers.get("Received"), "a");
  assert.deepEqual(headers.getAll("RECEIVED"), ["a", "b"]);
  assert.equal(headers.has("to"), true);
  assert.equal(headers.has("Cc"), false);
  assert.equal(headers.get("Cc"), undefined);
  assert.deepEqual(headers.getAll("Cc"), []);
});

test("set replaces the first field in its place and removes the others", () => {
  const headers = filled().set("RECEIVED", "c");
  assert.deepEqual(
    [...headers],
    [
      ["RECEIVED", "c"],
      ["Subject", "s"],
      ["To", "t@x.y"],
    ],
  );
  assert.deepEqual(headers.getAll("received"), ["c"]);
  headers.set("Cc", "new");
  assert.deepEqual([...headers].at(-1), ["Cc", "new"]);
  assert.equal(headers.size, 4);
});

test("delete removes all fields of the name", () => {
  const headers = filled();
  assert.equal(headers.delete("receiveD"), true);
  assert.equal(headers.delete("received"), false);
  assert.deepEqual(
    [...headers],
    [
      ["Subject", "s"],
      ["To", "t@x.y"],
    ],
  );
  headers.append("Received", "z");
  assert.deepEqual(headers.getAll("received"), ["z"]);
});

test("a name that may not stand in a header is refused", () => {
  for (const name of ["", "A B", "A:", "X-A\r\nBcc: e@v.il", "X\u0000", "X\t", "Ü", "X\u007f", "A".repeat(77)]) {
    for (const method of ["set", "append"] as const) {
      assert.throws(() => new MessageHeaders()[method](name, "v"), { name: "MessageError", field: "headers" }, name);
    }
  }
  assert.throws(() => new MessageHeaders().set(1 as never, "v"), { name: "MessageError", message: /must be a string/ });
});

test("a value with a control character or half a pair is refused, and nothing is changed", () => {
  for (let unit = 0; unit < 0x20; unit += 1) {
    const headers = filled();
    const value = `a${String.fromCharCode(unit)}Bcc: e@v.il`;
    if (unit === 9) headers.set("Subject", value);
    else assert.throws(() => headers.set("Subject", value), { name: "MessageError", field: "Subject" });
    if (unit !== 9) assert.equal(headers.get("Subject"), "s");
  }
  for (const value of ["\u007f", "a\ud800", "\udc00a", undefined, null, 1]) {
    assert.throws(() => new MessageHeaders().append("X", value as never), { name: "MessageError", field: "X" });
  }
  new MessageHeaders().append("X", "\u760d\u760a\u010d");
});

test("many fields of many names are found at once", () => {
  const headers = new MessageHeaders();
  for (let index = 0; index < 20_000; index += 1) headers.append(`X-${index % 10_000}`, String(index));
  for (let index = 0; index < 10_000; index += 2) headers.delete(`x-${index}`);
  assert.equal(headers.size, 10_000);
  assert.deepEqual(headers.getAll("X-1"), ["1", "10001"]);
});

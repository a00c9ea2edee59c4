import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressError, OptionError } from "../../src/errors.js";
import { checkArgument, checkCommand, findTextFault } from "../../src/wire/command.js";

const CONTROLS = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0x21 }, (_, index) => 0x7f + index),
].map((code) => String.fromCharCode(code));

test("text without controls has no fault, in any script", () => {
  for (const text of ["", "NOOP", "a b", "grüße", "\u760d\u760a\u010d", "\u{1f600}", "\u00a0"]) {
    assert.equal(findTextFault(text), undefined, JSON.stringify(text));
  }
});

test("every control character of C0, DEL and C1 is a fault that names it and its place", () => {
  assert.equal(CONTROLS.length, 65);
  for (const control of CONTROLS) {
    const name = `U+${control.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    const fault = findTextFault(`ab${control}c`);
    assert.ok(fault?.includes(`${name} at 2`), name);
  }
});

test("what ends a line to readers that go by Unicode is a fault", () => {
  assert.match(findTextFault("a\u2028b") ?? "", /U\+2028 at 1/);
  assert.match(findTextFault("\u2029") ?? "", /U\+2029 at 0/);
});

test("half of a surrogate pair is a fault, a whole one is not", () => {
  assert.match(findTextFault("a\ud83d") ?? "", /surrogate.*at 1/);
  assert.match(findTextFault("\ude00") ?? "", /surrogate.*at 0/);
  assert.match(findTextFault("\ud83d\ud83d\ude00") ?? "", /surrogate.*at 0/);
});

test("a command is its verb, in upper case, and its line as it was given", () => {
  assert.deepEqual(checkCommand("noop"), { verb: "NOOP", line: "noop" });
  assert.deepEqual(checkCommand("Xclient addr=[::1] Name"), { verb: "XCLIENT", line: "Xclient addr=[::1] Name" });
  assert.deepEqual(checkCommand("XVERB "), { verb: "XVERB", line: "XVERB " });
});

test("a command without a verb, or with more than one line, is an OptionError", () => {
  for (const command of [
    "",
    " NOOP",
    "1NOOP",
    "NO_OP",
    "nööp",
    "A".repeat(33),
    "NOOP\r\nRSET",
    "NOOP\nRSET",
    "NOOP\rRSET",
    "NOOP\u0000",
    "NOOP\tx",
    "NOOP\u0085",
    "NOOP \ud800",
    `NOOP ${"x".repeat(2048)}`,
  ]) {
    assert.throws(() => checkCommand(command), { name: "OptionError", option: "command" }, JSON.stringify(command));
  }
  assert.throws(() => checkCommand(5 as never), OptionError);
});

test("a command may be as long as servers must take, twice", () => {
  assert.equal(checkCommand(`NOOP ${"x".repeat(2043)}`).line.length, 2048);
});

test("an argument is free text, and its error is of the kind that the caller names", () => {
  assert.equal(checkArgument("Ann Example", "address", "address"), "Ann Example");
  assert.equal(checkArgument("grüße", "topic", "option"), "grüße");
  for (const text of ["", "   ", "a\r\nRSET", "x".repeat(2049), "a\u0085b", undefined as never]) {
    assert.throws(() => checkArgument(text, "address", "address"), { name: "AddressError", field: "address" });
    assert.throws(() => checkArgument(text, "topic", "option"), { name: "OptionError", option: "topic" });
  }
  assert.throws(() => checkArgument("\n", "address", "address"), AddressError);
});

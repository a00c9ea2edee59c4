import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressError, OptionError } from "../../src/errors/errors.js";
import { checkArgument, checkCommand } from "../../src/wire/command.js";

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

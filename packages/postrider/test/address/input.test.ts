import assert from "node:assert/strict";
import { test } from "node:test";
import { type AddressesInput, toAddressList } from "../../src/address/input.js";
import { parseMailbox } from "../../src/address/parser.js";

const jane = { name: "Jane", address: "jane@example.com", asciiAddress: "jane@example.com" };
const bare = { name: undefined, address: "b@example.com", asciiAddress: "b@example.com" };

test("strings, objects, groups and arrays of them", () => {
  assert.deepEqual(toAddressList("Jane <jane@example.com>, b@example.com", "to"), [jane, bare]);
  assert.deepEqual(toAddressList({ name: "Jane", address: "jane@example.com" }, "to"), [jane]);
  assert.deepEqual(toAddressList({ address: "b@example.com", name: undefined }, "to"), [bare]);
  assert.deepEqual(toAddressList({ address: "b@example.com", name: "" }, "to"), [bare]);
  assert.deepEqual(
    toAddressList({ name: "g", members: ["Jane <jane@example.com>", { address: "b@example.com" }] }, "to"),
    [{ name: "g", members: [jane, bare] }],
  );
  assert.deepEqual(toAddressList(["jane@example.com, b@example.com", { name: "g", members: [] }], "to"), [
    { ...jane, name: undefined },
    bare,
    { name: "g", members: [] },
  ]);
  assert.deepEqual(toAddressList([], "to"), []);
});

test("a name in an object is data, whatever it holds", () => {
  for (const name of ["Doe, Jane", "x <e@v.il>", "=?utf-8?q?x?=", '"quoted"', "(c)"]) {
    assert.deepEqual(toAddressList({ name, address: "jane@example.com" }, "to"), [{ ...jane, name }]);
  }
});

test("a parsed mailbox may be handed in again, unless its parts disagree", () => {
  const mailbox = parseMailbox("Jane <jane@bücher.example>");
  assert.deepEqual(toAddressList(mailbox, "to"), [mailbox]);
  assert.throws(() => toAddressList({ ...mailbox, asciiAddress: "e@v.il" } as AddressesInput, "to"), {
    name: "AddressError",
    field: "to.asciiAddress",
  });
});

test("every control character and half pair is refused, wherever it comes from", () => {
  for (let unit = 0; unit < 0x20; unit += 1) {
    for (const char of [String.fromCharCode(unit), "\u007f", "\ud800"]) {
      const inputs: [AddressesInput, string][] = [
        // TAB is white space in a list, as unfolding leaves it.
        [`a${char === "\t" ? "\n" : char}b <x@y.z>`, "to"],
        [`x${char}y@y.z`, "to"],
        [`"x${char}Bcc: e@v.il"@y.z`, "to"],
        [{ name: `a${char}b`, address: "x@y.z" }, "to.name"],
        [{ name: "a", address: `x${char}RCPT TO:<e@v.il>` }, "to.address"],
        [["x@y.z", { address: `x@y.z${char}` }], "to[1].address"],
        [{ name: `g${char}`, members: [] }, "to.name"],
        [{ name: "g", members: ["x@y.z", `x${char}x@y.z`] }, "to.members[1]"],
      ];
      for (const [input, field] of inputs) {
        assert.throws(() => toAddressList(input, "to"), { name: "AddressError", field }, JSON.stringify(input));
      }
    }
  }
});

test("an address in an object is one address alone", () => {
  for (const address of ["", "x", "<x@y.z>", "Jane <x@y.z>", "x@y.z, e@v.il", "x@y.z (c)", " x@y.z", "g:;"]) {
    assert.throws(() => toAddressList({ address }, "cc"), { name: "AddressError", field: "cc.address" }, address);
  }
});

test("wrong kinds and unknown keys are refused with their place", () => {
  const cases: [unknown, string][] = [
    [null, "to"],
    [undefined, "to"],
    [1, "to"],
    [[null], "to[0]"],
    [["a@b.c", undefined], "to[1]"],
    [[["a@b.c"]], "to[0]"],
    [{}, "to.address"],
    [{ address: 1 }, "to.address"],
    [{ address: null }, "to.address"],
    [{ address: "a@b.c", name: null }, "to.name"],
    [{ address: "a@b.c", name: 1 }, "to.name"],
    [{ address: "a@b.c", email: "x" }, "to.email"],
    [{ path: "/etc/passwd" }, "to.path"],
    [{ name: "g", members: "a@b.c" }, "to.members"],
    [{ name: "", members: [] }, "to.name"],
    [{ members: [] }, "to.name"],
    [{ name: "g", members: [], extra: 1 }, "to.extra"],
    [{ name: "g", members: [{ name: "h", members: [] }] }, "to.members[0]"],
    [{ name: "g", members: ["h:;"] }, "to.members[0]"],
    [["b@x.com", "oops"], "to[1]"],
    ["", "to"],
  ];
  for (const [input, field] of cases) {
    assert.throws(
      () => toAddressList(input as AddressesInput, "to"),
      { name: "AddressError", field },
      JSON.stringify(input),
    );
  }
});

test("the caller's objects are left as they are", () => {
  const input = Object.freeze([Object.freeze({ name: "Jane", address: "jane@example.com" })]);
  assert.deepEqual(toAddressList(input, "to"), [jane]);
});

/**
 * Loose addresses: what has one reading, and what has none.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { mailboxesOf, readAddresses } from "../src/addresses.js";
import addressparser from "../src/lib/addressparser.js";

const read = (input: unknown): string[] =>
  mailboxesOf(readAddresses(input, "to", { strict: false })).map(({ name, address }) =>
    name === undefined ? address : `${name}|${address}`,
  );

test("what has one reading is read", () => {
  const cases: readonly (readonly [unknown, readonly string[]])[] = [
    ["a@b.c", ["a@b.c"]],
    ["a@b.c,", ["a@b.c"]],
    [", ,a@b.c,,d@e.f,", ["a@b.c", "d@e.f"]],
    ["a@b.c; d@e.f", ["a@b.c", "d@e.f"]],
    ["a@b.c <a@b.c>", ["a@b.c"]],
    ["b@a.c <a@b.c>", ["b@a.c|a@b.c"]],
    ["a@b.c,\r\n d@e.f", ["a@b.c", "d@e.f"]],
    ['"Doe, Jane" <j@d.e>; x@y.z', ["Doe, Jane|j@d.e", "x@y.z"]],
    ["Team: a@b.c, d@e.f;, x@y.z", ["a@b.c", "d@e.f", "x@y.z"]],
    ["undisclosed-recipients:;", []],
    ["Dr. Who [TARDIS] <who@b.c>", ["Dr. Who [TARDIS]|who@b.c"]],
    ["Jürgen Müller <j@b.c>", ["Jürgen Müller|j@b.c"]],
    [
      [" a@b.c ", null, undefined, "", false, ["d@e.f"]],
      ["a@b.c", "d@e.f"],
    ],
    [{ name: "A\r\nB", address: " a@b.c " }, ["A B|a@b.c"]],
    [{ name: "", address: "a@b.c" }, ["a@b.c"]],
    [{ name: "Team", group: [{ address: "a@b.c" }, "d@e.f"] }, ["a@b.c", "d@e.f"]],
    ["", []],
    [undefined, []],
  ];
  for (const [input, expected] of cases) assert.deepEqual(read(input), expected, JSON.stringify(input));
});

test("what has no reading, or two, is an EENVELOPE that names the entry and the text", () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    ["a@b@c.d", /^to: "a@b@c\.d"/],
    ["good@b.c, bad", /^to: "bad"/],
    [["good@b.c", "bad"], /^to\[1\]: "bad"/],
    ["a@b.c d@e.f", /^to: "a@b\.c d@e\.f"/],
    ["a@b.c\r\nBcc: evil@x.y", /^to: /],
    ["a@b.c\nRCPT TO:<evil@x.y>", /^to: /],
    ["<a@b.c> <d@e.f>", /^to: /],
    ["Name <>", /^to: "Name <>"/],
    [{ address: "a@b.c, d@e.f" }, /^to\.address: /],
    [{ address: "a@b.c\r\nX: y" }, /^to\.address: /],
    [{ address: 5 }, /^to\.address: /],
    [{ name: 5, address: "a@b.c" }, /^to\.name: /],
    [5, /^to: must be an address/],
    [() => "a@b.c", /^to: must be an address/],
  ];
  for (const [input, message] of cases) {
    assert.throws(() => read(input), { code: "EENVELOPE", message }, JSON.stringify(input));
  }
});

test("strict reading takes what postrider takes, and nothing else", () => {
  for (const input of ["a@b.c,", "a@b.c; d@e.f", { address: " a@b.c" }]) {
    assert.throws(() => readAddresses(input, "to", { strict: true }), { code: "EENVELOPE" });
  }
});

test("lib/addressparser gives objects, and empties the address of what is none", () => {
  assert.deepEqual(addressparser("Ann <a@b.c>, plain@d.e"), [
    { name: "Ann", address: "a@b.c" },
    { name: "", address: "plain@d.e" },
  ]);
  assert.deepEqual(addressparser("Team: a@b.c, d@e.f;"), [
    {
      name: "Team",
      group: [
        { address: "a@b.c", name: "" },
        { address: "d@e.f", name: "" },
      ],
    },
  ]);
  assert.deepEqual(
    addressparser("Team: a@b.c, d@e.f;", { flatten: true }).map(({ address }) => address),
    ["a@b.c", "d@e.f"],
  );
  assert.deepEqual(addressparser("nobody"), [{ address: "", name: "nobody" }]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAddress, formatAddressList } from "../../src/address/format.js";
import type { Mailbox } from "../../src/address/mailbox.js";
import { parseAddressList } from "../../src/address/parser.js";
import { fc } from "../support/property.js";
import { addressLists } from "./arbitrary-addresses.js";

const named = (name: string | undefined, address = "a@b.c"): Mailbox => ({ name, address, asciiAddress: address });

test("a name is quoted only where it must be", () => {
  const cases: [string | undefined, string][] = [
    [undefined, "a@b.c"],
    ["", "a@b.c"],
    ["Jane Doe", "Jane Doe <a@b.c>"],
    ["Jürgen", "Jürgen <a@b.c>"],
    ["Doe, Jane", '"Doe, Jane" <a@b.c>'],
    ["J. Doe", '"J. Doe" <a@b.c>'],
    ['a"b\\c', '"a\\"b\\\\c" <a@b.c>'],
    ["a  b", '"a  b" <a@b.c>'],
    [" a ", '" a " <a@b.c>'],
    ["=?utf-8?q?x?=", '"=?utf-8?q?x?=" <a@b.c>'],
    ["e@v.il", '"e@v.il" <a@b.c>'],
  ];
  for (const [name, text] of cases) assert.equal(formatAddress(named(name)), text);
});

test("groups and lists", () => {
  const list = [
    named("Jane"),
    { name: "The, team", members: [named(undefined), named("K", "k@x.y")] },
    { name: "none", members: [] },
  ];
  assert.equal(formatAddressList(list), 'Jane <a@b.c>, "The, team": a@b.c, K <k@x.y>;, none:;');
});

test("what could not be parsed back is refused", () => {
  for (const bad of [
    named("a\r\nBcc: e@v.il"),
    named("a\u0000"),
    named("\ud800"),
    named(undefined, "x\r\ny@b.c"),
    named("x", "a@b, c@d"),
  ]) {
    assert.throws(() => formatAddress(bad), { name: "AddressError" });
  }
  assert.throws(() => formatAddressList([{ name: "", members: [] }]), {
    name: "AddressError",
    message: /needs a name/,
  });
  assert.throws(() => formatAddressList([{ name: "a\n", members: [] }]), { name: "AddressError" });
});

test("a group is formatted with its members, each of which is checked", () => {
  const [team] = parseAddressList('"Team, all": "Doe, Jane" <jane@example.com>, bob@example.com;');
  assert.ok(team !== undefined);
  assert.equal(formatAddress(team), '"Team, all": "Doe, Jane" <jane@example.com>, bob@example.com;');
  assert.equal(formatAddress({ name: "nobody", members: [] }), "nobody:;");
  const member = { name: undefined, address: "a@b.c, d@e.f", asciiAddress: undefined };
  assert.throws(() => formatAddress({ name: "Team", members: [member] }), { name: "AddressError" });
  assert.throws(() => formatAddress({ name: "", members: [] }), { name: "AddressError", message: /needs a name/ });
});

test("property: a formatted list parses to the same list", () => {
  fc.assert(fc.property(addressLists(), (list) => assert.deepEqual(parseAddressList(formatAddressList(list)), list)));
});

test("property: whatever parses is stable once it is formatted", () => {
  const text = fc.string({ unit: fc.constantFrom(...'ab@.,;:<>()"\\ é'), maxLength: 30 });
  fc.assert(
    fc.property(text, (input) => {
      let list: ReturnType<typeof parseAddressList>;
      try {
        list = parseAddressList(input);
      } catch (error) {
        assert.equal((error as Error).name, "AddressError");
        return;
      }
      assert.deepEqual(parseAddressList(formatAddressList(list)), list);
    }),
    { numRuns: 3000 },
  );
});

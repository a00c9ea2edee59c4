import assert from "node:assert/strict";
import { test } from "node:test";
import { mailboxKey, pathAddress } from "../../src/address/mailbox.js";
import { parseBareAddress } from "../../src/address/parser.js";
import { AddressError } from "../../src/errors/errors.js";

function refusal(address: unknown): AddressError {
  try {
    parseBareAddress(address as string, "to");
  } catch (error) {
    assert.ok(error instanceof AddressError);
    assert.equal(error.field, "to");
    return error;
  }
  assert.fail(`${JSON.stringify(address)} should be refused`);
}

const key = (address: string): string => mailboxKey(parseBareAddress(address, "to"));

test("ASCII addresses come back as they are", () => {
  for (const address of [
    "ann@example.org",
    "Ann.B+tag@Example.ORG",
    "!#$%&'*+/=?^_`{|}~-@example.org",
    "a@b",
    "a@localhost",
    "a@4.example",
    "a@mail_server.example",
    "a@XN--BCHER-KVA.example",
    '"ann b"@example.org',
    '"a@b.com x"@internal.domain',
    '"a\\"b\\\\c"@example.org',
    '"toni> ORCPT=admin@admin.com"@example.com',
    '""@example.org',
    "a@[127.0.0.1]",
    "a@[255.255.255.255]",
    "a@[IPv6:::1]",
    "a@[ipv6:2001:db8::1]",
    "a@[IPv6:::ffff:1.2.3.4]",
    `${"l".repeat(100)}@example.org`,
  ]) {
    assert.deepEqual(parseBareAddress(address, "to"), { name: undefined, address, asciiAddress: address }, address);
  }
});

test("a domain in another script has one ASCII form", () => {
  for (const [address, ascii] of [
    ["a@bücher.example", "a@xn--bcher-kva.example"],
    ["a@ex\u00adample.com", "a@example.com"],
    ["a@b\u3002com", "a@b.com"],
    ['"a b"@bücher.example', '"a b"@xn--bcher-kva.example'],
  ] as const) {
    assert.equal(parseBareAddress(address, "to").asciiAddress, ascii, address);
  }
});

test("a local part in another script has no ASCII form", () => {
  for (const address of ["grüße@example.org", "用户@例え.テスト", '"grüße x"@example.org', "\u{1f600}@example.org"]) {
    assert.deepEqual(parseBareAddress(address, "to"), { name: undefined, address, asciiAddress: undefined });
  }
});

test("code points that truncate to CR or LF stay what they are", () => {
  assert.equal(parseBareAddress("\u760d\u760a@example.org", "to").address, "\u760d\u760a@example.org");
  assert.equal(parseBareAddress("\u010d\u010a@example.org", "to").asciiAddress, undefined);
});

test("what is no mailbox is an AddressError that names the field", () => {
  for (const address of [
    "",
    "a",
    "@",
    "@b.com",
    "a@",
    "a b@c.com",
    " a@c.com",
    "a@c.com ",
    ".a@c.com",
    "a.@c.com",
    "a..b@c.com",
    "a@b@c.com",
    "a@b.com@c.com",
    "<a@c.com>",
    "a@c.com>",
    "a@c.com> SIZE=1",
    "Foo <a@c.com>",
    "a,b@c.com",
    "a(x)@c.com",
    "user@evil.com(good.com",
    "user@good.com(@evil.com)",
    "a:b@c.com",
    "a;b@c.com",
    "a\\b@c.com",
    "[a]@c.com",
    '"a@c.com',
    'a"@c.com',
    '"a"b"@c.com',
    '"a\\"@c.com',
    "a@b..com",
    "a@.com",
    "a@b.com.",
    "a@-b.com",
    "a@b-.com",
    "a@b c.com",
    "a@b/c.com",
    "a@b:25",
    "a@xn--a.de",
    "a@XN--A.de",
    "a@Xn--a.de",
    "a@[1.2.3]",
    "a@[1.2.3.4.5]",
    "a@[1.2.3.256]",
    "a@[1.2.3.4",
    "a@1.2.3.4]",
    "a@[::1]",
    "a@[IPv6:::g]",
    "a@[IPv6:1.2.3.4]",
    "a@[IPv6:::1]]",
    "a@[X-tag:abc]",
    "a\u00a0b@c.com",
    "a\u2028b@c.com",
    "a\ufeff@c.com",
    "\ud800@c.com",
    "a@\ud800.com",
    "@a:b@c.com",
  ]) {
    refusal(address);
  }
  for (const address of [undefined, null, 5, {}, ["a@b.com"]])
    assert.match(refusal(address).message, /must be a string/);
});

test("every control character is refused, wherever it stands", () => {
  const controls = [...Array(0x20).keys(), ...Array.from({ length: 0x21 }, (_, index) => 0x7f + index)];
  for (const code of controls) {
    const control = String.fromCharCode(code);
    for (const address of [
      `a${control}b@c.com`,
      `"a${control}b"@c.com`,
      `"a\\${control}b"@c.com`,
      `a@b${control}.com`,
    ]) {
      assert.match(refusal(address).message, /control characters/, JSON.stringify(address));
    }
  }
  for (const address of ["x\r\nRSET@e.f", '"a\r\nb"@e.com', "x\r\nRCPT TO:<e@v.il>", "a@b.com\n"]) refusal(address);
});

test("an error says where the address stops making sense", () => {
  assert.equal(refusal("a..b@c.com").position, 2);
  assert.equal(refusal("@c.com").position, 0);
  assert.equal(refusal("ann@b..com").position, 4);
});

test("an address has at most 254 bytes, in UTF-8 and in ASCII form", () => {
  const domain = `${"d".repeat(60)}.${"d".repeat(60)}.example`;
  const longest = `${"l".repeat(253 - domain.length)}@${domain}`;
  assert.equal(longest.length, 254);
  assert.equal(parseBareAddress(longest, "to").address, longest);
  assert.match(refusal(`l${longest}`).message, /254 bytes/);
  assert.match(refusal(`${"ü".repeat(130)}@c.com`).message, /254 bytes/);
  assert.match(refusal(`${"l".repeat(230)}@bücher-bücher.example`).message, /254 bytes/);
});

test("a huge address is refused in linear time, with a short message", () => {
  const size = 1_000_000;
  for (const address of [
    "a".repeat(size),
    `${"a".repeat(size)}@b.com`,
    `a@${"b.".repeat(size)}com`,
    `a@${"é".repeat(size)}`,
    `${"a.".repeat(size)}`,
    `"${"\\".repeat(size)}@b.com`,
    `${"@".repeat(size)}`,
    `${"a".repeat(size)}\r\n`,
  ]) {
    assert.ok(refusal(address).message.length < 1000);
  }
});

test("two spellings of one mailbox have the same key, two mailboxes have not", () => {
  assert.equal(key("ann@Example.ORG"), key("ann@example.org"));
  assert.equal(key("ann@BÜCHER.example"), key("ann@xn--bcher-kva.example"));
  assert.equal(key("grüße@Bücher.example"), key("grüße@XN--bcher-kva.example"));
  assert.equal(key("grüße@EXAMPLE.org"), key("grüße@example.org"));
  assert.notEqual(key("Ann@example.org"), key("ann@example.org"));
  assert.equal(key('"ann"@example.org'), key("ann@example.org"));
  assert.equal(key('"a"."b"@c.com'), key("a.b@c.com"));
  assert.notEqual(key('"ann b"@example.org'), key("annb@example.org"));
});

test("the path in a command is the ASCII form, unless the local part needs UTF-8", () => {
  const path = (address: string): string => pathAddress(parseBareAddress(address, "to"));
  assert.equal(path("a@bücher.example"), "a@xn--bcher-kva.example");
  assert.equal(path("a@ex\u00adample.com"), "a@example.com");
  assert.equal(path("ü@bücher.example"), "ü@bücher.example");
  assert.equal(path("ü@Example.org"), "ü@Example.org");
  assert.equal(path("ü@[127.0.0.1]"), "ü@[127.0.0.1]");
});

test("a domain that readers may map in their own ways goes out in ASCII beside any local part", () => {
  const path = (address: string): string => pathAddress(parseBareAddress(address, "to"));
  assert.equal(path("ü@ex\u00adample.com"), "ü@example.com");
  assert.equal(path("ü@b\u3002com"), "ü@b.com");
  assert.equal(path("ü@\uff45xample.com"), "ü@example.com");
});

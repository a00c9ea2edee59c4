import assert from "node:assert/strict";
import { isIPv4 as nodeIsIpv4, isIPv6 as nodeIsIpv6 } from "node:net";
import { test } from "node:test";
import { isIpv4, isIpv6, isZonedIpv6 } from "../../src/address/domain.js";
import type { Rule } from "../../src/options/rules.js";
import { hostname, ipAddress, localHostname } from "../../src/options/target.js";
import { fc } from "../support/property.js";
import { refusal } from "./refusal.js";

const takes = (rule: Rule<string>, ...values: string[]): void => {
  for (const value of values) assert.equal(rule(value, "x"), value);
};
const refuses = (rule: Rule<string>, ...values: unknown[]): void => {
  for (const value of values) refusal("x", () => rule(value, "x"));
};

const NEVER: readonly unknown[] = [
  "",
  " ",
  "a b",
  " a",
  "a ",
  "a\r\nb",
  "a\rb",
  "a\nb",
  "a\0b",
  "a\tb",
  "a\x7fb",
  "a\u0085b",
  "h\r\nMAIL FROM:<a@b>",
  "a..b",
  ".a",
  "-a.example",
  "a-.example",
  "a/b",
  "a@b",
  "a:25",
  "a,b",
  "a%b",
  "http://a",
  "\ud800",
  "a\u00a0b",
  `${"a".repeat(64)}.example`,
  "x".repeat(1000),
  `${"a.".repeat(127)}a`,
  1,
  true,
  {},
];

test("a host is a name or an address, as given", () => {
  takes(
    hostname,
    "localhost",
    "Mail.Example.com",
    "mail_server",
    "a.example.",
    "127.0.0.1",
    "::1",
    "2001:DB8::1",
    "fe80::1%eth0",
    "xn--bcher-kva.example",
  );
});

test("a name in another script becomes A-labels", () => {
  assert.equal(hostname("b\u00fccher.example", "x"), "xn--bcher-kva.example");
  assert.equal(hostname("b\u00fccher\u3002example", "x"), "xn--bcher-kva.example");
});

test("no host is a port, a path, a space, a control, or half an address", () => {
  refuses(
    hostname,
    ...NEVER,
    "[::1]",
    "127.1",
    "256.1.1.1",
    "1.2.3",
    "0x7f.1",
    "a.example..",
    ".",
    "127.0.0.1.",
    "fe80::1%",
    "1::2::3",
  );
});

test("an EHLO name is a domain or an address literal", () => {
  takes(
    localHostname,
    "client.example",
    "laptop",
    "[127.0.0.1]",
    "[IPv6:::1]",
    "[IPv6:2001:db8::1]",
    "[ipv6:::ffff:192.0.2.1]",
  );
  assert.equal(localHostname("b\u00fccher.example", "x"), "xn--bcher-kva.example");
});

test("no EHLO name is anything else", () => {
  refuses(
    localHostname,
    ...NEVER,
    ...[
      "127.0.0.1",
      "::1",
      "[::1]",
      "[IPv6:fe80::1%eth0]",
      "[127.1]",
      "[]",
      "[x:y]",
      "[127.0.0.1",
      "my_host",
      "a.example.",
      "1.2.3",
    ],
  );
});

test("a letter whose low byte is CR or LF stays the letter it is", () => {
  assert.match(localHostname("\u010d.example", "x"), /^xn--/);
  for (const name of ["\u760d.example", "\u760a.example"]) assert.match(localHostname(name, "x"), /^xn--[\x21-\x7e]+$/);
});

test("a local address is an address", () => {
  takes(ipAddress, "127.0.0.2", "::1", "fe80::1%eth0");
  refuses(ipAddress, "", "localhost", "[::1]", "127.0.0.1/8", "127.1", 1);
});

test("addresses are what Node takes for addresses", () => {
  const listed = [
    "1.2.3.4",
    "01.2.3.4",
    "1.2.3",
    "1.2.3.4.",
    "::",
    "1::",
    "::1",
    ":::",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::",
    "1:2:3:4:5:6:7:8:9",
  ];
  const more = [
    "::1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:1.2.3.4",
    "::1.2.3.4",
    "1.2.3.4::",
    "1:2:3:4:5:6:7:1.2.3.4",
    "12345::",
    "g::",
    ":1",
    "1:",
    "::1::",
  ];
  for (const text of [...listed, ...more, "2001:db8:0:0:0:0:0:1", "::ffff:1.2.3.256", ""]) {
    assert.equal(isIpv4(text), nodeIsIpv4(text), text);
    assert.equal(isIpv6(text), nodeIsIpv6(text), text);
  }
  const piece = fc.constantFrom("0", "1", "ffff", "12345", "g", ":", "::", ".", "255", "256", "1.2.3.4");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 16 }), (pieces) => {
      const text = pieces.join("");
      assert.equal(isIpv4(text), nodeIsIpv4(text), text);
      assert.equal(isIpv6(text), nodeIsIpv6(text), text);
    }),
    { numRuns: 2000 },
  );
  fc.assert(fc.property(fc.ipV6(), (text) => assert.ok(isIpv6(text))));
  fc.assert(fc.property(fc.ipV4(), (text) => assert.ok(isIpv4(text))));
  assert.ok(isZonedIpv6("fe80::1%2") && !isZonedIpv6("fe80::1") && !isZonedIpv6("x%eth0") && !isZonedIpv6("::1%a b"));
});

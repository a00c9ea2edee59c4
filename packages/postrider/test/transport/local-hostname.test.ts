import assert from "node:assert/strict";
import { test } from "node:test";
import { localHostname, machineHostname } from "../../src/transport/node/tcp.js";

test("a machine with a domain name greets with it", () => {
  assert.equal(localHostname("192.0.2.1", "mail.example.com"), "mail.example.com");
  assert.equal(localHostname("192.0.2.1", "a-1.b2.XN--P1AI"), "a-1.b2.XN--P1AI");
});

test("a name that is no domain gives way to the address literal of the connection", () => {
  const labels = "a".repeat(63);
  const names = [
    "laptop",
    "",
    "my_laptop.lan",
    "-a.example",
    "a-.example",
    "a..b",
    "a.b.",
    ".a.b",
    "host.12",
    "192.0.2.9",
    "mail.example.com\r\nMAIL FROM:<a@b>",
    "mail.example.com x",
    "b\u00fccher.example",
    `${labels}a.example`,
    `${labels}.${labels}.${labels}.${labels}.example`,
  ];
  for (const name of names) assert.equal(localHostname("192.0.2.1", name), "[192.0.2.1]", JSON.stringify(name));
});

test("address literals have the form of RFC 5321", () => {
  assert.equal(localHostname("2001:db8::1", "x"), "[IPv6:2001:db8::1]");
  assert.equal(localHostname("fe80::1%eth0", "x"), "[IPv6:fe80::1]");
  assert.equal(localHostname("::ffff:192.0.2.1", "x"), "[192.0.2.1]");
  assert.equal(localHostname(undefined, "x"), "[127.0.0.1]");
  assert.equal(localHostname("no address", "x"), "[127.0.0.1]");
});

test("a long name is judged in linear time", () => {
  assert.equal(localHostname(undefined, `${"a.".repeat(500_000)}!`), "[127.0.0.1]");
});

test("where the runtime denies the machine's name, the address is enough", () => {
  const denied = (): string => {
    throw new Error('Requires sys access to "hostname", run again with the --allow-sys flag');
  };
  assert.equal(localHostname("192.0.2.1", machineHostname(denied)), "[192.0.2.1]");
  assert.equal(
    machineHostname(() => "mail.example.com"),
    "mail.example.com",
  );
});

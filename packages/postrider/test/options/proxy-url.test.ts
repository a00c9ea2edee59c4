import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { connectionOptions } from "../../src/options/connection-options.js";
import type { ProxyServer } from "../../src/options/target.js";
import { refused } from "./refusal.js";

const HOST = { hostname: "mail.example.com" };
const SECRET = "s3cret-word";

function proxyOf(proxy: unknown): ProxyServer | undefined {
  const { target } = connectionOptions({ ...HOST, proxy } as never);
  return target.kind === "tcp" ? target.proxy : undefined;
}

test("scheme, host, port and credentials are read", () => {
  const proxy = proxyOf("http://joe:p%40ss%3A@proxy.example.com:3128");
  assert.deepEqual({ ...proxy }, { scheme: "http", hostname: "proxy.example.com", port: 3128 });
  assert.deepEqual(proxy?.credentials, { username: "joe", password: "p@ss:" });
  assert.equal(proxyOf("http://proxy.example.com")?.credentials, undefined);
});

test("a URL object means the same", () => {
  assert.deepEqual({ ...proxyOf(new URL("socks5://[::1]:1080")) }, { scheme: "socks5", hostname: "::1", port: 1080 });
  assert.deepEqual(
    { ...proxyOf(new URL("HTTP://Proxy.example.com:80/")) },
    { scheme: "http", hostname: "proxy.example.com", port: 80 },
  );
});

test("each scheme has its port", () => {
  const ports = ["http", "https", "socks5", "socks5h", "socks4", "socks4a"].map(
    (scheme) => proxyOf(`${scheme}://p`)?.port,
  );
  assert.deepEqual(ports, [80, 443, 1080, 1080, 1080, 1080]);
  assert.equal(proxyOf("http://p:80")?.port, 80);
});

test("a name in another script becomes its A-labels", () => {
  assert.equal(proxyOf("http://bücher.example:8080")?.hostname, "xn--bcher-kva.example");
});

test("what is no proxy is refused with the rule", () => {
  for (const [proxy, rule] of [
    ["", /must start with http:\/\//],
    ["proxy.example.com:3128", /must start with http:\/\//],
    ["ftp://proxy.example.com", /must start with/],
    ["sock5://proxy.example.com", /did you mean socks5/],
    ["http:proxy.example.com", /must name a host|path/],
    ["http://", /host|valid URL/],
    ["http://proxy.example.com/path", /path/],
    ["http://proxy.example.com/?x=y", /query/],
    ["http://proxy.example.com/#x", /fragment/],
    ["http://proxy.example.com:0", /65535/],
    ["http://proxy.example.com:70000", /valid URL/],
    ["http://0x7f.1:3128", /IP address/],
    ["http://a b:3128", /spaces/],
    ["http://proxy\r\nX: y:3128", /control/],
    ["http://exa\u00ad\u3002..mple:3128", /host name/],
    ["http://:pw@proxy.example.com", /user name/],
    ["http://a%3Ab:pw@proxy.example.com", /colon/],
    ["http://a:p%0d%0aX@proxy.example.com", /control/],
    ["http://a:p%E9@proxy.example.com", /percent-encoded/],
    ["socks5://joe@proxy.example.com", /password after/],
    [`socks5://joe:${"x".repeat(256)}@proxy.example.com`, /255 bytes/],
    ["socks4://joe:pw@proxy.example.com", /SOCKS 4/],
    [42, /string or a URL/],
    [{}, /string or a URL/],
    [null, /null/],
  ] as const) {
    refused("proxy", { ...HOST, proxy }, rule);
  }
});

test("a proxy does not go with another way to the server", () => {
  const proxy = "http://proxy.example.com:3128";
  refused("proxy", { proxy, socketPath: "/run/smtp.sock" }, /socketPath/);
  refused("proxy", { proxy, socket: () => undefined }, /socket/);
  refused("localAddress", { ...HOST, proxy, localAddress: "127.0.0.2" }, /proxy/);
  refused("hostname", { proxy, hostname: "fe80::1%eth0" }, /interface/);
  refused("hostname", { proxy: "socks4://p", hostname: "2001:db8::1" }, /IPv6.*SOCKS 4/);
});

test("it has no place in the url", () => {
  refused("url", { url: "smtp://mail.example.com?proxy=http://p" }, /no parameter proxy/);
});

test("the authorities of tls are trusted for an https proxy, and nothing else of it is taken", () => {
  const tls = { ca: "-----BEGIN CERTIFICATE-----", rejectUnauthorized: false, key: SECRET };
  const { target } = connectionOptions({ ...HOST, proxy: "https://joe:pw@p", tls });
  assert.ok(target.kind === "tcp");
  assert.equal(target.proxy?.ca, tls.ca);
  assert.equal(target.proxy?.credentials?.username, "joe");
  assert.deepEqual({ ...target.proxy }, { scheme: "https", hostname: "p", port: 443 });
});

test("no error and no print shows the password", () => {
  for (const proxy of [
    `http://:${SECRET}@p`,
    `ftp://joe:${SECRET}@p`,
    `http://joe:${SECRET}@p:99999`,
    `socks4://j:${SECRET}@p`,
  ]) {
    assert.doesNotMatch(inspect(refused("proxy", { ...HOST, proxy }), { depth: 10 }), new RegExp(SECRET));
  }
  const resolved = connectionOptions({ ...HOST, proxy: `https://joe:${SECRET}@p`, tls: { ca: "x" } });
  assert.doesNotMatch(inspect(resolved, { depth: 10 }) + JSON.stringify(resolved), new RegExp(SECRET));
  assert.match(JSON.stringify(resolved), /"proxy":\{"scheme":"https","hostname":"p","port":443\}/);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectionOptions } from "../../src/options/connection-options.js";
import { connectionOptions, type ResolvedConnectionOptions } from "../../src/options/connection-options.js";
import { refused } from "./refusal.js";

const resolve = (url: string | URL, options: ConnectionOptions = {}): ResolvedConnectionOptions =>
  connectionOptions({ url, ...options });

function place({ target }: ResolvedConnectionOptions): string | undefined {
  return target.kind === "tcp" ? `${target.hostname} ${target.port}` : undefined;
}

test("scheme, host and port", () => {
  assert.equal(place(resolve("smtp://mx.example")), "mx.example 25");
  assert.equal(place(resolve("smtp://mx.example:2525/")), "mx.example 2525");
  assert.equal(place(resolve("smtps://mx.example")), "mx.example 465");
  assert.equal(resolve("smtps://mx.example").tlsMode, "implicit");
  assert.equal(resolve("smtps://mx.example:2465").tlsMode, "implicit");
  assert.equal(resolve("smtp://mx.example:465").tlsMode, "implicit");
  assert.equal(place(resolve("SMTP://Mx.Example")), "Mx.Example 25");
  assert.equal(resolve("lmtp://mx.example:24").protocol, "lmtp");
  assert.equal(place(resolve(new URL("smtp://mx.example:26"))), "mx.example 26");
});

test("hosts of every kind", () => {
  assert.equal(place(resolve("smtp://[::1]:2525")), "::1 2525");
  assert.equal(place(resolve("smtp://127.0.0.1")), "127.0.0.1 25");
  assert.equal(place(resolve("smtp://b\u00fccher.example")), "xn--bcher-kva.example 25");
});

test("user and password are percent-decoded", async () => {
  const { credentials } = resolve("smtps://a%40b.example:p%3A%2F%3F%23%25%C3%A4@mx.example");
  assert.equal(credentials?.username, "a@b.example");
  assert.equal((await credentials?.reveal())?.password, "p:/?#%\u00e4");
});

test("options after the question mark", () => {
  const resolved = resolve(
    "smtp://u:p@mx.example?startTls=true&timeout=5000&deliveryTimeout=7000&allowPlaintextAuth=true&localHostname=c.example&localAddress=127.0.0.2&authMethods=plain,LOGIN",
  );
  assert.equal(resolved.tlsMode, "starttls-required");
  assert.equal(place(resolved), "mx.example 587");
  assert.equal(resolved.timeouts.command, 5000);
  assert.equal(resolved.timeouts.greeting, 5000);
  assert.equal(resolved.deliveryTimeout, 7000);
  assert.equal(resolved.allowPlaintextAuth, true);
  assert.equal(resolved.localHostname, "c.example");
  assert.deepEqual(resolved.authMethods, ["PLAIN", "LOGIN"]);
  assert.equal(resolve("smtp://mx.example?useTls=true").tlsMode, "implicit");
});

test("an option beside the url completes it, and may say the same", () => {
  const resolved = resolve("smtp://u@mx.example:587", { password: "p", port: 587, startTls: true });
  assert.equal(resolved.credentials?.kind, "password");
  assert.equal(resolve("smtp://u:p@h.example?authMethods=PLAIN", { authMethods: ["plain"] }).authMethods?.length, 1);
});

test("an option that contradicts the url is an error", () => {
  refused("port", { url: "smtp://mx.example:587", port: 25 }, /contradicts the url/);
  refused("hostname", { url: "smtp://mx.example", hostname: "other.example" });
  refused("password", { url: "smtp://u:p@mx.example", password: "q" });
  refused("useTls", { url: "smtps://mx.example", useTls: false });
  refused("protocol", { url: "smtp://mx.example", protocol: "lmtp" });
  refused("url", { url: "smtps://mx.example?useTls=false" }, /useTls/);
  refused("startTls", { url: "smtps://mx.example?startTls=true" });
  refused("port", { url: "smtp://mx.example:25", socketPath: "/run/smtp" });
});

test("what is no such URL is refused", () => {
  const wrong = [
    "",
    "mx.example",
    "mx.example:25",
    "http://mx.example",
    "smtp:mx.example",
    "smtp://",
    "smtp:///x",
    "smtp://mx.example/path",
    "smtp://mx.example#x",
    "smtp://mx.example:99999",
    "smtp://mx.example:x",
    "smtp://[::1",
    "smtp://u:%zz@mx.example",
    "smtp://u:%ff@mx.example",
    " smtp://mx.example",
    "smtp://mx.exa\nmple",
    "smtp://mx.example\0",
    "smtp://mx example",
    "smtp://mx.example?nonsense=1",
    "smtp://mx.example?timeout=1&timeout=2",
    "smtp://mx.example?password=x",
  ];
  for (const url of wrong) refused("url", { url });
  refused("url", { url: new URL("https://mx.example") }, /smtp:\/\//);
});

test("a url that parsers read in different ways is refused", () => {
  refused("url", { url: "smtp://good.example@evil.example:x@mx.example" }, /second @.*percent-encode/);
  refused("url", { url: "smtp://u:p@ss@mx.example" }, /second @/);
  refused("url", { url: "smtp://good.example\\@evil.example" }, /backslash/);
  refused("url", { url: "smtp:\\\\mx.example" }, /backslash/);
  assert.equal(place(resolve("smtps://u:p%40ss%5C@mx.example")), "mx.example 465");
});

test("a parameter that is near a known one says which", () => {
  refused("url", { url: "smtp://mx.example?starttls=true" }, /did you mean startTls\?/);
});

test("values in a url are checked like the options they stand for", () => {
  refused("port", { url: "smtp://mx.example:0" });
  refused("startTls", { url: "smtp://mx.example?startTls=maybe" }, /true or false/);
  refused("timeout", { url: "smtp://mx.example?timeout=-1" });
  refused("timeout", { url: "smtp://mx.example?timeout=" });
  refused("timeout", { url: "smtp://mx.example?timeout=1e3" });
  refused("hostname", { url: "smtp://mx.exa%0d%0ample" });
  refused("hostname", { url: "smtp://1.2.3" });
  refused("username", { url: "smtp://u%00:p@mx.example" });
  refused("username", { url: "smtp://:p@mx.example" }, /password/);
  refused("username", { url: "smtp://u@mx.example" }, /needs password/);
  refused("port", { url: "lmtp://mx.example" });
  refused("authMethods[0]", { url: "smtp://u:p@mx.example?authMethods=" });
});

test("no error about a url shows what could be a piece of the password", () => {
  const urls = [
    "smtp://u:hunter2#x@mx.example",
    "smtp://u:25/hunter2@mx.example",
    "smtp://u:25?hunter2@mx.example",
    "smtp://u:hunter2@mx.example:x",
    "http://u:hunter2@mx.example",
    "smtp://u:hunter2%zz@mx.example",
    "smtp://u:hunter2@mx.exa_ mple",
    "smtp://u:hunter2%0a@mx.example",
    "smtp://u:hunter2@",
    "smtp://u:hunter2@[::1",
    "smtp://u:hunter2?x=y@mx.example",
  ];
  for (const url of urls) {
    assert.throws(
      () => connectionOptions({ url }),
      (error) => {
        assert.ok(error instanceof Error);
        const shown = `${error.message}${JSON.stringify(error)}${String(error.cause)}${JSON.stringify(error.cause ?? null)}`;
        assert.ok(!shown.includes("hunter2"), shown);
        return error.name === "OptionError";
      },
      url,
    );
  }
});

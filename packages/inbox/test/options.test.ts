import assert from "node:assert/strict";
import { test } from "node:test";
import { InboxOptionError } from "../src/errors.js";
import { startInbox } from "../src/inbox.js";
import { checkOptions, type InboxOptions } from "../src/options.js";

test("the defaults", () => {
  const settings = checkOptions({ socketPath: undefined });
  assert.equal(settings.smtpPort, 1025);
  assert.equal(settings.webPort, 8025);
  assert.equal(settings.pop3Port, undefined);
  assert.equal(settings.host, "127.0.0.1");
  assert.equal(settings.maxMessages, 1000);
  assert.equal(settings.maxBytes, 256 * 1024 * 1024);
  assert.equal(settings.maxMessageBytes, 64 * 1024 * 1024);
});

test("a message may not be larger than the store", () => {
  assert.equal(checkOptions({ maxBytes: 1000 }).maxMessageBytes, 1000);
});

const BAD: readonly (readonly [option: string, values: readonly unknown[]])[] = [
  ["smtpPort", [-1, 65_536, 1.5, "25", null, Number.NaN, false]],
  ["webPort", [-1, true, "8025", null]],
  ["pop3Port", [-1, 65_536, 1.5, "110", true, false, null]],
  ["host", ["0.0.0.0", "::", "192.168.1.2", "example.com", "127.0.0.1.example.com", "", 7]],
  ["password", ["", 7, null]],
  ["allowedHosts", ["inbox", [""], ["http://inbox"], ["inbox:80"], [7]]],
  [
    "release",
    [
      "me@example.com",
      { to: "me@example.com" },
      { to: "me", server: "smtp://mail" },
      { to: "a@example.com, b@example.com", server: "smtp://mail" },
      { to: "me@example.com", server: "http://mail" },
      null,
    ],
  ],
  ["webhook", ["hook", "ftp://hook", "http://", 7, null]],
  [
    "spamFilter",
    [
      "127.0.0.1:11333",
      "rspamd://127.0.0.1",
      "spamd://",
      "spamd:127.0.0.1:783",
      "spamd://127.0.0.1:0",
      "http://127.0.0.1:99999",
      "http://127.0.0.1:11333/checkv2",
      "http://user:secret@127.0.0.1:11333",
      "http://127.0.0.1:11333?a=b",
      "http://127.0.0.1:11333\r\n",
      "",
      7,
      null,
    ],
  ],
  ["auth", ["all", {}, { username: "a" }, { username: "", password: "b" }, null]],
  [
    "tls",
    [
      true,
      {},
      { key: "k", cert: "c" },
      { key: "k", cert: "c", mode: "always" },
      { key: "", cert: "c", mode: "implicit" },
    ],
  ],
  ["socketPath", ["", 5]],
  ["maxMessages", [0, -1, 1.5, Number.POSITIVE_INFINITY]],
  ["maxBytes", [0, "1"]],
  ["maxMessageBytes", [0, null]],
  ["smtpport", [1025]],
  ["constructor", [1]],
];

for (const [option, values] of BAD) {
  test(`a bad ${option} is an error that names it`, () => {
    for (const value of values) {
      assert.throws(
        () => checkOptions({ [option]: value } as InboxOptions),
        (error) =>
          error instanceof InboxOptionError &&
          error.code === "option" &&
          error.option === option &&
          error.message.startsWith(`${option}: `),
        String(value),
      );
    }
  });
}

test("another host than loopback needs a password, which SMTP then asks for too", () => {
  assert.throws(() => checkOptions({ host: "0.0.0.0", auth: "any" }), /set a password/);
  const settings = checkOptions({ host: "0.0.0.0", password: "secret" });
  assert.equal(settings.host, "0.0.0.0");
  assert.deepEqual(settings.auth, { username: undefined, password: "secret" });
  const own = { username: "ann", password: "other" };
  assert.deepEqual(checkOptions({ password: "secret", auth: own }).auth, own);
  assert.throws(() => checkOptions({ password: "secret", auth: "any" }), /would bypass the password/);
});

test("loopback hosts are taken", () => {
  for (const host of ["127.0.0.1", "127.8.9.10", "::1", "localhost"]) assert.equal(checkOptions({ host }).host, host);
});

test("a spam filter is Rspamd or spamd, by host and port", () => {
  for (const spamFilter of ["http://127.0.0.1:11333", "https://rspamd.example/", "spamd://[::1]:783", "spamd://mail"])
    assert.equal(checkOptions({ spamFilter }).spamFilter, spamFilter);
});

test("a key that is none is an error that names tls", async () => {
  const tls = { key: "no key", cert: "no certificate", mode: "implicit" } as const;
  await assert.rejects(
    startInbox({ smtpPort: 0, webPort: false, tls }),
    (error) => error instanceof InboxOptionError && error.option === "tls",
  );
});

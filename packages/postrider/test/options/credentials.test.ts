import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { OptionError } from "../../src/errors/errors.js";
import type { ConnectionOptions } from "../../src/options/connection-options.js";
import { connectionOptions } from "../../src/options/connection-options.js";
import type { Credentials } from "../../src/options/credentials.js";
import { refused } from "./refusal.js";

function credentials(options: ConnectionOptions): Credentials {
  const { credentials: resolved } = connectionOptions(options);
  assert.ok(resolved);
  return resolved;
}

test("a password and a token exclude each other", () => {
  refused("accessToken", { username: "u", password: "p", accessToken: "t" }, /password/);
});

test("a password or a token needs a user name", () => {
  refused("username", { password: "p" }, /password/);
  refused("username", { accessToken: "t" }, /accessToken/);
  refused("username", { accessToken: () => "t" });
});

test("a user name needs a secret, unless the certificate speaks for it", () => {
  refused("username", { username: "u" }, /needs password or accessToken/);
  assert.equal(credentials({ username: "u", authMethods: ["EXTERNAL"] }).kind, "none");
  assert.equal(credentials({ authMethods: ["external"] }).username, "");
  assert.equal(credentials({ username: "u", password: "p", authMethods: ["EXTERNAL", "PLAIN"] }).kind, "password");
});

test("empty credentials are refused", () => {
  refused("username", { username: "", password: "p" }, /empty/);
  refused("username", { username: "" }, /empty/);
  refused("password", { username: "u", password: "" }, /empty/);
  refused("accessToken", { username: "u", accessToken: "" }, /empty/);
});

test("credentials with controls or half characters are refused, and not shown", () => {
  for (const unit of ["\0", "\r", "\n", "\t", "\x01", "\x7f", "\ud800"]) {
    refused("username", { username: `a${unit}b`, password: "p" });
    const error = refused("password", { username: "u", password: `hunter2${unit}` });
    assert.ok(!error.message.includes("hunter2"));
    refused("accessToken", { username: "u", accessToken: `token${unit}` });
  }
  refused("accessToken", { username: "u", accessToken: "Bearer x" }, /without "Bearer"/);
  refused("accessToken", { username: "u", accessToken: "t\u00f6ken" });
});

test("methods without credentials are allowed: a login may come later", () => {
  const resolved = connectionOptions({ authMethods: ["PLAIN"] });
  assert.equal(resolved.credentials, undefined);
  assert.deepEqual(resolved.authMethods, ["PLAIN"]);
});

test("a password is revealed on request only", async () => {
  const given = credentials({ username: "u", password: "s3cr3t" });
  assert.deepEqual(await given.reveal(), { username: "u", password: "s3cr3t", accessToken: undefined });
  assert.equal(given.canRenew, false);
  assert.ok(!(inspect(given, { showHidden: true, getters: true }) + JSON.stringify(given)).includes("s3cr3t"));
});

test("a function for the token is called for each connection, and told when the last one was refused", async () => {
  const requests: unknown[] = [];
  const given = credentials({
    username: "u",
    accessToken: (request) => {
      requests.push(request);
      return requests.length === 1 ? "one" : Promise.resolve("two");
    },
  });
  assert.equal(given.kind, "token");
  assert.equal(given.canRenew, true);
  assert.equal((await given.reveal()).accessToken, "one");
  assert.equal((await given.reveal({ expired: true })).accessToken, "two");
  assert.deepEqual(requests, [undefined, { expired: true }]);
});

test("a function that gives no token is an error; what it throws comes through", async () => {
  for (const token of [undefined, null, "", 1, "a b", { toString: () => "t" }]) {
    const given = credentials({ username: "u", accessToken: () => token as string });
    await assert.rejects(given.reveal(), (error) => error instanceof OptionError && error.option === "accessToken");
  }
  const reason = new Error("the vault is closed");
  const given = credentials({
    username: "u",
    accessToken: () => {
      throw reason;
    },
  });
  await assert.rejects(given.reveal(), (error) => error === reason);
});

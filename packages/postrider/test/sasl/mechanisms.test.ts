import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { inspect } from "node:util";
import { OptionError } from "../../src/errors/errors.js";
import { createExchange } from "../../src/sasl/create-exchange.js";
import { chooseMechanisms, findMechanism, MECHANISM_NAMES } from "../../src/sasl/mechanisms.js";
import { environment, text } from "./harness.js";

const ALL = [...MECHANISM_NAMES].reverse();
const channelBinding: Uint8Array = new Uint8Array(32);

test("passwords go by the strongest mechanism first", () => {
  assert.deepEqual(chooseMechanisms({ offered: ALL, kind: "password", hasChannelBinding: true }), [
    "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-256",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-1",
    "CRAM-MD5",
    "PLAIN",
    "LOGIN",
  ]);
});

test("tokens go by OAUTHBEARER, then XOAUTH2; a certificate by EXTERNAL", () => {
  assert.deepEqual(chooseMechanisms({ offered: ALL, kind: "token", hasChannelBinding: false }), [
    "OAUTHBEARER",
    "XOAUTH2",
  ]);
  assert.deepEqual(chooseMechanisms({ offered: ALL, kind: "none", hasChannelBinding: false }), ["EXTERNAL"]);
});

test("-PLUS needs a connection that can be bound to", () => {
  const choice = chooseMechanisms({ offered: ALL, kind: "password", hasChannelBinding: false });
  assert.ok(choice.every((name) => !name.endsWith("-PLUS")));
});

test("only what the server offers is chosen, in any letter case, unknown names aside", () => {
  const offered = ["NTLM", "login", "Plain", "GSSAPI"];
  assert.deepEqual(chooseMechanisms({ offered, kind: "password", hasChannelBinding: false }), ["PLAIN", "LOGIN"]);
  assert.deepEqual(chooseMechanisms({ offered: [], kind: "password", hasChannelBinding: false }), []);
});

test("authMethods restricts and sets the order", () => {
  const authMethods = ["login", "CRAM-MD5", "XOAUTH2"];
  assert.deepEqual(chooseMechanisms({ offered: ALL, kind: "password", authMethods, hasChannelBinding: true }), [
    "LOGIN",
    "CRAM-MD5",
  ]);
});

test("EXTERNAL stands beside a password only when authMethods names it", () => {
  const choice = { offered: ["EXTERNAL", "PLAIN"], kind: "password", hasChannelBinding: false } as const;
  assert.deepEqual(chooseMechanisms(choice), ["PLAIN"]);
  assert.deepEqual(chooseMechanisms({ ...choice, authMethods: ["EXTERNAL", "PLAIN"] }), ["EXTERNAL", "PLAIN"]);
});

test("an unknown name in authMethods is an error with the known ones and the nearest", () => {
  assert.throws(
    () => chooseMechanisms({ offered: ALL, kind: "password", authMethods: ["PLIAN"], hasChannelBinding: true }),
    (error) =>
      error instanceof OptionError &&
      error.option === "authMethods" &&
      /SCRAM-SHA-256, .*did you mean PLAIN\?/.test(error.message),
  );
  assert.throws(() => findMechanism("NTLM"), OptionError);
});

test("every mechanism in the table makes an exchange of its own name", () => {
  for (const name of MECHANISM_NAMES) {
    const credentials = { username: "user", password: "pencil", accessToken: "token" };
    assert.equal(createExchange(name.toLowerCase(), credentials, environment({ channelBinding })).mechanism, name);
  }
});

test("credentials that are missing, empty or hold controls are errors that name the option", () => {
  const optionOf = (name: string, credentials: Record<string, unknown>): string | undefined => {
    try {
      createExchange(name, credentials as never, environment({ channelBinding }));
    } catch (error) {
      return error instanceof OptionError ? error.option : String(error);
    }
    return undefined;
  };
  for (const name of MECHANISM_NAMES.filter((one) => findMechanism(one).needs === "password")) {
    assert.equal(optionOf(name, { username: "", password: "x" }), "username");
    assert.equal(optionOf(name, { username: "a\0b", password: "x" }), "username");
    assert.equal(optionOf(name, { username: "a" }), "password");
    assert.equal(optionOf(name, { username: "a", password: "" }), "password");
    assert.equal(optionOf(name, { username: "a", password: "b\r\n" }), "password");
    assert.equal(optionOf(name, { username: "a", password: "b\u0085" }), "password");
    assert.equal(optionOf(name, { username: "a", password: "b\ud800" }), "password");
    assert.equal(optionOf(name, { username: "a", password: 1 }), "password");
    assert.equal(optionOf(name, { username: "a", password: "b", authorizationId: "\x01" }), "authorizationId");
  }
  for (const name of ["OAUTHBEARER", "XOAUTH2"]) {
    assert.equal(optionOf(name, { username: "a", password: "x" }), "accessToken");
    assert.equal(optionOf(name, { username: "a", accessToken: "" }), "accessToken");
    assert.equal(optionOf(name, { username: "a", accessToken: "Bearer x" }), "accessToken");
    assert.equal(optionOf(name, { username: "a", accessToken: "x\x01y" }), "accessToken");
    assert.equal(optionOf(name, { username: "a\x01auth=", accessToken: "x" }), "username");
  }
  assert.equal(optionOf("EXTERNAL", { username: "" }), undefined);
  assert.equal(optionOf("EXTERNAL", { username: "a\n" }), "username");
});

test("credentials that no line of AUTH has room for are errors, and the longest that are none fit", () => {
  const longest = { username: "u".repeat(1024), password: "é".repeat(2048), accessToken: "t".repeat(8000) };
  for (const name of MECHANISM_NAMES.filter((one) => one === "PLAIN" || findMechanism(one).needs === "token")) {
    const exchange = createExchange(name, longest, environment({ channelBinding }));
    const line = `AUTH ${name} ${Buffer.from(exchange.initialResponse() ?? []).toString("base64")}\r\n`;
    assert.ok(line.length <= 12_288, `${name}: ${line.length}`);
  }
  for (const option of ["username", "password", "accessToken"] as const) {
    const credentials = { ...longest, [option]: `${longest[option]}x` };
    const name = option === "accessToken" ? "XOAUTH2" : "PLAIN";
    assert.throws(() => createExchange(name, credentials, environment({ channelBinding })), {
      option,
      message: /longer/,
    });
  }
});

test("nothing that shows an exchange shows a secret or what follows from it", async () => {
  const credentials = { username: "ann", password: "s3cr3t-pw", accessToken: "s3cr3t-token" };
  for (const name of MECHANISM_NAMES.filter((one) => one !== "EXTERNAL")) {
    const exchange = createExchange(name, credentials, environment({ channelBinding }));
    const first = exchange.initialResponse();
    const second = await exchange.respond(Buffer.from("<1@challenge>"));
    const shown = inspect(exchange, { depth: 9, showHidden: true, getters: true }) + JSON.stringify(exchange);
    const secrets = [
      "s3cr3t-pw",
      "s3cr3t-token",
      ...[first, second].flatMap((one) => (one instanceof Uint8Array ? [text(one)] : [])),
    ];
    for (const secret of secrets) {
      if (secret === "ann" || secret === "") continue;
      assert.ok(!shown.includes(secret) && !shown.includes(Buffer.from(secret).toString("base64")), name);
    }
  }
});

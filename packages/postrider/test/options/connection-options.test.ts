import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { inspect } from "node:util";
import type { ConnectionOptions } from "../../src/options/connection-options.js";
import { attemptOptions, connectionOptions, connectOptions } from "../../src/options/connection-options.js";
import { refusal, refused } from "./refusal.js";

function port(options: ConnectionOptions): number | undefined {
  const { target } = connectionOptions(options);
  return target.kind === "tcp" ? target.port : undefined;
}

test("without options there are defaults for everything", () => {
  const resolved = connectionOptions();
  assert.deepEqual(resolved.target, { kind: "tcp", hostname: "localhost", port: 25, localAddress: undefined });
  assert.equal(resolved.protocol, "smtp");
  assert.equal(resolved.tlsMode, "starttls-opportunistic");
  assert.equal(resolved.allowPlaintextAuth, false);
  const [each, greeting] = [60_000, 30_000];
  assert.deepEqual(resolved.timeouts, { connect: each, greeting, tls: each, auth: each, command: each, content: each });
  assert.equal(resolved.deliveryTimeout, 600_000);
  for (const name of ["tls", "credentials", "authMethods", "localHostname", "signal", "trace"] as const) {
    assert.equal(resolved[name], undefined, name);
  }
});

test("an error says what was found: a number where one is due, of anything else only the kind", () => {
  for (const [options, message] of [
    [{ port: 70_000 }, "port: must be a whole number from 1 to 65535, not a number (70000)"],
    [{ port: "" }, "port: must be a whole number from 1 to 65535, not an empty string"],
    [{ port: "25" }, "port: must be a whole number from 1 to 65535, not a string; convert it with Number()"],
    [{ useTls: "false" }, 'useTls: must be true or false, not a string; compare it with "true"'],
    [{ useTls: "25" }, "useTls: must be true or false, not a string"],
    [{ hostname: 25 }, "hostname: must be a string, not a number"],
    [{ trace: {} }, "trace: must be a function, not an object"],
    [{ signal: Promise.resolve() }, "signal: must be an AbortSignal, not a Promise (await it first)"],
  ] as const) {
    const [option = ""] = Object.keys(options);
    assert.equal(refused(option, options).message, message);
  }
});

test("undefined is the same as absent", () => {
  const absent = { hostname: undefined, port: undefined, url: undefined, useTls: undefined, username: undefined };
  assert.deepEqual(connectionOptions(absent), connectionOptions());
});

test("the port follows from the way into TLS", () => {
  assert.equal(port({}), 25);
  assert.equal(port({ useTls: true }), 465);
  assert.equal(port({ startTls: true }), 587);
  assert.equal(port({ useTls: false }), 25);
  assert.equal(port({ startTls: false }), 25);
  assert.equal(port({ useTls: true, port: 2525 }), 2525);
});

test("the way into TLS", () => {
  const mode = (options: ConnectionOptions): string => connectionOptions(options).tlsMode;
  assert.equal(mode({ useTls: true }), "implicit");
  assert.equal(mode({ useTls: true, startTls: false }), "implicit");
  assert.equal(mode({ startTls: true }), "starttls-required");
  assert.equal(mode({ useTls: false, startTls: true }), "starttls-required");
  assert.equal(mode({ startTls: false }), "none");
  assert.equal(mode({}), "starttls-opportunistic");
});

test("port 465 has TLS from the first byte unless the options say otherwise", () => {
  const mode = (options: ConnectionOptions): string => connectionOptions({ port: 465, ...options }).tlsMode;
  assert.equal(mode({}), "implicit");
  assert.equal(mode({ startTls: false }), "implicit");
  assert.equal(mode({ useTls: false }), "starttls-opportunistic");
  assert.equal(mode({ useTls: false, startTls: true }), "starttls-required");
  refused("startTls", { port: 465, startTls: true }, /465/);
});

test("TLS begins at once or later, not both", () => {
  refused("startTls", { useTls: true, startTls: true }, /useTls/);
});

test("a path, a stream and a port exclude each other", () => {
  const socket = new PassThrough();
  refused("socket", { socket, socketPath: "/run/smtp" }, /socketPath/);
  refused("port", { socket, port: 25 });
  refused("port", { socket: () => socket, port: 25 });
  refused("port", { socketPath: "/run/smtp", port: 25 });
  refused("localAddress", { socketPath: "/run/smtp", localAddress: "127.0.0.1" });
});

test("TLS over a path or a stream needs a name to check the certificate against", () => {
  const socket = new PassThrough();
  for (const way of [{ socketPath: "/run/smtp" }, { socket }, { socket: () => socket }]) {
    refused("hostname", { ...way, useTls: true }, /tls\.servername/);
    refused("hostname", { ...way, startTls: true }, /tls\.servername/);
    assert.equal(connectionOptions({ ...way, useTls: true, hostname: "mx.example" }).tlsMode, "implicit");
    const named = connectionOptions({ ...way, startTls: true, tls: { servername: "mx.example" } });
    assert.equal(named.tlsMode, "starttls-required");
    assert.equal(connectionOptions({ ...way, hostname: "mx.example" }).tlsMode, "starttls-opportunistic");
    assert.equal(connectionOptions(way).tlsMode, "none");
    assert.equal(connectionOptions({ ...way, startTls: false }).tlsMode, "none");
  }
});

test("targets of each kind", () => {
  const socket = new PassThrough();
  assert.deepEqual(connectionOptions({ socketPath: "/run/smtp" }).target, {
    kind: "unix",
    path: "/run/smtp",
    hostname: undefined,
  });
  const given = connectionOptions({ socket, hostname: "mx.example" }).target;
  assert.equal(given.kind === "socket" && given.socket, socket);
  assert.equal(given.hostname, "mx.example");
  const local = connectionOptions({ localAddress: "127.0.0.2" }).target;
  assert.equal(local.kind === "tcp" && local.localAddress, "127.0.0.2");
});

test("LMTP has no port of its own, and never that of SMTP", () => {
  refused("port", { protocol: "lmtp", port: 25 }, /RFC 2033/);
  refused("port", { protocol: "lmtp" }, /24/);
  assert.equal(port({ protocol: "lmtp", port: 24 }), 24);
  assert.equal(connectionOptions({ protocol: "lmtp", socketPath: "/run/lmtp" }).protocol, "lmtp");
});

test("ports that are none are refused", () => {
  for (const value of [0, -1, 70_000, 65_536, 25.5, Number.NaN, Number.POSITIVE_INFINITY, "25", true, 25n]) {
    refused("port", { port: value }, /1 to 65535/);
  }
  assert.equal(port({ port: 65_535 }), 65_535);
});

test("times are finite milliseconds above 0 that a timer can hold", () => {
  for (const name of ["timeout", "deliveryTimeout"]) {
    for (const value of [0, -1, -0.5, Number.NaN, Number.POSITIVE_INFINITY, 2_147_483_648, "1000", true]) {
      refused(name, { [name]: value }, /milliseconds/);
    }
  }
  assert.deepEqual(connectionOptions({ timeout: 0.5 }).timeouts, {
    connect: 0.5,
    greeting: 0.5,
    tls: 0.5,
    auth: 0.5,
    command: 0.5,
    content: 0.5,
  });
  assert.equal(connectionOptions({ deliveryTimeout: 2_147_483_647 }).deliveryTimeout, 2_147_483_647);
});

test("an unknown option is refused, with the nearest name or the one of this library", () => {
  refused("hostnam", { hostnam: "x" }, /did you mean hostname\?/);
  refused("use_tls", { use_tls: true }, /did you mean useTls\?/);
  refused("starttls", { starttls: true }, /did you mean startTls\?/);
  refused("host", { host: "x" }, /did you mean hostname\?/);
  refused("secure", { secure: true }, /did you mean useTls\?/);
  refused("auth", { auth: {} }, /the credentials are username and password/);
  refused("zzzzzz", { zzzzzz: 1 }, /there is no such option$/);
  refused("hostnam", { hostnam: undefined });
  refused("constructor", { constructor: 1 });
  refused('"a\\nb"', { "a\nb": 1 });
  refused("sender", { sender: "a@b.example" });
  refused("__proto__", JSON.parse('{"__proto__": {}}'));
});

test("an inherited option counts", () => {
  refused("hostnam", Object.create({ hostnam: "x" }));
  assert.equal(port(Object.create({ port: 2525 })), 2525);
});

test("null is an error that says what to do", () => {
  for (const name of ["hostname", "tls", "socket", "url", "username", "signal", "zzz"]) {
    refusal(name, () => connectionOptions({ [name]: null } as never), name === "zzz" ? /no such/ : /leave it out/);
  }
});

test("options that are no object are refused", () => {
  for (const options of [null, 1, "smtp://mx.example", [], () => {}])
    refusal("options", () => connectionOptions(options as never));
});

test("values of the wrong type are refused", () => {
  const wrong: Record<string, readonly unknown[]> = {
    useTls: [1, "true", {}],
    startTls: [0, "false"],
    auth: [1, "never", { user: "u", pass: "p" }],
    allowPlaintextAuth: [1, "yes"],
    protocol: ["SMTP", "esmtp", 1],
    socketPath: ["", "a\0b", 1],
    socket: ["x", {}, 1],
    tls: [true, "x", []],
    signal: [{}, { aborted: false }, true],
    trace: [true, console],
    authMethods: ["PLAIN", [], [1]],
    accessToken: [1, {}, ""],
    password: [1, ""],
    username: [1, ""],
    localAddress: ["localhost", "127.0.0.1:25", 1],
    url: [1, {}, true],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      assert.throws(
        () => connectionOptions({ username: name === "username" ? undefined : "u", [name]: value } as never),
        (error) => error instanceof Error && error.name === "OptionError" && error.message.startsWith(name),
        `${name}: ${inspect(value)}`,
      );
    }
  }
});

test("a signal of any make and a trace function are taken as they are", () => {
  const { signal } = new AbortController();
  const trace = (): void => {};
  const resolved = connectionOptions({ signal, trace });
  assert.equal(resolved.signal, signal);
  assert.equal(resolved.trace, trace);
  const foreign = {
    aborted: false,
    addEventListener: () => {},
    removeEventListener: () => {},
  } as unknown as AbortSignal;
  assert.equal(connectionOptions({ signal: foreign }).signal, foreign);
});

test("mechanisms are known by name, each once, and fit the credentials", () => {
  const login = { username: "u", password: "p" };
  assert.deepEqual(connectionOptions({ ...login, authMethods: ["plain", "Scram-Sha-256"] }).authMethods, [
    "PLAIN",
    "SCRAM-SHA-256",
  ]);
  refused("authMethods[0]", { ...login, authMethods: ["PLIAN"] }, /CRAM-MD5.*did you mean PLAIN\?/);
  refused("authMethods", { ...login, authMethods: ["PLAIN", "plain"] }, /twice/);
  refused("authMethods", { ...login, authMethods: ["XOAUTH2"] }, /password/);
  refused("authMethods", { username: "u", accessToken: "t", authMethods: ["PLAIN"] }, /accessToken/);
});

test("resolved options are frozen, and nothing the caller changes later reaches them", () => {
  const authMethods = ["PLAIN"];
  const ca = Buffer.from("certificate");
  const tls = { ca: [ca], servername: "a.example" };
  const options = { username: "u", password: "p", authMethods, tls, hostname: "a.example" };
  const before = inspect(options, { depth: 9 });
  const resolved = connectionOptions(options);
  assert.equal(inspect(options, { depth: 9 }), before);
  authMethods.push("LOGIN");
  ca.fill(0);
  tls.servername = "b.example";
  options.hostname = "b.example";
  assert.deepEqual(resolved.authMethods, ["PLAIN"]);
  assert.deepEqual(resolved.tls, { ca: [Buffer.from("certificate")], servername: "a.example" });
  assert.equal(resolved.target.hostname, "a.example");
  assert.ok(
    [resolved, resolved.target, resolved.authMethods, resolved.tls, resolved.credentials].every(Object.isFrozen),
  );
});

test("each option is read once", () => {
  let reads = 0;
  const options = {
    get port() {
      reads++;
      return 25;
    },
  };
  connectionOptions(options);
  assert.equal(reads, 1);
});

test("printing the resolved options shows no secret and does not fail", () => {
  const socket = Object.assign(new PassThrough(), { self: undefined as unknown });
  socket.self = socket;
  const tls = { key: "s3cr3t-key", passphrase: "s3cr3t-phrase", pfx: Buffer.from("s3cr3t-pfx") };
  for (const secret of [{ password: "s3cr3t" }, { accessToken: "s3cr3t" }]) {
    const resolved = connectionOptions({ socket, hostname: "mx.example", username: "ann", ...secret, tls });
    const shown = inspect(resolved, { depth: 9 }) + JSON.stringify(resolved) + JSON.stringify({ ...resolved });
    assert.ok(!shown.includes("s3cr3t"), shown);
    assert.ok(!shown.includes(Buffer.from("s3cr3t").toString("base64")));
    assert.ok(shown.includes("ann"));
  }
  const fromUrl = connectionOptions({ url: "smtp://ann:s3cr3t@mx.example" });
  assert.ok(!(inspect(fromUrl, { depth: 9, showHidden: true }) + JSON.stringify(fromUrl)).includes("s3cr3t"));
});

test("timeout sets steps apart; the others keep their defaults", () => {
  const { timeouts } = connectionOptions({ timeout: { greeting: 5, content: 7 } });
  const each = 60_000;
  assert.deepEqual(timeouts, { connect: each, greeting: 5, tls: each, auth: each, command: each, content: 7 });
  const followed = connectionOptions({ timeout: { command: 9, auth: undefined } }).timeouts;
  assert.deepEqual([followed.tls, followed.auth, followed.connect], [9, 9, each]);
  const apart = connectionOptions({ timeout: { command: 9, tls: 8, auth: 7 } }).timeouts;
  assert.deepEqual([apart.tls, apart.auth, apart.command], [8, 7, 9]);
  for (const name of ["connect", "greeting", "tls", "auth", "command", "content"]) {
    for (const value of [0, -1, "5", Number.NaN, null]) {
      refusal(`timeout.${name}`, () => connectionOptions({ timeout: { [name]: value } } as never));
    }
  }
  refusal("timeout.data", () => connectionOptions({ timeout: { data: 5 } } as never));
  refusal("timeout", () => connectionOptions({ timeout: [5] } as never));
});

test("connect() says EHLO by default, unless STARTTLS is switched off", () => {
  assert.deepEqual(
    [undefined, true, false].map((startTls) => connectionOptions({ startTls }).greets),
    [true, true, false],
  );
  assert.deepEqual(connectOptions({}, true), { hello: true });
  assert.deepEqual(connectOptions({ hello: false, timeout: 5 }, true), { hello: false, timeout: 5 });
  refusal("hello", () => connectOptions({ hello: "yes" } as never, true));
});

test("connect() takes a timeout and a signal", () => {
  const { signal } = new AbortController();
  assert.deepEqual(attemptOptions({ timeout: 5, signal }), { timeout: 5, signal });
  assert.deepEqual(attemptOptions(), {});
  refusal("timeout", () => attemptOptions({ timeout: -1 }));
  refusal("port", () => attemptOptions({ port: 1 } as never));
});

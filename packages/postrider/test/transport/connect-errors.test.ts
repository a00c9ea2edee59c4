import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { connectError, connectTimeoutHint } from "../../src/transport/node/connect-errors.js";

const peer = { hostname: "mail.example.com", port: 587 };
const systemError = (code: string, address?: string): Error =>
  Object.assign(new Error(`connect ${code}`), { code, address });

test("every system error names host, port and its code", () => {
  for (const code of [
    "ECONNREFUSED",
    "ENOTFOUND",
    "ETIMEDOUT",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "EACCES",
    "EADDRNOTAVAIL",
    "EWHATEVER",
  ]) {
    const cause = systemError(code);
    const error = connectError(peer, cause);
    assert.equal(error.name, "SmtpConnectError");
    assert.equal(error.cause, cause);
    assert.deepEqual(
      [error.hostname, error.port, error.retry, error.outcome],
      ["mail.example.com", 587, code === "EWHATEVER" ? "reconnect" : "later", "not-sent"],
    );
    assert.match(error.message, /^Cannot connect to mail\.example\.com:587: /);
    assert.match(error.message, new RegExp(code));
  }
});

test("of several attempts all are named, and the most telling is the cause", () => {
  const refused = systemError("ECONNREFUSED", "192.0.2.1");
  const error = connectError(peer, new AggregateError([systemError("ENETUNREACH", "2001:db8::1"), refused]));
  assert.equal(error.cause, refused);
  assert.match(error.message, /ENETUNREACH at 2001:db8::1, ECONNREFUSED at 192\.0\.2\.1/);
});

test("when no attempt tells more, the first is the cause", () => {
  const first = systemError("ENETUNREACH", "2001:db8::1");
  assert.equal(connectError(peer, new AggregateError([first, systemError("ENETUNREACH", "2001:db8::2")])).cause, first);
});

test("port 25 is blocked in many places, and the error says so", () => {
  assert.match(
    connectError({ hostname: "mx.example.com", port: 25 }, systemError("ETIMEDOUT")).message,
    /block port 25/,
  );
  assert.doesNotMatch(
    connectError({ hostname: "localhost", port: 25 }, systemError("ECONNREFUSED")).message,
    /block port 25/,
  );
  assert.match(connectTimeoutHint({ hostname: "mx.example.com", port: 25 }) ?? "", /port 587/);
  assert.match(connectTimeoutHint(peer) ?? "", /firewall/);
  assert.equal(connectTimeoutHint({ socketPath: "/run/smtp" }), undefined);
});

test("what has nothing to do with the port has its own hint on port 25 too", () => {
  for (const [code, hint] of [
    ["ENOTFOUND", /Check the spelling of hostname/],
    ["EAI_AGAIN", /Check the network/],
    ["EADDRNOTAVAIL", /Check localAddress/],
    ["EMFILE", /fewer connections/],
  ] as const) {
    const { message } = connectError({ hostname: "mx.example.com", port: 25 }, systemError(code));
    assert.match(message, hint);
    assert.doesNotMatch(message, /port 25/);
  }
});

test("what is no Error is told as text", () => {
  const error = connectError({}, "no tunnel");
  assert.equal(error.message, "Cannot connect to the given socket: no tunnel");
  assert.equal(error.cause, "no tunnel");
});

test("an end without an error is told too", () => {
  assert.match(connectError(peer, undefined).message, /closed before it was made/);
});

test("a permission that the runtime denies names the flag, and no later attempt will help", () => {
  const deno = Object.assign(new Error('Requires net access to "192.0.2.1:587", run again with the --allow-net flag'), {
    name: "NotCapable",
  });
  const denoName = Object.assign(systemError("EPERM"), { syscall: "getaddrinfo" });
  const node = systemError("ERR_ACCESS_DENIED");
  for (const cause of [deno, denoName, node]) {
    const error = connectError(peer, cause);
    assert.deepEqual([error.name, error.retry, error.cause], ["SmtpConnectError", "never", cause]);
    assert.match(error.message, /the runtime does not permit it: .*\. Start the program with --allow-net/);
  }
  assert.match(connectError(peer, systemError("EPERM")).message, /firewall/);
});

test("an error of another realm is explained like one of this", () => {
  const foreign = runInNewContext(
    'new AggregateError([Object.assign(new Error("connect"), { code: "ENETUNREACH" }), Object.assign(new Error("connect"), { code: "ECONNREFUSED" })])',
  );
  assert.equal(foreign instanceof Error, false);
  const error = connectError(peer, foreign);
  assert.match(error.message, /the connection was refused.*ENETUNREACH at \?, ECONNREFUSED at \?/);
  assert.equal(error.retry, "later");
});

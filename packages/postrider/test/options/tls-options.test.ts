import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { createSecureContext, type PeerCertificate } from "node:tls";
import { tlsOptions } from "../../src/options/tls-options.js";
import { onRuntime } from "../support/runtime.js";
import { refusal } from "./refusal.js";

const refused = (option: string, given: unknown, rule?: RegExp): void => {
  refusal(option, () => tlsOptions(given, "tls"), rule);
};

test("Node's names pass, and come back as copies", () => {
  const secureContext = createSecureContext();
  const der = Uint8Array.of(1, 2);
  const given = {
    ca: ["pem", der],
    cert: "pem",
    key: [{ pem: "pem", passphrase: "x" }],
    passphrase: "x",
    pfx: [{ buf: Buffer.from("x"), passphrase: "y" }],
    // Deno ignores these, so there they are errors: runtimes.test.ts.
    ...onRuntime({
      node: { crl: der, ciphers: "HIGH", sigalgs: "x", ecdhCurve: "auto", session: Buffer.from("s"), secureContext },
      deno: {},
    }),
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.3",
    rejectUnauthorized: false,
    servername: "mx.example",
    ALPNProtocols: ["smtp"],
  };
  const checked = tlsOptions(given, "tls");
  assert.deepEqual(checked, {
    ...given,
    ca: ["pem", Buffer.from([1, 2])],
    ...onRuntime({ node: { crl: Buffer.from([1, 2]) }, deno: {} }),
  });
  if (given.secureContext !== undefined) assert.equal(checked.secureContext, secureContext);
  if (given.session !== undefined) assert.notEqual(checked.session, given.session);
  assert.deepEqual(tlsOptions({ ca: undefined }, "tls"), {});
});

test("what checkServerIdentity throws is the error that it returns, and does not end the process", () => {
  const check = (judge: () => Error | undefined) => {
    const { checkServerIdentity } = tlsOptions({ checkServerIdentity: judge }, "tls");
    return checkServerIdentity?.("mx.example", {} as PeerCertificate);
  };
  const pinned = new Error("pinned");
  const throwing = (value: unknown) => () => {
    throw value;
  };
  assert.equal(
    check(() => pinned),
    pinned,
  );
  assert.equal(
    check(() => undefined),
    undefined,
  );
  assert.equal(check(throwing(pinned)), pinned);
  // An error even so: the certificate is not taken.
  for (const value of [undefined, null, "no"]) assert.match(String(check(throwing(value))), /^Error: /);
});

test("names that are unknown here are refused with the nearest", () => {
  refused("tls.rejectUnauthorised", { rejectUnauthorised: false }, /did you mean rejectUnauthorized\?/);
  refused("tls.serverName", { serverName: "x" }, /did you mean servername\?/);
  refused("tls.host", { host: "x" }, /no such option/);
  refused("tls.socket", { socket: {} });
});

test("values of the wrong kind are refused, null first of all", () => {
  refused("tls", true, /object/);
  refused("tls", []);
  refused("tls.ca", { ca: null }, /leave it out/);
  refused("tls.ca", { ca: 1 });
  refused("tls.ca", { ca: "" });
  refused("tls.key", { key: { pem: "x" } });
  refused("tls.ca[1]", { ca: ["pem", 1] });
  refused("tls.cert[0]", { cert: [null] });
  refused("tls.rejectUnauthorized", { rejectUnauthorized: 0 }, /true or false/);
  refused("tls.checkServerIdentity", { checkServerIdentity: true });
  refused("tls.minVersion", { minVersion: "TLS1.2" }, /"TLSv1\.2"/);
  refused("tls.servername", { servername: "" });
  refused("tls.servername", { servername: "a\r\nb" });
  refused("tls.passphrase", { passphrase: 1 });
  refused("tls.session", { session: "x" });
  refused("tls.secureContext", { secureContext: {} });
  refused("tls.ALPNProtocols", { ALPNProtocols: "smtp" });
});

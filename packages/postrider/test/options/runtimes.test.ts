/**
 * Options that a runtime would ignore are errors there, before anything is opened.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError, SmtpClient, SmtpPool, send } from "../../src/index.js";
import type { TlsOptions } from "../../src/options/tls-options.js";
import { onRuntime } from "../support/runtime.js";

type Runtime = "WebSocketPair" | "Deno" | "Bun";

const ALL: Required<{ [Name in keyof TlsOptions]: unknown }> = {
  ca: "a",
  cert: "a",
  key: "a",
  passphrase: "a",
  pfx: new Uint8Array(1),
  crl: "a",
  ciphers: "a",
  sigalgs: "a",
  ecdhCurve: "auto",
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.3",
  rejectUnauthorized: true,
  checkServerIdentity: () => undefined,
  servername: "other.example.com",
  ALPNProtocols: ["smtp"],
  secureContext: { context: {} },
  session: new Uint8Array(1),
};

/** The names of the options in `tls` that are refused while the global is there. */
function refusedBy(runtime: Runtime): string[] {
  return under(runtime, () =>
    Object.entries(ALL)
      .filter(([name, value]) => isRefused(`tls.${name}`, { hostname: "x.example", tls: { [name]: value } }))
      .map(([name]) => name),
  );
}

function under<T>(runtime: Runtime, action: () => T): T {
  if (runtime in globalThis) return action();
  Object.defineProperty(globalThis, runtime, { value: {}, configurable: true });
  const leave = (): boolean => Reflect.deleteProperty(globalThis, runtime);
  let result: T | undefined;
  try {
    result = action();
    return result;
  } finally {
    if (result instanceof Promise) void result.then(leave, leave);
    else leave();
  }
}

function isRefused(option: string, options: object): boolean {
  try {
    new SmtpPool(options);
    return false;
  } catch (error) {
    assert.ok(error instanceof OptionError, String(error));
    assert.match(error.message, /is not supported on (?:Cloudflare Workers|Deno|Bun)/);
    assert.equal(error.option, option);
    return true;
  }
}

test("Cloudflare Workers: of tls nothing but servername", () => {
  assert.deepEqual(
    refusedBy("WebSocketPair"),
    Object.keys(ALL).filter((name) => name !== "servername"),
  );
});

test("Cloudflare Workers: no Unix socket, no local address, no proxy", () => {
  const names = under("WebSocketPair", () =>
    Object.entries({ socketPath: "/a", localAddress: "127.0.0.1", proxy: "http://proxy.example:3128" }).map(
      ([name, value]) => isRefused(name, { [name]: value }),
    ),
  );
  assert.deepEqual(names, [true, true, true]);
});

test("Cloudflare Workers: the same in one call, in a url, and by startTls()", async () => {
  await under("WebSocketPair", async () => {
    const refusal = { name: "OptionError", message: /Cloudflare Workers/ };
    await assert.rejects(send("x", { sender: "a@x.y", recipients: "b@x.y", tls: { ca: "a" } }), refusal);
    assert.throws(() => new SmtpClient({ url: "smtp://x.example?localAddress=127.0.0.1" }), refusal);
    await assert.rejects(new SmtpClient().startTls({ rejectUnauthorized: false }), refusal);
  });
});

test("Deno: what its TLS ignores", () => {
  assert.deepEqual(refusedBy("Deno"), ["crl", "ciphers", "sigalgs", "ecdhCurve", "secureContext", "session"]);
});

test("Bun: names of TLS 1.3 in tls.ciphers, which its TLS ignores", () => {
  const refused = (ciphers: string) => isRefused("tls.ciphers", { hostname: "x.example", tls: { ciphers } });
  assert.deepEqual(
    under("Bun", () => ["TLS_AES_128_GCM_SHA256", "HIGH:TLS_CHACHA20_POLY1305_SHA256", "HIGH:!aNULL"].map(refused)),
    onRuntime({ node: [true, true, false], deno: [true, true, true] }),
  );
});

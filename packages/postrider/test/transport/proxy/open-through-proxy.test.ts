import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../../../src/errors/errors.js";
import type { ProxyServer } from "../../../src/options/target.js";
import { openThroughProxy } from "../../../src/transport/node/proxy.js";
import { openTransport } from "../../../src/transport/open-transport.js";
import { HttpProxy } from "../../support/http-proxy.js";
import { bytes, cleanUp, never, record, tcpServer } from "../peers.js";

const destination = { hostname: "mail.example.com", port: 25 };
const socks: ProxyServer = { scheme: "socks5", hostname: "127.0.0.1", port: 1, credentials: undefined };

test("without the package socks the error says how to install it, before anything is opened", async () => {
  const missing = Object.assign(new Error("Cannot find package 'socks'"), { code: "ERR_MODULE_NOT_FOUND" });
  const loadSocks = (): Promise<never> => Promise.reject(missing);
  await assert.rejects(openThroughProxy({ destination, proxy: socks, signal: never, loadSocks }), (error: unknown) => {
    assert.ok(error instanceof OptionError);
    assert.equal(error.option, "proxy");
    assert.match(error.message, /socks5:\/\/ needs the package socks: npm install socks/);
    assert.equal(error.cause, missing);
    return true;
  });
});

test("an abort before the start opens nothing", async (t) => {
  const proxy = await HttpProxy.start();
  cleanUp(t, () => proxy[Symbol.asyncDispose]());
  const reason = new Error("not today");
  for (const scheme of ["http", "https", "socks5", "socks4"] as const) {
    const there: ProxyServer = { scheme, hostname: "127.0.0.1", port: proxy.port, credentials: undefined };
    const opening = openThroughProxy({ destination, proxy: there, signal: AbortSignal.abort(reason) });
    await assert.rejects(opening, reason);
  }
  assert.equal(proxy.visits, 0);
});

test("the transport names the server and is not local, though proxy and server are on this machine", async (t) => {
  const port = await tcpServer(t, (socket) => void socket.pipe(socket));
  const proxy = await HttpProxy.start();
  cleanUp(t, () => proxy[Symbol.asyncDispose]());
  const through: ProxyServer = { scheme: "http", hostname: "127.0.0.1", port: proxy.port, credentials: undefined };
  const target = { kind: "tcp", hostname: "127.0.0.1", port, proxy: through } as const;
  const transport = await openTransport(target, { signal: never });
  const heard = record(t, transport);
  transport.write(bytes("NOOP\r\n"));
  await heard.untilText("NOOP\r\n");
  assert.deepEqual(transport.peer, { hostname: "127.0.0.1", port });
  assert.deepEqual([transport.isLocal, transport.isSecure, transport.localAddress], [false, false, "127.0.0.1"]);
});

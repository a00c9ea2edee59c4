import assert from "node:assert/strict";
import { test } from "node:test";
import { isLoopback } from "../../src/transport/node/tcp.js";

test("loopback addresses of both families are this machine", () => {
  for (const address of ["127.0.0.1", "127.255.3.4", "::1", "::ffff:127.0.0.1", "::FFFF:127.9.9.9"]) {
    assert.equal(isLoopback(address), true, address);
  }
});

test("all else is not", () => {
  for (const address of [
    "128.0.0.1",
    "10.127.0.1",
    "::2",
    "::ffff:10.0.0.1",
    "localhost",
    "127.0.0.1.example.com",
    "127.1",
    "",
    undefined,
  ]) {
    assert.equal(isLoopback(address), false, address);
  }
});

import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { poolOptions } from "../../src/options/pool-options.js";
import { refusal } from "./refusal.js";

const refused = (option: string, given: unknown, rule?: RegExp): void => {
  refusal(option, () => poolOptions(given as never), rule);
};

test("defaults: one server on this machine, 5 connections, 1000 messages each, 30 s idle, no rate", () => {
  const { servers, ...rest } = poolOptions();
  assert.deepEqual(rest, {
    strategy: "failover",
    maxConnections: 5,
    maxMessagesPerConnection: 1000,
    idleTimeout: 30_000,
    rateLimit: undefined,
  });
  assert.equal(servers.length, 1);
  const [server] = servers;
  assert.deepEqual(server?.target, { kind: "tcp", hostname: "localhost", port: 25, localAddress: undefined });
});

test("undefined is the same as absent", () => {
  const absent = poolOptions();
  const given = { maxConnections: undefined, servers: undefined, strategy: undefined, rateLimit: undefined };
  assert.deepEqual(poolOptions({ ...given, idleTimeout: undefined }), absent);
});

test("what is given is kept, and what is made of it is frozen", () => {
  const options = poolOptions({
    maxConnections: 2,
    maxMessagesPerConnection: 7,
    idleTimeout: 5,
    strategy: "round-robin",
    rateLimit: { messages: 3, per: 1000 },
  });
  assert.equal(options.maxConnections, 2);
  assert.equal(options.maxMessagesPerConnection, 7);
  assert.equal(options.idleTimeout, 5);
  assert.equal(options.strategy, "round-robin");
  assert.deepEqual(options.rateLimit, { messages: 3, per: 1000 });
  assert.ok(Object.isFrozen(options) && Object.isFrozen(options.servers));
});

test("each server has the shared options, and its own on top", () => {
  const { servers } = poolOptions({
    timeout: 1000,
    maxInFlight: 4,
    servers: [{ hostname: "a.example" }, { hostname: "b.example", port: 2525, timeout: 2000, chunking: "never" }],
  });
  assert.deepEqual(
    servers.map(({ target, timeouts, maxInFlight, chunking }) => ({
      target,
      timeout: timeouts.command,
      maxInFlight,
      chunking,
    })),
    [
      { hostname: "a.example", port: 25, timeout: 1000, maxInFlight: 4, chunking: "auto" },
      { hostname: "b.example", port: 2525, timeout: 2000, maxInFlight: 4, chunking: "never" },
    ].map(({ hostname, port, ...rest }) => ({
      target: { kind: "tcp", hostname, port, localAddress: undefined },
      ...rest,
    })),
  );
});

test("values of the wrong kind are refused, null first of all", () => {
  for (const option of ["maxConnections", "maxMessagesPerConnection"]) {
    for (const value of [null, 0, -1, 1.5, "3", Number.NaN, Infinity]) refused(option, { [option]: value });
  }
  for (const value of [null, -1, "30s", Number.NaN]) refused("idleTimeout", { idleTimeout: value });
  for (const value of [null, "random", 1]) refused("strategy", { strategy: value });
  for (const value of [null, [], {}, "a.example"]) refused("servers", { servers: value });
});

test("a rate needs both its numbers, and no others", () => {
  refused("rateLimit", { rateLimit: null });
  refused("rateLimit", { rateLimit: 10 });
  refused("rateLimit.messages", { rateLimit: { per: 1000 } }, /must be given/);
  refused("rateLimit.per", { rateLimit: { messages: 10 } }, /milliseconds/);
  refused("rateLimit.messages", { rateLimit: { messages: 0, per: 1000 } });
  refused("rateLimit.per", { rateLimit: { messages: 10, per: "1s" } });
  refused("rateLimit.perSecond", { rateLimit: { messages: 10, per: 1000, perSecond: 1 } });
});

test("an option that is unknown is refused with the nearest name, of pool and connection alike", () => {
  refused("maxConnection", { maxConnection: 1 }, /did you mean maxConnections\?/);
  refused("hostnam", { hostnam: "a.example" }, /did you mean hostname\?/);
});

test("a fault in one server names which", () => {
  refused("servers[1].port", { servers: [{ hostname: "a.example" }, { hostname: "b.example", port: 70_000 }] });
  refused("servers[0].hostnam", { servers: [{ hostnam: "a.example" }] }, /did you mean hostname\?/);
  refused("servers[0].maxConnections", { servers: [{ hostname: "a.example", maxConnections: 1 }] });
  for (const server of [null, undefined, "b.example"])
    refused("servers[1]", { servers: [{ hostname: "a.example" }, server] });
});

test("a socket must be a function: a pool connects more than once", () => {
  const stream = new Duplex({ read: () => undefined });
  refused("socket", { socket: stream }, /function/);
  refused("servers[0].socket", { servers: [{ socket: stream }] }, /function/);
  assert.equal(poolOptions({ socket: () => stream }).servers[0]?.target.kind, "socket");
});

test("what contradicts itself is refused, also when one half is shared", () => {
  refused("servers[0].startTls", { useTls: true, servers: [{ hostname: "a.example", startTls: true }] });
});

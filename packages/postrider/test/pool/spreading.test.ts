/**
 * Which connection carries a message, and when there is another.
 */
import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { SmtpPool } from "../../src/index.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, soon } from "../support/settle.js";
import { gate } from "./gate.js";

/** A server whose replies to contents wait for the gate. */
async function heldServer(extensions: readonly string[] = []) {
  const held = gate();
  const server = await ScriptedServer.start({
    extensions,
    replies: { CONTENT: () => held.opened.then(() => "250 OK") },
  });
  return { server, open: held.open };
}

const send = (pool: SmtpPool, count: number): Promise<unknown>[] =>
  Array.from({ length: count }, () => pool.send(TEXT, ENVELOPE));

acceptance("messages one after the other need one connection, greeted once", async () => {
  await using server = await ScriptedServer.start();
  await using pool = new SmtpPool(plain(server));
  for (let count = 0; count < 5; count++) await pool.send(TEXT, ENVELOPE);
  assert.equal(server.connections.length, 1);
  assert.equal(server.verbs.filter((verb) => verb === "EHLO").length, 1);
});

acceptance("nothing is opened before there is a message", async () => {
  await using server = await ScriptedServer.start();
  await using pool = new SmtpPool(plain(server));
  await turn();
  assert.deepEqual(pool.stats, {
    open: 0,
    idle: 0,
    busy: 0,
    queued: 0,
    sent: 0,
    refused: 0,
    failed: 0,
    unknown: 0,
    bytes: 0,
  });
  assert.equal(server.connections.length, 0);
});

acceptance("another connection is opened when those that are open are full, up to maxConnections", async () => {
  const { server, open } = await heldServer();
  await using _ = server;
  await using pool = new SmtpPool({ ...plain(server), maxConnections: 3 });
  const first = send(pool, 1);
  await (await server.connection(0)).saw("CONTENT");
  assert.equal(server.connections.length, 1);
  const others = send(pool, 6);
  for (const index of [1, 2]) await (await server.connection(index)).saw("CONTENT");
  assert.deepEqual([pool.stats.open, pool.stats.busy, pool.stats.idle, pool.stats.queued], [3, 3, 0, 4]);
  open();
  await Promise.all([...first, ...others]);
  assert.equal(server.connections.length, 3);
  assert.equal(server.messages.length, 7);
  assert.deepEqual([pool.stats.sent, pool.stats.queued, pool.stats.idle], [7, 0, 3]);
});

acceptance("nothing is written behind a slow verdict while another place is free", async () => {
  const { server, open } = await heldServer(["PIPELINING"]);
  await using _ = server;
  await using pool = new SmtpPool({ ...plain(server), maxConnections: 3 });
  const messages = send(pool, 3);
  for (const index of [0, 1, 2]) await (await server.connection(index)).saw("CONTENT");
  open();
  await Promise.all(messages);
});

acceptance("a message takes the connection that carries the least", async () => {
  const gates = [gate(), gate(), gate(), gate()] as const;
  let nth = 0;
  await using server = await ScriptedServer.start({
    extensions: ["PIPELINING"],
    replies: { CONTENT: () => gates[Math.min(nth++, 3)]?.opened.then(() => "250 OK") ?? "250 OK" },
  });
  await using pool = new SmtpPool({ ...plain(server), maxConnections: 2 });
  const four = send(pool, 4);
  await (await server.connection(0)).saw("CONTENT");
  await (await server.connection(1)).saw("CONTENT");
  const [a, b] = server.connections;
  const load = (): number[] => [a, b].map((one) => one?.verbs.filter((verb) => verb === "MAIL").length ?? 0);
  for (const one of gates) one.open();
  await Promise.all(four);
  // Both are idle now: six more are three and three.
  const before = load();
  await Promise.all(send(pool, 6));
  assert.deepEqual(
    load().map((count, index) => count - (before[index] ?? 0)),
    [3, 3],
  );
});

acceptance("maxMessagesPerConnection renews the connection, and no message is lost over it", async () => {
  await using server = await ScriptedServer.start();
  await using pool = new SmtpPool({ ...plain(server), maxMessagesPerConnection: 2, maxConnections: 1 });
  await Promise.all(send(pool, 7));
  assert.deepEqual(
    server.connections.map((connection) => connection.messages.length),
    [2, 2, 2, 1],
  );
  await soon(Promise.all(server.connections.slice(0, 3).map((one) => one.saw("QUIT"))), "QUIT on the old ones");
});

acceptance("maxConnections counts every socket: a renewal waits until the old connection has ended", async () => {
  let open = 0;
  let most = 0;
  await using server = await ScriptedServer.start({
    replies: {
      GREETING: (_, connection) => {
        most = Math.max(most, ++open);
        void connection.ended.then(() => open--);
        return "220 hi";
      },
    },
  });
  await using pool = new SmtpPool({ ...plain(server), maxMessagesPerConnection: 1, maxConnections: 3 });
  await Promise.all(send(pool, 20));
  assert.equal(server.connections.length, 20);
  // The server may hear of an end later than of the next beginning.
  assert.ok(most <= 6, `${most} at a time`);
  assert.ok(pool.stats.open <= 3);
});

acceptance("an idle connection says QUIT after idleTimeout", async () => {
  await using server = await ScriptedServer.start();
  await using pool = new SmtpPool({ ...plain(server), idleTimeout: 10 });
  await pool.send(TEXT, ENVELOPE);
  const connection = await server.connection();
  await soon(connection.saw("QUIT"), "QUIT");
  await soon(connection.ended, "the end");
  assert.equal(pool.stats.open, 0);
  await pool.send(TEXT, ENVELOPE);
  assert.equal(server.connections.length, 2);
});

acceptance("round-robin spreads messages over the servers", async () => {
  await using one = await ScriptedServer.start();
  await using two = await ScriptedServer.start();
  await using pool = new SmtpPool({
    servers: [plain(one), plain(two)],
    strategy: "round-robin",
  });
  for (let count = 0; count < 8; count++) await pool.send(TEXT, ENVELOPE);
  assert.ok(one.messages.length >= 3 && two.messages.length >= 3, `${one.messages.length}, ${two.messages.length}`);
});

acceptance("verify connects to every server, and leaves", async () => {
  await using one = await ScriptedServer.start();
  await using two = await ScriptedServer.start();
  await using pool = new SmtpPool({ servers: [plain(one), plain(two)] });
  await pool.verify();
  assert.deepEqual(
    [one.verbs, two.verbs],
    [
      ["EHLO", "QUIT"],
      ["EHLO", "QUIT"],
    ],
  );
  await using refusing = await ScriptedServer.start({ replies: { GREETING: "554 no" } });
  await using bad = new SmtpPool(plain(refusing));
  await assert.rejects(bad.verify(), { code: "greeting" });
});

acceptance("capacity is one message for each connection until a server is proven, then its window", async () => {
  await using server = await ScriptedServer.start({ extensions: ["PIPELINING"] });
  await using pool = new SmtpPool({ ...plain(server), maxConnections: 2 });
  assert.equal(pool.capacity, 2);
  await pool.send(TEXT, ENVELOPE);
  assert.equal(pool.capacity, 2);
  await Promise.all(send(pool, 40));
  assert.equal(pool.capacity, 32);
});

acceptance("with maxInFlight: 1 the capacity stays one message for each connection", async () => {
  await using server = await ScriptedServer.start({ extensions: ["PIPELINING", "CHUNKING"] });
  await using pool = new SmtpPool({ ...plain(server), maxConnections: 2, maxInFlight: 1 });
  await Promise.all(send(pool, 20));
  assert.equal(pool.capacity, 2);
  assert.equal(server.verbs.includes("BDAT"), false);
});

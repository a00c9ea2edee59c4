/**
 * Connecting, and the server's greeting.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import {
  SmtpClient,
  SmtpConnectError,
  SmtpDisconnectedError,
  SmtpGreetingError,
  SmtpProtocolError,
  SmtpTimeoutError,
  send,
} from "../../src/index.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { type Answer, bytes, close, inTurn, reset, silence } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, closed, nodeAcceptance, rejection, rejects, soon } from "../support/settle.js";
import { onWorkers } from "../support/transports.js";

acceptance("a client that only connects and quits sends QUIT and nothing else", async () => {
  await using server = await ScriptedServer.start();
  const client = new SmtpClient(plain(server));
  assert.equal(client.isConnected, false);
  const greeting = await client.connect();
  assert.equal(client.isConnected, true);
  assert.equal(greeting.code, 220);
  assert.equal((await client.quit()).code, 221);
  await closed(client, await server.connection());
  assert.deepEqual(server.lines, ["QUIT"]);
});

acceptance("a client that closes without QUIT writes nothing", async () => {
  await using server = await ScriptedServer.start();
  const client = await SmtpClient.connect(plain(server));
  client.close();
  await closed(client, await server.connection());
  assert.deepEqual(server.lines, []);
});

acceptance("a greeting of several lines is kept whole", async () => {
  await using server = await ScriptedServer.start({ replies: { GREETING: ["220-a", "220-b", "220 c"] } });
  await using client = new SmtpClient(plain(server));
  const greeting = await client.connect();
  assert.deepEqual(greeting.lines, ["a", "b", "c"]);
  assert.equal(greeting.message, "a\nb\nc");
  assert.deepEqual(client.greeting, greeting);
});

for (const [code, line] of [
  [554, "554 go away"],
  [421, "421 go away"],
  [521, "521 go away"],
] as const) {
  acceptance(`the greeting ${code} is a greeting error and closes without a command`, async () => {
    await using server = await ScriptedServer.start({ replies: { GREETING: line } });
    const client = new SmtpClient(plain(server));
    const error = await rejects(client.connect(), SmtpGreetingError);
    assert.equal(error.reply.code, code);
    assert.equal(error.reply.message, "go away");
    assert.match(error.message, /go away/);
    assert.equal(error.outcome, "not-sent");
    const connection = await server.connection();
    await closed(client, connection);
    assert.deepEqual(connection.lines, []);
  });
}

for (const [what, answer] of [
  ["an HTTP status line", bytes("HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n")],
  ["a blank line", bytes("\r\n")],
  ["SSH", bytes("SSH-2.0-OpenSSH_9.6\r\n")],
  ["a code of two digits", bytes("22 hello\r\n")],
  ["a code of four digits", bytes("2200 hello\r\n")],
  ["a code that starts with 6", bytes("620 hello\r\n")],
  ["a long line of no sense", bytes(`${"x".repeat(5000)}\r\n`)],
] as const) {
  acceptance(`${what} as greeting is a protocol error with a bounded excerpt`, async () => {
    await using server = await ScriptedServer.start({ replies: { GREETING: answer } });
    const client = new SmtpClient(plain(server));
    const error = await rejects(client.connect(), SmtpProtocolError);
    assert.equal(error.phase, "greeting");
    assert.ok(error.excerpt.length <= 200, "the excerpt is bounded");
    assert.ok(error.message.length <= 600, "the message is bounded");
    const connection = await server.connection();
    await closed(client, connection);
    assert.deepEqual(connection.lines, []);
  });
}

acceptance("a greeting that never ends is a protocol error, not memory", async () => {
  await using server = await ScriptedServer.start({
    replies: { GREETING: bytes(...Array.from({ length: 200 }, () => "220-x\r\n"), "220 x\r\n") },
  });
  const client = new SmtpClient(plain(server));
  const error = await rejects(client.connect(), SmtpProtocolError);
  assert.equal(error.phase, "greeting");
  await closed(client, await server.connection());
});

acceptance("a port that refuses is a connect error that names host and port, each time anew", async () => {
  const listener = createServer();
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  assert.ok(address !== null && typeof address === "object");
  const { port } = address;
  listener.close();
  await once(listener, "close");

  const client = new SmtpClient({ hostname: "127.0.0.1", port });
  for (const _ of ["first", "second"]) {
    const error = await rejects(soon(client.connect(), "a refused connect"), SmtpConnectError);
    assert.ok(error.cause instanceof Error);
    if (!onWorkers) assert.equal((error.cause as NodeJS.ErrnoException).code, "ECONNREFUSED");
    assert.match(error.message, /127\.0\.0\.1/);
    assert.match(error.message, new RegExp(String(port)));
    assert.equal(error.hostname, "127.0.0.1");
    assert.equal(error.port, port);
    assert.equal(client.isConnected, false);
  }
  await rejects(send(TEXT, { ...ENVELOPE, hostname: "127.0.0.1", port }), SmtpConnectError);
});

acceptance("a server that never greets is a timeout", async () => {
  await using server = await ScriptedServer.start({ replies: { GREETING: silence } });
  const client = new SmtpClient({ ...plain(server), timeout: 200 });
  const start = performance.now();
  const error = await rejects(client.connect(), SmtpTimeoutError);
  const took = performance.now() - start;
  assert.ok(took >= 150 && took < 2000, `it took ${took} ms`);
  assert.equal(error.phase, "greeting");
  assert.equal(error.timeout, 200);
  await closed(client, await server.connection());
});

for (const [what, answer] of [
  ["FIN", close],
  ["RST at once", reset],
  ["RST after a word", { kind: "all", answers: [bytes("220-w"), reset] }],
  ["FIN in the middle of the greeting", { kind: "all", answers: [bytes("220-half\r\n220 th"), close] }],
] as const satisfies readonly (readonly [string, Answer])[]) {
  acceptance(`${what} before the greeting is a disconnection`, async () => {
    await using server = await ScriptedServer.start({ replies: { GREETING: answer } });
    const client = new SmtpClient(plain(server));
    const error = await rejects(client.connect(), SmtpDisconnectedError);
    assert.equal(error.phase, "greeting");
    assert.equal(error.outcome, "not-sent");
    await closed(client, await server.connection());
  });
}

acceptance("a second connect is an error at once, and the session goes on", async () => {
  await using server = await ScriptedServer.start();
  await using client = await SmtpClient.connect(plain(server));
  await soon(rejection(client.connect()), "the second connect");
  assert.equal(client.isConnected, true);
  assert.equal((await client.noop()).code, 250);
  assert.equal(server.connections.length, 1);
});

acceptance("of two connects at once at most one connection comes", async () => {
  await using server = await ScriptedServer.start();
  await using client = new SmtpClient(plain(server));
  const outcomes = await Promise.allSettled([client.connect(), client.connect()]);
  assert.equal(outcomes[0]?.status, "fulfilled");
  assert.equal((await client.noop()).code, 250);
  assert.equal(server.connections.length, 1);
});

// Documentation addresses (RFC 5737) belong to no machine, so binding to one fails before a packet leaves.
const NOT_OURS = "192.0.2.1";

acceptance("the default port follows from the options of each client", async () => {
  const shared = { hostname: "127.0.0.1", localAddress: NOT_OURS } as const;
  for (const [options, port] of [
    [{}, 25],
    [{ useTls: true }, 465],
    [{ startTls: true }, 587],
    [{ startTls: false }, 25],
    [{ useTls: true, startTls: false }, 465],
    [{ port: 2525, useTls: true }, 2525],
    [{ port: undefined, useTls: undefined }, 25],
    [{}, 25],
  ] as const) {
    const error = await rejects(new SmtpClient({ ...shared, ...options }).connect(), SmtpConnectError);
    assert.equal(error.port, port, JSON.stringify(options));
  }
});

acceptance("a timeout given to connect governs that connect only", async () => {
  await using server = await ScriptedServer.start({
    replies: { GREETING: inTurn(silence, silence, "220 at last"), NOOP: silence },
  });
  const client = new SmtpClient({ ...plain(server), timeout: 300 });
  assert.equal((await rejects(client.connect({ timeout: 100 }), SmtpTimeoutError)).timeout, 100);
  assert.equal((await rejects(client.connect(), SmtpTimeoutError)).timeout, 300);
  await client.connect({ timeout: 5000 });
  assert.equal((await rejects(client.noop(), SmtpTimeoutError)).timeout, 300);
  for (const connection of server.connections) await closed(client, connection);
});

nodeAcceptance("the server sees the local address that was asked for", async () => {
  await using server = await ScriptedServer.start();
  await using client = await SmtpClient.connect({ ...plain(server), localAddress: "127.0.0.2" });
  assert.equal((await server.connection()).remoteAddress, "127.0.0.2");
  assert.equal(client.isConnected, true);
});

acceptance("a Unix socket carries a session", async () => {
  await using server = await ScriptedServer.start({ extensions: ["SIZE 1000"] }, { unix: true });
  const client = await SmtpClient.connect({ socketPath: server.socketPath });
  assert.equal((await client.ehlo()).code, 250);
  assert.equal(client.supports("SIZE"), true);
  await client.quit();
  await closed(client, await server.connection());
});

acceptance("a path that does not exist is a connect error that names it", async () => {
  await using server = await ScriptedServer.start({}, { unix: true });
  const socketPath = `${server.socketPath}-not`;
  const error = await rejects(new SmtpClient({ socketPath }).connect(), SmtpConnectError);
  assert.equal((error.cause as NodeJS.ErrnoException).code, "ENOENT");
  assert.ok(error.message.includes(socketPath));
});

acceptance("a socket of the caller's carries one session and is closed on quit", async () => {
  await using server = await ScriptedServer.start();
  const socket = connect(server.port, "127.0.0.1");
  await once(socket, "connect");
  const client = await SmtpClient.connect({ socket, startTls: false });
  assert.equal((await client.ehlo()).code, 250);
  await client.quit();
  await closed(client, await server.connection());
  if (!socket.closed) await soon(once(socket, "close"), "the given socket closes");
  assert.equal(socket.destroyed, true);
  await rejection(client.connect());
  assert.equal(server.connections.length, 1);
});

acceptance("a function that opens sockets is called for each connection", async () => {
  await using server = await ScriptedServer.start();
  let calls = 0;
  const client = new SmtpClient({
    startTls: false,
    socket: async () => {
      calls += 1;
      const socket = connect(server.port, "127.0.0.1");
      await once(socket, "connect");
      return socket;
    },
  });
  for (const round of [1, 2]) {
    await client.connect();
    assert.equal((await client.noop()).code, 250);
    await client.quit();
    assert.equal(calls, round);
    await closed(client, await server.connection(round - 1));
  }
});

acceptance("a function that fails to open a socket is a connect error with its cause", async () => {
  const cause = new Error("no tunnel today");
  const client = new SmtpClient({ socket: () => Promise.reject(cause) });
  const error = await rejects(client.connect(), SmtpConnectError);
  assert.equal(error.cause, cause);
  assert.equal(client.isConnected, false);
});

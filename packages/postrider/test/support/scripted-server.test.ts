/**
 * The scripted server itself: what the acceptance tests rest on.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { testCertificates } from "./certificates.js";
import { ask, bytes, close, inTurn, reset } from "./script.js";
import { ScriptedServer } from "./scripted-server.js";

/** Writes each text when the one before was answered, and gives all that came until the end. */
async function talk(socket: Socket, ...texts: string[]): Promise<{ text: string; segments: number }> {
  let text = "";
  let segments = 0;
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    segments += 1;
    const next = texts.shift();
    if (next !== undefined) socket.write(next);
  });
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("close", resolve));
  return { text, segments };
}

test("the default script takes a message and records it", async () => {
  await using server = await ScriptedServer.start({ extensions: ["SIZE 10"] });
  const said = await talk(
    connect(server.port, "127.0.0.1"),
    "EHLO me\r\n",
    "MAIL FROM:<a@b>\r\n",
    "RCPT TO:<c@d>\r\n",
    "DATA\r\n",
    "..dot\r\nline\r\n.\r\n",
    "quit\r\n",
  );
  assert.equal(
    said.text,
    "220 fake ESMTP\r\n250-fake\r\n250 SIZE 10\r\n250 OK\r\n250 OK\r\n354 go on\r\n250 OK\r\n221 bye\r\n",
  );
  assert.deepEqual(server.verbs, ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]);
  const [message] = server.messages;
  assert.equal(message?.raw.toString(), "..dot\r\nline\r\n");
  assert.equal(message?.text, ".dot\r\nline\r\n");
  assert.deepEqual(message?.recipients, ["RCPT TO:<c@d>"]);
  const connection = await server.connection();
  assert.equal(connection.chunks.length, 6);
  await connection.ended;
  await connection.saw("CONTENT");
});

test("pipelined commands and chunks are taken one after the other", async () => {
  await using server = await ScriptedServer.start();
  await talk(
    connect(server.port, "127.0.0.1"),
    "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 3\r\nabcBDAT 4 LAST\r\nd\r\neQUIT\r\n",
  );
  assert.equal(server.messages[0]?.text, "abcd\r\ne");
  assert.deepEqual(server.verbs, ["MAIL", "RCPT", "BDAT", "BDAT", "QUIT"]);
});

test("what the server writes can come byte by byte", async () => {
  await using server = await ScriptedServer.start({}, { segments: "byte" });
  const socket = connect(server.port, "127.0.0.1");
  let segments = 0;
  for await (const chunk of socket) {
    segments += 1;
    if ((chunk as Buffer).includes("\n")) break;
  }
  assert.ok(segments >= 10, `${segments} segments`);
});

test("a script answers in turn, asks, writes bytes and ends a connection by FIN or RST", async () => {
  await using server = await ScriptedServer.start({
    replies: {
      NOOP: inTurn(
        "250 one",
        ask("334 who", (line) => `235 ${line}`),
        bytes("250 ", "x\r\n"),
        close,
      ),
      RSET: reset,
    },
  });
  const first = await talk(connect(server.port, "127.0.0.1"), "NOOP\r\n", "NOOP\r\nme\r\nNOOP\r\nNOOP\r\n");
  assert.equal(first.text, "220 fake ESMTP\r\n250 one\r\n334 who\r\n235 me\r\n250 x\r\n");
  const socket = connect(server.port, "127.0.0.1");
  const error = once(socket, "error", { signal: AbortSignal.timeout(1000) });
  socket.once("data", () => socket.write("RSET\r\n"));
  assert.match(String(await error), /ECONNRESET/);
});

test("STARTTLS and TLS from the first byte", async () => {
  const { ca, server: identity } = await testCertificates();
  await using server = await ScriptedServer.start({}, { tls: identity });
  const plain = connect(server.port, "127.0.0.1");
  await once(plain, "data");
  plain.write("STARTTLS\r\n");
  await once(plain, "data");
  const secured = connectTls({ socket: plain, ca, servername: "localhost" });
  await once(secured, "secureConnect");
  secured.write("NOOP\r\n");
  await talk(secured, "QUIT\r\n");
  assert.deepEqual(server.lines, ["STARTTLS", "NOOP", "QUIT"]);
  assert.equal(server.connections[0]?.isSecure, true);

  await using implicit = await ScriptedServer.start({}, { tls: identity, implicitTls: true });
  const said = await talk(connectTls({ port: implicit.port, ca, servername: "localhost" }), "QUIT\r\n");
  assert.equal(said.text, "220 fake ESMTP\r\n221 bye\r\n");
  await implicit.allEnded();
});

test("a server that requires a client certificate sees the handshake fail without one", async () => {
  const { ca, server: identity } = await testCertificates();
  const tls = { ...identity, ca, requestCert: true, rejectUnauthorized: true };
  await using server = await ScriptedServer.start({}, { tls, implicitTls: true });
  const said = await talk(connectTls({ port: server.port, ca, servername: "localhost" }));
  assert.equal(said.text, "");
  assert.ok((await server.connection()).handshakeError instanceof Error);
});

test("what a script throws comes out when the server ends", async () => {
  const server = await ScriptedServer.start({
    replies: {
      NOOP: () => {
        throw new Error("oops");
      },
    },
  });
  await talk(connect(server.port, "127.0.0.1"), "NOOP\r\n");
  await assert.rejects(server[Symbol.asyncDispose](), AggregateError);
});

test("a Unix socket", async () => {
  await using server = await ScriptedServer.start({}, { unix: true });
  await talk(connect(server.socketPath), "QUIT\r\n");
  assert.deepEqual(server.verbs, ["QUIT"]);
});

test("a server that takes, refuses or swallows what stands behind the dot", async () => {
  const behind = {
    easy: "250 OK\r\n250 OK\r\n",
    "refuses behind": "503 pipelined behind the final dot\r\n".repeat(2),
    "swallows behind": "",
  } as const;
  for (const temper of ["easy", "refuses behind", "swallows behind"] as const) {
    await using server = await ScriptedServer.start({}, { temper });
    const socket = connect(server.port, "127.0.0.1");
    const dot = "text\r\n.\r\nRSET\r\nNOOP\r\n";
    const said = await talk(socket, "MAIL FROM:<a@b>\r\n", "RCPT TO:<c@d>\r\n", "DATA\r\n", dot, "QUIT\r\n");
    const [, after] = said.text.split("354 go on\r\n");
    assert.equal(after, `250 OK\r\n${behind[temper]}221 bye\r\n`, temper);
    assert.equal(server.messages[0]?.text, "text\r\n");
  }
});

test("a server that counts errors ends with 421, and one that runs chunks takes octets for commands", async () => {
  await using counting = await ScriptedServer.start({ replies: { RCPT: "550 no" } }, { temper: "counts errors" });
  const counted = await talk(connect(counting.port, "127.0.0.1"), "RCPT\r\n".repeat(5));
  assert.equal(counted.text, "220 fake ESMTP\r\n550 no\r\n550 no\r\n550 no\r\n421 too many errors\r\n");

  await using running = await ScriptedServer.start({}, { temper: "runs chunks" });
  const run = await talk(connect(running.port, "127.0.0.1"), "MAIL FROM:<a@b>\r\nBDAT 6 LAST\r\nQUIT\r\n");
  assert.equal(run.text, "220 fake ESMTP\r\n250 OK\r\n503 RCPT first\r\n221 bye\r\n");
});

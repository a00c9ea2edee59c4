import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import type { Socket } from "node:net";
import { duplexPair } from "node:stream";
import { type TestContext, test } from "node:test";
import { openTransport } from "../../src/transport/open-transport.js";
import type { Transport } from "../../src/transport/transport.js";
import { onWorkers } from "../support/transports.js";
import { bytes, cleanUp, closing, never, type Recorder, record, tcpServer } from "./peers.js";

/** A transport and the server's end of it. */
async function connected(t: TestContext): Promise<{ transport: Transport; heard: Recorder; server: Socket }> {
  let accept: (socket: Socket) => void = () => {};
  const accepted = new Promise<Socket>((resolve) => (accept = resolve));
  const port = await tcpServer(t, accept);
  const transport = await openTransport({ kind: "tcp", hostname: "127.0.0.1", port }, { signal: never });
  const heard = record(t, transport);
  return { transport, heard, server: await accepted };
}

const settled = () => new Promise(setImmediate);

test("a FIN of the peer is the end without an error, once, after the last byte", async (t) => {
  const { heard, server } = await connected(t);
  server.end("421 bye\r\n");
  assert.equal(await heard.untilEnd(), undefined);
  assert.equal(heard.text, "421 bye\r\n");
  await settled();
  assert.equal(heard.ends.length, 1);
});

test("a reset is the end with the system's error", async (t) => {
  const { heard, server } = await connected(t);
  server.resetAndDestroy();
  const error = (await heard.untilEnd()) as (Error & { code?: string }) | undefined;
  if (onWorkers) assert.equal(error?.message, "Network connection lost.");
  else assert.equal(error?.code, "ECONNRESET");
  await settled();
  assert.equal(heard.ends.length, 1);
});

test("an end that came before anybody listened is told to who listens then", async (t) => {
  const [ours] = duplexPair();
  const transport = await openTransport({ kind: "socket", socket: ours }, { signal: never });
  const broken = new Error("gone");
  const closed = closing(ours);
  ours.destroy(broken);
  await closed;
  const heard = record(t, transport);
  assert.equal(heard.ends.length, 0, "not inside listen");
  assert.equal(await heard.untilEnd(), broken);
});

test("after destroy nothing is called, and it may be called again", async (t) => {
  const { transport, heard, server } = await connected(t);
  const closed = closing(server);
  server.write("250 late\r\n");
  transport.destroy();
  transport.destroy();
  await closed;
  await settled();
  assert.deepEqual([heard.text, heard.ends.length], ["", 0]);
  assert.equal(transport.write(bytes("x")), false);
  transport.end();
});

test("destroy while a listener is told of bytes stops the rest", async (t) => {
  const [ours, theirs] = duplexPair();
  ours.pause();
  theirs.write("1");
  await settled();
  theirs.write("2");
  await settled();
  const transport = await openTransport({ kind: "socket", socket: ours }, { signal: never });
  cleanUp(t, () => theirs.destroy());
  let text = "";
  transport.listen({
    received(chunk) {
      text += Buffer.from(chunk).toString();
      transport.destroy();
    },
    drained: () => assert.fail("drained"),
    ended: () => assert.fail("ended"),
  });
  await settled();
  assert.match(text, /^1/);
  assert.equal(ours.destroyed, true);
});

test("end sends what was written, then FIN, and waits for nothing from the peer", async (t) => {
  const { transport, heard, server } = await connected(t);
  let got = "";
  server.on("data", (chunk) => {
    got += String(chunk);
  });
  const finished = once(server, "end");
  transport.write(bytes("QUIT\r\n"));
  transport.end();
  transport.end();
  assert.equal(transport.write(bytes("more")), false);
  await finished;
  assert.deepEqual([got, heard.text], ["QUIT\r\n", ""]);
});

test("a peer that does not read pushes back, and room is told of", async (t) => {
  const { transport, heard, server } = await connected(t);
  const chunk = new Uint8Array(1 << 20);
  let written = 1;
  while (transport.write(chunk)) written += 1;
  assert.ok(written < 64, "the system's buffers hold less than this");
  let got = 0;
  server.on("data", (bytes) => (got += bytes.length));
  await heard.until(() => heard.drains > 0);
  transport.end();
  await once(server, "end");
  assert.equal(got, written * chunk.length);
});

test("what is written while corked leaves as one", async (t) => {
  const { transport, server } = await connected(t);
  transport.cork();
  for (let line = 0; line < 50; line += 1) transport.write(bytes("RSET\r\n"));
  transport.uncork();
  const [first] = await once(server, "data");
  assert.equal(String(first), "RSET\r\n".repeat(50));
});

test("what is written while corked is one write to the stream below", async (t) => {
  const { transport, server } = await connected(t);
  server.resume();
  transport.cork();
  assert.equal(transport.write(bytes("a")), true);
  assert.equal(transport.write(new Uint8Array(1 << 20)), false, "corked bytes count");
  transport.uncork();
});

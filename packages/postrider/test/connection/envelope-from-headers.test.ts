/** The `envelopeFromHeaders` option, over a connection. */
import assert from "node:assert/strict";
import { MessageError, SmtpClient, SmtpConnectError, SmtpDisconnectedError, SmtpPool, send } from "../../src/index.js";
import { plain } from "../support/plain-client.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejects } from "../support/settle.js";

const HEAD = "From: a@x.example\r\nTo: b@y.example\r\nBcc: c@y.example\r\nMessage-ID: <1@x.example>\r\n\r\n";
const WIRE = HEAD.replace(/^Bcc.*\r\n/m, "");

interface Watched {
  readonly stream: AsyncIterable<Uint8Array>;
  readonly isReleased: () => boolean;
}

/** 1 MB behind the header, by default. */
function watched(head = HEAD, lines = 1000): Watched {
  let isReleased = false;
  async function* generate(): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from(head);
      for (let line = 0; line < lines; line += 1) yield Buffer.from(`${"x".repeat(998)}\r\n`);
    } finally {
      isReleased = true;
    }
  }
  return { stream: generate(), isReleased: () => isReleased };
}

acceptance("send, a client and a pool take the envelope from the header of text, bytes and streams", async () => {
  await using server = await ScriptedServer.start({ extensions: ["PIPELINING", "8BITMIME", "SIZE"] });
  const options = { envelopeFromHeaders: true } as const;
  await using client = await SmtpClient.connect(plain(server));
  await using pool = new SmtpPool(plain(server));
  for (const input of [HEAD, Buffer.from(HEAD), watched(HEAD, 0).stream, watched().stream]) {
    const isStream = typeof input !== "string" && !(input instanceof Uint8Array);
    const results = [await send(input, { ...plain(server), ...options })];
    results.push(await client.send(isStream ? watched().stream : input, options));
    results.push(await pool.send(isStream ? watched().stream : input, options));
    for (const { envelope, messageId } of results) {
      assert.deepEqual(envelope, { sender: "a@x.example", recipients: ["b@y.example", "c@y.example"] });
      assert.equal(messageId, "<1@x.example>");
    }
  }
  assert.equal(server.messages.length, 12);
  for (const { text } of server.messages) assert.equal(text.slice(0, WIRE.length), WIRE);
  assert.equal(server.messages.at(-1)?.text.length, WIRE.length + 1_000_000);
});

acceptance("one among parallel calls does not disturb the others", async () => {
  await using server = await ScriptedServer.start({ extensions: ["PIPELINING"] });
  await using client = await SmtpClient.connect(plain(server));
  const results = await Promise.all(
    Array.from({ length: 9 }, (_, index) =>
      client.send(index % 3 === 0 ? watched(HEAD, 80).stream : HEAD, { envelopeFromHeaders: true }),
    ),
  );
  assert.deepEqual(new Set(results.map(({ accepted }) => accepted.join())), new Set(["b@y.example,c@y.example"]));
  for (const { text } of server.messages) assert.ok(text.startsWith(WIRE));
});

acceptance("what is wrong with the header is found before there is a connection", async () => {
  await using server = await ScriptedServer.start();
  const { stream, isReleased } = watched("From: a@x.example\r\n\r\n");
  await rejects(send(stream, { ...plain(server), envelopeFromHeaders: true }), MessageError);
  assert.equal(isReleased(), true);
  assert.equal(server.connections.length, 0);
});

acceptance("a stream whose header was read is told to stop when there is no connection for it", async () => {
  const server = await ScriptedServer.start();
  const address = plain(server);
  const client = await SmtpClient.connect(address);
  const pool = new SmtpPool(address);
  await client.quit();
  await pool.close();
  await server[Symbol.asyncDispose]();
  const begun = [watched(), watched(), watched()] as const;
  await rejects(send(begun[0].stream, { ...address, envelopeFromHeaders: true }), SmtpConnectError);
  await rejects(client.send(begun[1].stream, { envelopeFromHeaders: true }), SmtpDisconnectedError);
  await rejects(pool.send(begun[2].stream, { envelopeFromHeaders: true }), SmtpDisconnectedError);
  for (const { isReleased } of begun) assert.equal(isReleased(), true);
});

acceptance("an abort while the header is awaited rejects with its reason, and the connection lives on", async () => {
  await using server = await ScriptedServer.start();
  await using client = await SmtpClient.connect(plain(server));
  const hanging: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
  };
  const aborting = new AbortController();
  const reason = new Error("enough");
  const sending = client.send(hanging, { envelopeFromHeaders: true, signal: aborting.signal });
  aborting.abort(reason);
  await assert.rejects(sending, reason);
  await client.send(HEAD, { envelopeFromHeaders: true });
  assert.equal(server.messages.length, 1);
});

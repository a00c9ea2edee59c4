/**
 * A server that has had enough of a connection without having said so before: the pool goes on over a new one.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { SmtpPool, SmtpSenderRefusedError } from "../../src/index.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import type { Reply } from "../support/script.js";
import type { ScriptedConnection, ScriptedMessage } from "../support/scripted-connection.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejection, rejects, soon } from "../support/settle.js";

/** Takes so many messages on a connection, then answers MAIL with this, and what follows it as a server does. */
function spending(count: number, refusal: string): Record<string, Reply> {
  const refused = new WeakSet<ScriptedConnection>();
  const after =
    (reply: string): Reply =>
    (_, connection) =>
      refused.has(connection) ? "503 5.5.1 MAIL first" : reply;
  return {
    MAIL: (_, connection) => {
      if (whole(connection.messages).length < count) return "250 OK";
      refused.add(connection);
      return refusal;
    },
    RCPT: after("250 OK"),
    DATA: after("354 go on"),
    CONTENT: after("250 OK"),
  };
}

/** Without those that had no recipient. */
function whole(messages: readonly ScriptedMessage[]): readonly ScriptedMessage[] {
  return messages.filter(({ recipients }) => recipients.length > 0);
}

for (const extensions of [[], ["PIPELINING"], ["PIPELINING", "CHUNKING"]]) {
  const way = extensions.join() || "one command at a time";

  acceptance(`452 to MAIL after some messages: they all arrive, over new connections (${way})`, async () => {
    await using server = await ScriptedServer.start({ extensions, replies: spending(3, "452 4.5.3 too many") });
    await using pool = new SmtpPool({ ...plain(server), maxConnections: 2 });
    const texts = Array.from({ length: 20 }, (_, index) => `${index}\r\n`);
    await Promise.all(texts.map((text) => pool.send(text, ENVELOPE)));
    assert.deepEqual(
      whole(server.messages)
        .map(({ text }) => text)
        .sort(),
      [...texts].sort(),
    );
    for (const { messages } of server.connections) assert.ok(whole(messages).length <= 3);
    assert.deepEqual([pool.stats.sent, pool.stats.refused, pool.stats.failed], [20, 0, 0]);
  });
}

acceptance(
  "one message after the other: the message goes again on the new connection, and is the first there",
  async () => {
    for (const refusal of ["452 4.5.3 enough", "451 4.7.1 enough", "421 4.7.0 enough"]) {
      await using server = await ScriptedServer.start({ replies: spending(2, refusal) });
      await using pool = new SmtpPool(plain(server));
      for (const index of [1, 2, 3, 4, 5]) await pool.send(`${index}\r\n`, ENVELOPE);
      assert.deepEqual(
        server.connections.map(({ messages }) => messages.map(({ text }) => text.trim())),
        [["1", "2"], ["3", "4"], ["5"]],
      );
      await soon(server.connections[0]?.ended ?? Promise.reject(new Error("none")), "the spent connection ends");
    }
  },
);

acceptance("a sender that is refused on a fresh connection too is refused: one renewal, not many", async () => {
  await using server = await ScriptedServer.start({
    replies: { MAIL: ({ line }) => (line.includes("<slow@") ? "451 4.7.1 greylisted" : "250 OK") },
  });
  await using pool = new SmtpPool({ ...plain(server), maxConnections: 1 });
  await pool.send(TEXT, ENVELOPE);
  const error = await rejects(pool.send(TEXT, { ...ENVELOPE, sender: "slow@x.example" }), SmtpSenderRefusedError);
  assert.deepEqual([error.reply.code, error.retry], [451, "later"]);
  assert.equal(server.connections.length, 2);
  await pool.send(TEXT, ENVELOPE);
  assert.equal(server.connections.length, 2);
  assert.deepEqual([pool.stats.sent, pool.stats.refused], [2, 1]);
});

acceptance("5yz to MAIL, and 4yz on a connection that has carried nothing, are told at once", async () => {
  await using server = await ScriptedServer.start({ replies: spending(1, "550 no") });
  await using pool = new SmtpPool(plain(server));
  await pool.send(TEXT, ENVELOPE);
  await rejects(pool.send(TEXT, ENVELOPE), SmtpSenderRefusedError);
  assert.equal(server.connections.length, 1);
  await using other = await ScriptedServer.start({ replies: spending(0, "452 no") });
  await using second = new SmtpPool(plain(other));
  await rejects(second.send(TEXT, ENVELOPE), SmtpSenderRefusedError);
  assert.equal(other.connections.length, 1);
});

acceptance("a short stream goes again; a long one that was begun is refused with the server's reply", async () => {
  for (const [length, isSent] of [
    [1000, true],
    [200_000, false],
  ] as const) {
    await using server = await ScriptedServer.start({ replies: spending(1, "452 4.5.3 enough") });
    await using pool = new SmtpPool({ ...plain(server), maxConnections: 1 });
    await pool.send(TEXT, ENVELOPE);
    const sending = pool.send(Readable.from([Buffer.alloc(length, "a")]), ENVELOPE);
    if (isSent) await sending;
    else assert.equal((await rejects(sending, SmtpSenderRefusedError)).reply.code, 452);
    assert.equal(server.messages.length, isSent ? 2 : 1);
  }
});

acceptance("an abort, and the end of the pool, reach a message while its connection is made", async () => {
  const hold = new Promise<string>(() => undefined);
  for (const end of ["abort", "close"] as const) {
    let greetings = 0;
    await using server = await ScriptedServer.start({
      replies: { ...spending(1, "452 enough"), GREETING: () => (greetings++ === 0 ? "220 hi" : hold) },
    });
    const pool = new SmtpPool(plain(server));
    await pool.send(TEXT, ENVELOPE);
    const controller = new AbortController();
    const sending = rejection(pool.send(TEXT, { ...ENVELOPE, signal: controller.signal }));
    await server.connection(1);
    if (end === "abort") controller.abort(new Error("enough of this"));
    const closing = pool.close({ force: true });
    assert.match((await soon(sending, "the message")).message, end === "abort" ? /enough of this/ : /452/);
    await closing;
  }
});

acceptance("LIMITS: a pool goes on over new connections, and says what it cannot carry", async () => {
  const recipients = ["a@y.example", "b@y.example", "c@y.example"];
  for (const way of [[], ["PIPELINING"], ["PIPELINING", "CHUNKING"]]) {
    await using server = await ScriptedServer.start({ extensions: [...way, "LIMITS MAILMAX=2 RCPTMAX=2"] });
    await using pool = new SmtpPool({ ...plain(server), maxConnections: 2 });
    const results = await Promise.all(Array.from({ length: 30 }, () => pool.send(TEXT, { ...ENVELOPE, recipients })));
    for (const { accepted } of results) assert.deepEqual(accepted, recipients);
    for (const { messages } of server.connections) assert.ok(messages.length <= 2);
    assert.equal(server.messages.length, 60);
  }
});

acceptance("LIMITS: a message that needs more transactions than a connection takes goes over several", async () => {
  await using server = await ScriptedServer.start({ extensions: ["LIMITS MAILMAX=2 RCPTMAX=2"] });
  await using pool = new SmtpPool(plain(server));
  const recipients = ["a", "b", "c", "d", "e"].map((name) => `${name}@y.example`);
  const { accepted } = await pool.send(TEXT, { ...ENVELOPE, recipients });
  assert.deepEqual(accepted, recipients);
  assert.equal(server.messages.length, 3);
});

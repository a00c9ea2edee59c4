/**
 * How a pool ends: drained or at once; and how one of its messages is given up.
 */
import assert from "node:assert/strict";
import { SmtpDisconnectedError, SmtpPool } from "../../src/index.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { inTurn, mute } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejection, rejects, soon } from "../support/settle.js";
import { gate } from "./gate.js";

acceptance("close() lets all messages finish and says QUIT on every connection", async () => {
  const held = gate();
  await using server = await ScriptedServer.start({
    replies: { CONTENT: () => held.opened.then(() => "250 OK") },
  });
  const pool = new SmtpPool({ ...plain(server), maxConnections: 2 });
  const sends = Array.from({ length: 5 }, () => pool.send(TEXT, ENVELOPE));
  await (await server.connection(1)).saw("CONTENT");
  const closing = pool.close();
  await rejects(pool.send(TEXT, ENVELOPE), SmtpDisconnectedError);
  held.open();
  await Promise.all(sends);
  await soon(closing, "close()");
  assert.equal(server.messages.length, 5);
  for (const connection of server.connections) assert.equal(connection.verbs.at(-1), "QUIT");
  await server.allEnded();
  assert.equal(pool.stats.open, 0);
});

acceptance("close() of a pool that was never used, and close() again", async () => {
  await using server = await ScriptedServer.start();
  const pool = new SmtpPool(plain(server));
  assert.equal(pool.close(), pool.close());
  await soon(pool.close(), "close()");
  await rejects(pool.verify(), SmtpDisconnectedError);
  assert.equal(server.connections.length, 0);
});

acceptance("close({ force: true }) ends at once, and each message hears what is true of it", async () => {
  await using server = await ScriptedServer.start({ replies: { CONTENT: mute } });
  const pool = new SmtpPool({ ...plain(server), maxConnections: 1 });
  const [first, second] = [1, 2].map(() => rejects(pool.send(TEXT, ENVELOPE), SmtpDisconnectedError));
  await (await server.connection()).saw("CONTENT");
  await soon(pool.close({ force: true }), "close()");
  assert.deepEqual([(await first)?.outcome, (await second)?.outcome], ["unknown", "not-sent"]);
  const { unknown, failed, open, queued } = pool.stats;
  assert.deepEqual({ unknown, failed, open, queued }, { unknown: 1, failed: 1, open: 0, queued: 0 });
});

acceptance("a drain that takes too long can still be forced", async () => {
  await using server = await ScriptedServer.start({ replies: { CONTENT: mute } });
  const pool = new SmtpPool(plain(server));
  const sent = rejects(pool.send(TEXT, ENVELOPE), SmtpDisconnectedError);
  await (await server.connection()).saw("CONTENT");
  const draining = pool.close();
  await pool.close({ force: true });
  await soon(draining, "the drain");
  await sent;
});

acceptance(
  "close({ signal }) waits until the signal fires, closes at once then, and rejects with its reason",
  async () => {
    await using server = await ScriptedServer.start({ replies: { CONTENT: mute } });
    const pool = new SmtpPool({ ...plain(server), maxConnections: 1 });
    const [first, second] = [1, 2].map(() => rejects(pool.send(TEXT, ENVELOPE), SmtpDisconnectedError));
    await (await server.connection()).saw("CONTENT");
    const limit = new AbortController();
    const draining = pool.close();
    const closing = assert.rejects(pool.close({ signal: limit.signal }), (error) => error === limit.signal.reason);
    limit.abort(new Error("enough"));
    await soon(closing, "close()");
    await soon(draining, "the drain that had no limit");
    assert.deepEqual([(await first)?.outcome, (await second)?.outcome], ["unknown", "not-sent"]);
    assert.equal(pool.stats.open, 0);
  },
);

acceptance("close({ signal }) of a pool that has finished in time is a close like any other", async () => {
  await using server = await ScriptedServer.start();
  const pool = new SmtpPool(plain(server));
  await pool.send(TEXT, ENVELOPE);
  const limit = new AbortController();
  await soon(pool.close({ signal: limit.signal }), "close()");
  assert.equal(server.connections[0]?.verbs.at(-1), "QUIT");
  limit.abort();
  await pool.close();
});

acceptance("what close does not know is an error, and closes nothing", async () => {
  await using server = await ScriptedServer.start();
  await using pool = new SmtpPool(plain(server));
  await assert.rejects(pool.close({ signal: 5 } as never), { code: "option", option: "signal" });
  await assert.rejects(pool.close({ force: "yes" } as never), { code: "option", option: "force" });
  await assert.rejects(pool.close({ timeout: 5 } as never), { code: "option", option: "timeout" });
  await pool.send(TEXT, ENVELOPE);
});

acceptance("force also ends what is just being opened", async () => {
  for (const replies of [{ GREETING: mute }, { EHLO: mute }]) {
    await using server = await ScriptedServer.start({ replies });
    const pool = new SmtpPool(plain(server));
    const sent = rejects(pool.send(TEXT, ENVELOPE), SmtpDisconnectedError);
    await server.connection();
    if ("EHLO" in replies) await (await server.connection()).saw("EHLO");
    await soon(pool.close({ force: true }), "close()");
    assert.equal((await sent).outcome, "not-sent");
    await soon(server.allEnded(), "the end");
  }
});

acceptance("aborting a message that waits disturbs nobody", async () => {
  const held = gate();
  await using server = await ScriptedServer.start({ replies: { CONTENT: () => held.opened.then(() => "250 OK") } });
  await using pool = new SmtpPool({ ...plain(server), maxConnections: 1 });
  const first = pool.send(TEXT, ENVELOPE);
  await (await server.connection()).saw("CONTENT");
  const controller = new AbortController();
  const second = rejection(pool.send(TEXT, { ...ENVELOPE, signal: controller.signal }));
  const third = pool.send(TEXT, ENVELOPE);
  const reason = new Error("not this one");
  controller.abort(reason);
  assert.equal(await soon(second, "the abort"), reason);
  held.open();
  await Promise.all([first, third]);
  assert.equal(server.connections.length, 1);
  assert.deepEqual([pool.stats.sent, pool.stats.failed], [2, 1]);
});

acceptance("aborting a message on the wire ends its connection; those behind it go out on another", async () => {
  const held = gate();
  await using server = await ScriptedServer.start({
    extensions: ["PIPELINING"],
    replies: { MAIL: inTurn(() => held.opened.then(() => "250 OK"), "250 OK") },
  });
  await using pool = new SmtpPool({ ...plain(server), maxConnections: 1 });
  const controller = new AbortController();
  const first = rejection(pool.send(TEXT, { ...ENVELOPE, signal: controller.signal }));
  const others = [1, 2].map(() => pool.send(TEXT, ENVELOPE));
  await (await server.connection()).saw("MAIL");
  const reason = new Error("enough");
  controller.abort(reason);
  assert.equal(await soon(first, "the abort"), reason);
  held.open();
  await Promise.all(others);
  assert.equal(server.messages.length, 2);
  assert.equal(server.connections.length, 2);
});

acceptance("a signal that was aborted before sends nothing", async () => {
  await using server = await ScriptedServer.start();
  await using pool = new SmtpPool(plain(server));
  const reason = new Error("too late");
  const error = await rejection(pool.send(TEXT, { ...ENVELOPE, signal: AbortSignal.abort(reason) }));
  assert.equal(error, reason);
  assert.equal(server.connections.length, 0);
});

acceptance("a signal that outlives its messages does not hold them", async () => {
  await using server = await ScriptedServer.start({ extensions: ["PIPELINING", "CHUNKING"] });
  await using pool = new SmtpPool(plain(server));
  const { signal } = new AbortController();
  let listening = 0;
  const { addEventListener, removeEventListener } = signal;
  Object.assign(signal, {
    addEventListener: (...given: Parameters<typeof addEventListener>) => {
      listening++;
      addEventListener.apply(signal, given);
    },
    removeEventListener: (...given: Parameters<typeof removeEventListener>) => {
      listening--;
      removeEventListener.apply(signal, given);
    },
  });
  await Promise.all(Array.from({ length: 30 }, () => pool.send(TEXT, { ...ENVELOPE, signal })));
  assert.equal(listening, 0);
});

acceptance("stats add up to what was given", async () => {
  await using server = await ScriptedServer.start({
    replies: { RCPT: (command) => (command.line.includes("no@") ? "550 no" : "250 OK") },
  });
  await using pool = new SmtpPool(plain(server));
  const outcomes = await Promise.allSettled(
    ["b", "no", "b", "no", "b"].map((name) =>
      pool.send(TEXT, { sender: "a@x.example", recipients: [`${name}@y.example`] }),
    ),
  );
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 3);
  const { sent, refused, failed, unknown, queued, bytes } = pool.stats;
  assert.deepEqual(
    { sent, refused, failed, unknown, queued },
    { sent: 3, refused: 2, failed: 0, unknown: 0, queued: 0 },
  );
  assert.equal(
    bytes,
    server.connections.reduce((sum, connection) => sum + connection.byteCount, 0),
  );
});

acceptance("bad input is refused before anything is queued", async () => {
  await using server = await ScriptedServer.start();
  await using pool = new SmtpPool(plain(server));
  await assert.rejects(pool.send(TEXT, { ...ENVELOPE, recipients: ["a\r\nb@y.example"] }), { code: "address" });
  await assert.rejects(pool.send({ from: "a@x.example", to: [], subject: "a\nb" }), { code: "message" });
  assert.throws(() => pool.sendAll([], { concurrency: 0 }), { code: "option" });
  assert.deepEqual([pool.stats.failed, server.connections.length], [0, 0]);
});

acceptance("a connection that is ready in the moment of the close is closed too", async () => {
  await using server = await ScriptedServer.start();
  for (let microtasks = 0; microtasks < 30; microtasks++) {
    const controller = new AbortController();
    let isClosed: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      for (let count = 0; count < microtasks; count++) await undefined;
      controller.abort(new Error("not needed any more"));
      await pool.close();
    };
    const pool = new SmtpPool({
      ...plain(server),
      trace: (event) => {
        if (event.type === "server" && event.line.startsWith("250")) isClosed ??= close();
      },
    });
    await rejection(pool.send(TEXT, { ...ENVELOPE, signal: controller.signal }));
    await isClosed;
    const connection = await server.connection(microtasks);
    await soon(connection.ended, `the connection, closed ${microtasks} microtasks after its EHLO was answered`);
  }
});

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Connection } from "../../src/connection/connection.js";
import { SmtpDisconnectedError, SmtpSenderRefusedError, SmtpTimeoutError } from "../../src/errors/errors.js";
import type { Transaction } from "../../src/session/transaction.js";
import { MemoryTransport } from "../support/memory-transport.js";
import { delivery, failure, noop, type Open, queueOf, ready, SETTINGS, send, stream } from "./memory-connection.js";

// --- streams --------------------------------------------------------------------------------------------------------

test("streamed content is poured after 354, no faster than the transport takes it", async () => {
  const { transport, connection } = await ready();
  const read: string[] = [];
  async function* source(): AsyncGenerator<Uint8Array, undefined> {
    for (const text of ["a\r\n", ".b\r\n"]) {
      read.push(text);
      yield Buffer.from(text);
    }
    return undefined;
  }
  const sent = send(connection, stream("k", source()));
  await turn();
  for (const reply of ["250 ok", "250 ok"]) await transport.say(reply);
  transport.taken();
  transport.hasRoom = false;
  await transport.drain();
  transport.hasRoom = false;
  await transport.say("354 go");
  assert.deepEqual([read, transport.taken()], [["a\r\n"], "a\r\n"]);
  await transport.drain();
  assert.equal(transport.taken(), "..b\r\n.\r\n");
  await transport.say("250 taken");
  assert.equal((await sent).contentReplies[0]?.message, "taken");
});

test("a source that fails ends the connection without the lone dot; its error is the call's", async () => {
  const { transport, connection } = await ready();
  const cause = new Error("disk");
  async function* source(): AsyncGenerator<Uint8Array, undefined> {
    yield Buffer.from("half a mess");
    throw cause;
  }
  const sent = send(connection, stream("k", source()));
  const behind = noop(connection);
  const checks = [assert.rejects(sent, cause), failure(behind)] as const;
  await turn();
  for (const reply of ["250 ok", "250 ok", "354 go"]) await transport.say(reply);
  await checks[0];
  const error = await checks[1];
  assert.equal(error.cause, cause);
  assert.ok(transport.taken().endsWith("DATA\r\nhalf a mess"));
  assert.equal(transport.state, "destroyed");
});

test("a source is released when its message is refused or the connection ends", async () => {
  for (const act of [
    (transport: MemoryTransport) => transport.say("550 no"),
    (transport: MemoryTransport) => transport.lose(),
  ]) {
    const { transport, connection } = await ready();
    let isReleased = false;
    const source: AsyncIterator<Uint8Array> = {
      next: () => new Promise(() => undefined),
      return: async () => {
        isReleased = true;
        return { done: true, value: undefined };
      },
    };
    const sent = send(connection, stream("k", source)).catch(() => undefined);
    await turn();
    await act(transport);
    await sent;
    assert.equal(isReleased, true);
  }
});

// --- time -----------------------------------------------------------------------------------------------------------

/** Which of these have settled by now. */
async function settledOf(promises: readonly Promise<unknown>[]): Promise<boolean[]> {
  const states = promises.map(() => false);
  promises.forEach((promise, index) => {
    const mark = (): void => {
      states[index] = true;
    };
    promise.then(mark, mark);
  });
  await turn();
  return states;
}

async function timed(t: TestContext, offers: readonly string[] = []): Promise<Open & { pass: (ms: number) => void }> {
  const open = await ready(offers);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => t.mock.timers.reset());
  return { ...open, pass: (ms) => t.mock.timers.tick(ms) };
}

test("AUTH and STARTTLS have timeouts of their own; an attempt to connect has one for all", async (t) => {
  for (const [verb, attempt, limit] of [
    ["AUTH", undefined, 30],
    ["STARTTLS", undefined, 20],
    ["AUTH", 50, 50],
    ["STARTTLS", 50, 50],
    ["NOOP", undefined, 1000],
  ] as const) {
    const { connection } = await ready(["STARTTLS", "AUTH PLAIN"], { authTimeout: 30, tlsTimeout: 20 });
    connection.attemptTimeout = attempt;
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const call = connection.command({ kind: "command", verb, line: verb });
    await turn();
    t.mock.timers.tick(limit - 1);
    assert.deepEqual(await settledOf([call]), [false], verb);
    t.mock.timers.tick(1);
    const error = await failure(call);
    assert.ok(error instanceof SmtpTimeoutError);
    assert.equal(error.timeout, limit);
    t.mock.timers.reset();
  }
});

test("a command that gets no answer times out; what waited behind it finds the connection gone", async (t) => {
  const { transport, connection, pass } = await timed(t);
  const calls = [noop(connection), send(connection, delivery("k"))] as const;
  await turn();
  pass(999);
  assert.deepEqual(await settledOf(calls), [false, false]);
  pass(1);
  const error = await failure(calls[0]);
  assert.ok(error instanceof SmtpTimeoutError);
  assert.match(error.message, /1000 ms.*NOOP/);
  const behind = await failure(calls[1]);
  assert.ok(behind instanceof SmtpDisconnectedError);
  assert.equal(behind.outcome, "not-sent");
  assert.equal(transport.state, "destroyed");
});

test("every byte that comes is progress", async (t) => {
  const { transport, connection, pass } = await timed(t);
  const call = noop(connection);
  await turn();
  for (const part of ["250-a", "250-b", "250-c"]) {
    pass(900);
    await transport.say(part);
  }
  pass(900);
  await transport.say("250 d");
  assert.equal((await call).lines.length, 4);
});

test("the reply after the content has a time of its own, and its outcome is unknown when it does not come", async (t) => {
  const { transport, connection, pass } = await timed(t);
  const sent = send(connection, delivery("k"));
  await turn();
  for (const reply of ["250 ok", "250 ok", "354 go"]) await transport.say(reply);
  pass(4999);
  assert.deepEqual(await settledOf([sent]), [false]);
  pass(1);
  const error = await failure(sent);
  assert.ok(error instanceof SmtpTimeoutError);
  assert.deepEqual([error.timeout, error.outcome, error.phase], [5000, "unknown", "content"]);
});

test("an idle connection has no timer", async (t) => {
  const { connection, pass } = await timed(t);
  pass(1_000_000);
  assert.equal(connection.ending, undefined);
});

test("a server that takes no bytes, and a source that gives none, time out as that", async (t) => {
  const blocked = await timed(t);
  blocked.transport.hasRoom = false;
  const call = noop(blocked.connection);
  await turn();
  blocked.pass(1000);
  assert.match((await failure(call)).message, /take more bytes/);
  t.mock.timers.reset();

  const dry = await timed(t);
  const sent = send(dry.connection, stream("k", { next: () => new Promise(() => undefined) }));
  await turn();
  for (const reply of ["250 ok", "250 ok", "354 go"]) await dry.transport.say(reply);
  dry.pass(1000);
  const error = await failure(sent);
  assert.match(error.message, /the content to be read/);
  assert.equal(error.outcome, "not-sent");
});

// --- endings --------------------------------------------------------------------------------------------------------

test("a connection lost after the content is unknown, before it not sent, and a refusal is told as the refusal", async () => {
  for (const [replies, outcome] of [
    [[], "not-sent"],
    [["250 ok"], "not-sent"],
    [["250 ok", "250 ok"], "not-sent"],
    [["250 ok", "250 ok", "354 go"], "unknown"],
  ] as const) {
    const { transport, connection } = await ready();
    const sent = send(connection, delivery("k"));
    await turn();
    for (const reply of replies) await transport.say(reply);
    await transport.lose(new Error("reset"));
    const error = await failure(sent);
    assert.ok(error instanceof SmtpDisconnectedError);
    assert.equal(error.outcome, outcome);
    assert.match(error.message, /reset/);
  }
  const { transport, connection } = await ready(["PIPELINING"]);
  const sent = send(connection, delivery("k"));
  await turn();
  await transport.say("550 not you");
  await transport.lose();
  assert.ok((await failure(sent)) instanceof SmtpSenderRefusedError);
});

test("421 while idle ends the connection, and its words are on the next error", async () => {
  const { transport, connection } = await ready();
  await transport.say("421 good night");
  assert.match((await failure(noop(connection))).message, /good night/);
  assert.equal(transport.state, "destroyed");
});

test("a reply that nothing asked for is never the next command's, whole or in halves", async () => {
  const whole = await ready();
  await whole.transport.say("250 stale");
  await failure(noop(whole.connection));
  assert.equal(whole.transport.taken(), "");

  const half = await ready();
  await half.transport.say("250-stale");
  const call = failure(noop(half.connection));
  await turn();
  await half.transport.say("250 stale");
  await call;
  assert.equal(half.transport.taken(), "");
  assert.equal(half.transport.state, "destroyed");
});

test("QUIT lets what is before it finish, and ends the stream in order", async () => {
  const { transport, connection } = await ready(["PIPELINING"]);
  const sent: Promise<Transaction> = send(connection, delivery("k"));
  const quit = queueOf(connection).command({ kind: "command", verb: "QUIT", line: "QUIT" }, false);
  await turn();
  await transport.say("250 ok", "250 ok", "354 go");
  await transport.say("250 taken", "221 bye");
  assert.equal((await sent).contentReplies[0]?.message, "taken");
  assert.equal((await quit).code, 221);
  assert.equal(transport.state, "ended");
});

test("everything that waits is answered once when the connection is closed", async () => {
  const { transport, connection } = await ready();
  let count = 0;
  const calls = [noop(connection), send(connection, delivery("k")), noop(connection)];
  for (const call of calls) call.catch(() => count++);
  await turn();
  connection.end({ kind: "closed" });
  connection.end({ kind: "goodbye", wasIdle: false });
  await turn();
  assert.equal(count, 3);
  assert.deepEqual(connection.ending, { kind: "closed" });
  await transport.say("250 late");
});

test("a trace sees the connection come and go", async () => {
  const seen: string[] = [];
  const { transport, connection } = await ready([], {
    trace: (event) => seen.push(event.type === "client" || event.type === "server" ? event.line : event.type),
  });
  connection.end({ kind: "closed" });
  assert.deepEqual(seen, ["connect", "220 memory", "EHLO me.example", "250 memory", "close"]);
  assert.equal(transport.state, "destroyed");
});

test("a connection that was ended before it started says so at once", async () => {
  const connection = new Connection(new MemoryTransport(), SETTINGS);
  const reason = new Error("not needed any more");
  connection.end({ kind: "signal", reason });
  await assert.rejects(connection.start(), reason);
});

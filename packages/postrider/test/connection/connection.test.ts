import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Connection } from "../../src/connection/connection.js";
import {
  SmtpDisconnectedError,
  SmtpGreetingError,
  SmtpHelloError,
  SmtpProtocolError,
  SmtpTimeoutError,
} from "../../src/errors/errors.js";
import type { Delivery, OpenedContent } from "../../src/submission/submission.js";
import { NO_CAPABILITIES } from "../../src/wire/capabilities.js";
import { MemoryTransport } from "../support/memory-transport.js";
import { delivery, envelope, failure, group, noop, opened, ready, SETTINGS, send } from "./memory-connection.js";

// --- greeting -------------------------------------------------------------------------------------------------------

test("a greeting other than 220 is an error, and the connection is closed", async () => {
  const transport = new MemoryTransport();
  const greeting = new Connection(transport, SETTINGS).start();
  greeting.catch(() => undefined);
  void transport.say("554 go away");
  assert.ok((await failure(greeting)) instanceof SmtpGreetingError);
  assert.equal(transport.state, "destroyed");
});

test("a stream that ends before the greeting, or speaks no SMTP, is told as that", async () => {
  for (const [act, type] of [
    [(transport: MemoryTransport) => transport.lose(), SmtpDisconnectedError],
    [(transport: MemoryTransport) => transport.lose(new Error("reset")), SmtpDisconnectedError],
    [(transport: MemoryTransport) => transport.say("HTTP/1.1 400 Bad Request"), SmtpProtocolError],
  ] as const) {
    const transport = new MemoryTransport();
    const greeting = new Connection(transport, SETTINGS).start();
    greeting.catch(() => undefined);
    void act(transport);
    const error = await failure(greeting);
    assert.ok(error instanceof type);
    assert.equal(error.phase, "greeting");
    assert.equal(transport.state, "destroyed");
  }
});

test("no greeting within the time is a timeout", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const transport = new MemoryTransport();
  const greeting = new Connection(transport, SETTINGS, 50).start();
  t.mock.timers.tick(50);
  const error = await failure(greeting);
  assert.ok(error instanceof SmtpTimeoutError);
  assert.deepEqual([error.phase, error.timeout], ["greeting", 50]);
  assert.match(error.message, /the greeting/);
});

// --- calls ----------------------------------------------------------------------------------------------------------

test("EHLO is said once for all that need it, before them", async () => {
  const { transport, connection } = await opened();
  const calls = [noop(connection), send(connection, delivery("k")), noop(connection)];
  await turn();
  assert.equal(transport.taken(), "EHLO me.example\r\n");
  await transport.say("250 memory");
  assert.equal(transport.taken(), "NOOP\r\n");
  await transport.say("250 ok");
  assert.equal(transport.taken(), "MAIL FROM:<k@s.example>\r\n");
  for (const reply of ["250 ok", "250 ok", "354 go", "250 taken"]) await transport.say(reply);
  await transport.say("250 ok");
  await Promise.all(calls);
});

test("a refused greeting answers all that waited for it, and leaves the session to be greeted again", async () => {
  const { transport, connection } = await opened();
  const calls = [noop(connection), send(connection, delivery("k"))];
  await turn();
  await transport.say("451 later");
  for (const call of calls) assert.ok((await failure(call)) instanceof SmtpHelloError);
  const again = noop(connection);
  await turn();
  assert.equal(transport.taken(), "EHLO me.example\r\nEHLO me.example\r\n");
  await transport.say("250 memory");
  await transport.say("250 ok");
  assert.equal((await again).code, 250);
});

test("calls made in the same turn leave in the same write", async () => {
  const { transport, connection } = await ready(["PIPELINING"]);
  const sent = [send(connection, delivery("k")), send(connection, delivery("l"))];
  await turn();
  assert.deepEqual(transport.writes, [group("k")]);
  transport.taken();
  await transport.say("250 ok", "250 ok", "354 go");
  assert.deepEqual(transport.writes, [`k\r\n.\r\n${group("l")}`]);
  await transport.say("250 k taken", "250 ok", "250 ok", "354 go");
  await transport.say("250 l taken");
  const replies = (await Promise.all(sent)).map((one) => one.contentReplies[0]?.message);
  assert.deepEqual(replies, ["k taken", "l taken"]);
});

test("a message that cannot go to this server fails alone", async () => {
  const { transport, connection } = await ready();
  const broken: Delivery = {
    envelope: envelope("k"),
    open: () => {
      throw new TypeError("not like this");
    },
    close: () => undefined,
  };
  const calls = [send(connection, broken), noop(connection)] as const;
  await assert.rejects(calls[0], TypeError);
  await transport.say("250 ok");
  assert.equal((await calls[1]).code, 250);
});

test("content that must be read first keeps its place; those behind it wait", async () => {
  const { transport, connection } = await ready();
  let open = (_: OpenedContent): void => undefined;
  const opening = new Promise<OpenedContent>((resolve) => {
    open = resolve;
  });
  const first = send(connection, delivery("k", opening));
  const second = noop(connection);
  await turn();
  assert.equal(transport.taken(), "");
  open((await delivery("k").open(NO_CAPABILITIES)) as OpenedContent);
  await turn();
  assert.equal(transport.taken(), "MAIL FROM:<k@s.example>\r\n");
  await transport.say("550 no");
  assert.equal((await first).mailReply?.code, 550);
  await transport.say("250 ok");
  assert.equal((await second).message, "ok");
});

test("a call on a connection that has ended is told why", async () => {
  const { transport, connection } = await ready();
  connection.end({ kind: "closed" });
  assert.match((await failure(noop(connection))).message, /close\(\)/);
  assert.equal(transport.taken(), "");
  await connection.ended;
  assert.ok((await failure(connection.lost())) instanceof SmtpDisconnectedError);
});

// --- abort ----------------------------------------------------------------------------------------------------------

test("an aborted call that waits is taken out; the connection and the others go on", async () => {
  const { transport, connection } = await ready();
  const controller = new AbortController();
  const reason = new Error("changed my mind");
  const first = noop(connection);
  const waiting = [send(connection, delivery("k"), controller.signal), noop(connection, controller.signal)];
  const last = noop(connection);
  await turn();
  controller.abort(reason);
  for (const call of waiting) await assert.rejects(call, reason);
  await transport.say("250 first");
  await transport.say("250 last");
  assert.deepEqual([(await first).message, (await last).message], ["first", "last"]);
  assert.equal(transport.taken(), "NOOP\r\nNOOP\r\n");
  assert.equal(transport.state, "open");
});

test("an aborted call whose bytes are on the wire ends the connection; the others were not sent", async () => {
  const { transport, connection } = await ready(["PIPELINING"]);
  const controller = new AbortController();
  const reason = new Error("enough");
  const first = send(connection, delivery("k"), controller.signal);
  const second = send(connection, delivery("l"));
  await turn();
  controller.abort(reason);
  await assert.rejects(first, reason);
  const error = await failure(second);
  assert.ok(error instanceof SmtpDisconnectedError);
  assert.equal(error.outcome, "not-sent");
  assert.match(error.message, /aborted/);
  assert.equal(transport.state, "destroyed");
});

test("aborting one message leaves what another has on the wire unknown", async () => {
  const { transport, connection } = await ready(["PIPELINING"]);
  const controller = new AbortController();
  const first = send(connection, delivery("k"));
  const second = send(connection, delivery("l"), controller.signal);
  await turn();
  await transport.say("250 ok", "250 ok", "354 go");
  controller.abort();
  await assert.rejects(second, { name: "AbortError" });
  assert.equal((await failure(first)).outcome, "unknown");
});

test("a signal that fired already lets nothing begin, and one that fires late changes nothing", async () => {
  const { transport, connection } = await ready();
  const reason = new Error("too late");
  await assert.rejects(noop(connection, AbortSignal.abort(reason)), reason);
  const controller = new AbortController();
  const call = noop(connection, controller.signal);
  await turn();
  await transport.say("250 ok");
  assert.equal((await call).code, 250);
  controller.abort();
  assert.equal(connection.ending, undefined);
  assert.equal(transport.taken(), "NOOP\r\n");
});

test("content that is aborted while it is opened is released, and never sent", async () => {
  const { transport, connection } = await ready();
  let open = (_: OpenedContent): void => undefined;
  const opening = new Promise<OpenedContent>((resolve) => {
    open = resolve;
  });
  let isReleased = false;
  const source: AsyncIterator<Uint8Array> = {
    next: async () => ({ done: true, value: undefined }),
    return: async () => {
      isReleased = true;
      return { done: true, value: undefined };
    },
  };
  const controller = new AbortController();
  const call = send(connection, delivery("k", opening), controller.signal);
  await turn();
  controller.abort();
  await assert.rejects(call, { name: "AbortError" });
  open({ content: { kind: "stream", size: undefined, hasEightBit: false }, hasUtf8Headers: false, source });
  await turn();
  assert.equal(isReleased, true);
  assert.equal(transport.taken(), "");
  assert.equal(connection.ending, undefined);
});

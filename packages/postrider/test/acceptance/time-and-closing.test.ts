/**
 * Time, cancellation, parallel calls and the end of a session.
 */
import assert from "node:assert/strict";
import { mock } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import {
  SmtpClient,
  SmtpDisconnectedError,
  SmtpError,
  SmtpReplyError,
  SmtpTimeoutError,
  send,
} from "../../src/index.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { all, bytes, close, inTurn, reset, silence } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, closed, rejection, rejects, soon } from "../support/settle.js";

acceptance("a command without an answer is a timeout that closes, and its late reply is never seen", async () => {
  await using server = await ScriptedServer.start({ replies: { NOOP: inTurn(silence, "250 fresh") } });
  const client = await SmtpClient.connect({ ...plain(server), timeout: 200 });
  await client.ehlo();
  const start = performance.now();
  const error = await rejects(client.noop(), SmtpTimeoutError);
  const took = performance.now() - start;
  assert.ok(took >= 150 && took < 2000, `it took ${took} ms`);
  assert.equal(error.timeout, 200);
  assert.equal(error.phase, "command");
  const first = await server.connection();
  await first.send("250 late");
  await closed(client, first);
  const next = await rejects(client.noop(), SmtpDisconnectedError);
  assert.match(next.message, /not connected/i);
  await client.connect();
  assert.equal((await client.noop()).message, "fresh");
  await client.quit();
});

for (const [verb, phase, outcome] of [
  ["EHLO", "hello", "not-sent"],
  ["MAIL", "mail", "not-sent"],
  ["RCPT", "rcpt", "not-sent"],
  ["DATA", "data", "not-sent"],
] as const) {
  acceptance(`no answer to ${verb} is a timeout in phase ${phase}`, async () => {
    await using server = await ScriptedServer.start({ replies: { [verb]: silence } });
    const error = await rejects(send(TEXT, { ...ENVELOPE, ...plain(server), timeout: 200 }), SmtpTimeoutError);
    assert.equal(error.phase, phase);
    assert.equal(error.outcome, outcome);
    assert.equal(error.retry, "reconnect");
    await closed(undefined, await server.connection());
    assert.ok(!server.verbs.includes("QUIT"));
  });
}

for (const [verb, step] of [
  ["STARTTLS", "tls"],
  ["AUTH", "auth"],
] as const) {
  acceptance(`no answer to ${verb} is a timeout after the time of the step ${step}`, async () => {
    await using server = await ScriptedServer.start({
      extensions: ["STARTTLS", "AUTH PLAIN"],
      replies: { [verb]: silence },
    });
    const login = verb === "AUTH" ? { username: "ann", password: "secret", startTls: false } : { startTls: true };
    const client = new SmtpClient({ ...plain(server), ...login, timeout: { [step]: 50 } });
    const error = await rejects(client.connect(), SmtpTimeoutError);
    assert.deepEqual([error.phase, error.timeout], [step, 50]);
    await closed(client, await server.connection());
  });
}

acceptance(
  "a connect() while another is under way has its own signal and timeout, and ends only its own waiting",
  async () => {
    await using server = await ScriptedServer.start({ replies: { GREETING: silence } });
    const client = new SmtpClient(plain(server));
    const [one, other] = [new AbortController(), new AbortController()];
    const first = rejection(client.connect({ signal: one.signal }));
    const connection = await server.connection();
    const hasty = await rejects(client.connect({ timeout: 5 }), SmtpTimeoutError);
    assert.deepEqual([hasty.phase, hasty.timeout], ["connect", 5]);
    const second = rejection(client.connect({ signal: other.signal }));
    const reasons = [new Error("first"), new Error("second")];
    one.abort(reasons[0]);
    assert.equal(await first, reasons[0]);
    const third = client.connect();
    other.abort(reasons[1]);
    assert.equal(await second, reasons[1]);
    await connection.send("220 late");
    assert.equal((await third).code, 220);
    client.close();
    await closed(client, connection);
  },
);

acceptance("the last caller of a shared connect() that gives up ends it", async () => {
  await using server = await ScriptedServer.start({ replies: { GREETING: silence } });
  const client = new SmtpClient(plain(server));
  const controller = new AbortController();
  const connecting = [client.connect({ signal: controller.signal }), client.connect({ signal: controller.signal })];
  const reasons = Promise.all(connecting.map(rejection));
  const connection = await server.connection();
  const reason = new Error("enough");
  controller.abort(reason);
  assert.deepEqual(await reasons, [reason, reason]);
  await closed(client, connection);
});

acceptance("a QUIT that nobody answers holds the end of a block for 2 s, and no longer", async () => {
  await using server = await ScriptedServer.start({ replies: { QUIT: silence } });
  const client = await SmtpClient.connect(plain(server));
  await client.noop();
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const disposed = client[Symbol.asyncDispose]();
    let isOver = false;
    void disposed.then(() => {
      isOver = true;
    });
    const connection = await server.connection();
    while (!connection.verbs.includes("QUIT")) await turn();
    mock.timers.tick(1999);
    await turn();
    assert.equal(isOver, false);
    mock.timers.tick(1);
    await disposed;
  } finally {
    mock.timers.reset();
  }
  await closed(client, await server.connection());
});

for (const [step, answer, phase] of [
  ["greeting", { GREETING: silence }, "greeting"],
  ["command", { MAIL: silence }, "mail"],
] as const) {
  acceptance(`timeout.${step} is the limit of its step alone`, async () => {
    await using server = await ScriptedServer.start({ replies: answer });
    const timeout = { connect: 9000, greeting: 9000, command: 9000, content: 9000, [step]: 50 };
    const error = await rejects(send(TEXT, { ...ENVELOPE, ...plain(server), timeout }), SmtpTimeoutError);
    assert.deepEqual([error.phase, error.timeout], [phase, 50]);
    await closed(undefined, await server.connection());
  });
}

acceptance("no answer after the content is a timeout with an unknown outcome, by deliveryTimeout", async () => {
  await using server = await ScriptedServer.start({ replies: { CONTENT: silence } });
  const error = await rejects(send(TEXT, { ...ENVELOPE, ...plain(server), deliveryTimeout: 200 }), SmtpTimeoutError);
  assert.equal(error.outcome, "unknown");
  assert.equal(error.timeout, 200);
  await closed(undefined, await server.connection());
});

acceptance("the timeout is about progress, not about totals", async () => {
  await using server = await ScriptedServer.start({
    replies: {
      NOOP: async (_, connection) => {
        // Twelve lines with pauses below the timeout, which together are above it.
        for (let index = 0; index < 12; index += 1) {
          await new Promise((resolve) => setTimeout(resolve, 50));
          await connection.send(bytes("250-still here\r\n"));
        }
        return "250 done";
      },
    },
  });
  await using client = await SmtpClient.connect({ ...plain(server), timeout: 400 });
  const reply = await client.noop();
  assert.equal(reply.lines.length, 13);
});

acceptance(
  "an abort in flight rejects at once with its reason and closes; a new connection pairs correctly",
  async () => {
    await using server = await ScriptedServer.start({ replies: { NOOP: inTurn(silence, "250 fresh") } });
    const controller = new AbortController();
    const client = await SmtpClient.connect({ ...plain(server), signal: controller.signal });
    const waiting = rejection(client.noop());
    const first = await server.connection();
    await first.saw("NOOP");
    const reason = new Error("changed my mind");
    controller.abort(reason);
    assert.equal(await soon(waiting, "the abort"), reason);
    await closed(client, first);
    await rejection(client.noop());
    assert.equal(await rejection(client.connect()), reason);
    await using again = await SmtpClient.connect(plain(server));
    assert.equal((await again.noop()).message, "fresh");
    assert.equal(server.connections.length, 2);
  },
);

acceptance("an abort of one command closes, and the same client connects again", async () => {
  await using server = await ScriptedServer.start({ replies: { NOOP: inTurn(silence, "250 fresh") } });
  const client = await SmtpClient.connect(plain(server));
  const controller = new AbortController();
  const waiting = rejection(client.noop({ signal: controller.signal }));
  const first = await server.connection();
  await first.saw("NOOP");
  const reason = new Error("changed my mind");
  controller.abort(reason);
  assert.equal(await soon(waiting, "the abort"), reason);
  await closed(client, first);
  await client.connect();
  assert.equal((await client.noop()).message, "fresh");
  await client.quit();
});

acceptance("a signal given to connect governs that connect, and the client connects again", async () => {
  await using server = await ScriptedServer.start({
    replies: { GREETING: inTurn(silence, "220 at last"), NOOP: "250 fresh" },
  });
  const client = new SmtpClient(plain(server));
  const controller = new AbortController();
  const connecting = rejection(client.connect({ signal: controller.signal }));
  const first = await server.connection();
  const reason = new Error("changed my mind");
  controller.abort(reason);
  assert.equal(await soon(connecting, "the abort"), reason);
  await closed(client, first);
  const second = new AbortController();
  await client.connect({ signal: second.signal });
  second.abort();
  assert.equal((await client.noop()).message, "fresh");
  await client.quit();
});

acceptance("a signal that is aborted before keeps everything from happening", async () => {
  await using server = await ScriptedServer.start();
  const reason = new Error("never mind");
  const signal = AbortSignal.abort(reason);
  assert.equal(await rejection(send(TEXT, { ...ENVELOPE, ...plain(server), signal })), reason);
  assert.equal(await rejection(new SmtpClient(plain(server)).connect({ signal })), reason);
  await using client = await SmtpClient.connect(plain(server));
  assert.equal(await rejection(client.send(TEXT, { ...ENVELOPE, signal })), reason);
  assert.equal((await client.noop()).code, 250);
  assert.equal(server.connections.length, 1);
});

for (const verb of ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "CONTENT"]) {
  acceptance(`an abort of the one-call send while ${verb} is unanswered closes`, async () => {
    await using server = await ScriptedServer.start({ replies: { [verb]: silence } });
    const controller = new AbortController();
    const sending = rejection(send(TEXT, { ...ENVELOPE, ...plain(server), signal: controller.signal }));
    const connection = await server.connection();
    if (verb !== "GREETING") await connection.saw(verb);
    const reason = new Error("stop");
    controller.abort(reason);
    assert.equal(await soon(sending, "the abort"), reason);
    await closed(undefined, connection);
  });
}

for (const [what, size] of [
  ["at its start", 0],
  ["in the middle", 1_000_000],
] as const) {
  acceptance(`an abort while the content's stream hangs ${what} rejects, and asks the stream to stop`, async () => {
    await using server = await ScriptedServer.start();
    const client = await SmtpClient.connect(plain(server));
    const controller = new AbortController();
    const hung = openable();
    let given = 0;
    let hasReturned = false;
    const content: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          if (given < size) {
            given += 1000;
            return { done: false, value: Buffer.alloc(1000, "x") };
          }
          hung.open();
          return new Promise(() => {});
        },
        return: async () => {
          hasReturned = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const sending = rejection(client.send(content, { ...ENVELOPE, signal: controller.signal }));
    await soon(hung.promise, "the stream is read");
    const reason = new Error("stop");
    controller.abort(reason);
    assert.equal(await soon(sending, "the abort"), reason);
    await turn();
    assert.equal(hasReturned, true);
    const connection = await server.connection();
    if (connection.verbs.includes("DATA")) await closed(client, connection);
    client.close();
    assert.equal(server.messages.length, 0);
  });
}

acceptance("quit lets queued sends finish, close rejects what is in flight", async () => {
  await using server = await ScriptedServer.start();
  const client = await SmtpClient.connect(plain(server));
  const [first, second, reply] = await Promise.all([
    client.send("1\r\n", ENVELOPE),
    client.send("2\r\n", ENVELOPE),
    client.quit(),
  ]);
  assert.equal(first.reply.code, 250);
  assert.equal(second.reply.code, 250);
  assert.equal(reply.code, 221);
  await closed(client, await server.connection());

  await using stuck = await ScriptedServer.start({ replies: { MAIL: silence } });
  const other = await SmtpClient.connect(plain(stuck));
  const sends = [1, 2].map((index) => rejection(other.send(`${index}\r\n`, ENVELOPE)));
  await (await stuck.connection()).saw("MAIL");
  other.close();
  for (const error of await soon(Promise.all(sends), "close")) {
    assert.ok(error instanceof SmtpDisconnectedError, String(error));
    assert.equal(error.outcome, "not-sent");
  }
  await closed(other, await stuck.connection());
  other.close();
});

acceptance("after quit or close every call says not connected", async () => {
  await using server = await ScriptedServer.start();
  const client = await SmtpClient.connect(plain(server));
  await client.quit();
  for (const call of [
    (): Promise<unknown> => client.noop(),
    () => client.send(TEXT, ENVELOPE),
    () => client.quit(),
    () => client.ehlo(),
  ]) {
    const error = await rejects(soon(call(), "a call on a closed client"), SmtpDisconnectedError);
    assert.match(error.message, /not connected/i);
  }
  const never = new SmtpClient(plain(server));
  await rejects(never.noop(), SmtpDisconnectedError);
  never.close();
  assert.equal(server.connections.length, 1);
});

for (const [what, answer] of [
  ["421", "421 bye"],
  ["500", "500 what"],
  ["FIN", close],
  ["RST", reset],
] as const) {
  acceptance(`QUIT that gets ${what} closes all the same`, async () => {
    await using server = await ScriptedServer.start({ replies: { QUIT: answer } });
    const client = await SmtpClient.connect(plain(server));
    await client.noop();
    await client.quit().catch(() => undefined);
    await closed(client, await server.connection());
    await using again = await SmtpClient.connect(plain(server));
    await again.noop();
  });
}

acceptance("QUIT without an answer closes after the timeout", async () => {
  await using server = await ScriptedServer.start({ replies: { QUIT: silence } });
  const client = await SmtpClient.connect({ ...plain(server), timeout: 200 });
  await soon(
    client.quit().catch(() => undefined),
    "the timeout of QUIT",
  );
  await closed(client, await server.connection());
});

acceptance("a server that stays open after 221 does not keep the client", async () => {
  await using server = await ScriptedServer.start({ replies: { QUIT: "221 but I stay" } });
  const client = await SmtpClient.connect(plain(server));
  assert.equal((await client.quit()).code, 221);
  await closed(client, await server.connection());
});

acceptance("leaving the scope says QUIT and closes", async () => {
  await using server = await ScriptedServer.start();
  let seen: SmtpClient | undefined;
  {
    await using client = await SmtpClient.connect(plain(server));
    seen = client;
    await client.noop();
  }
  assert.deepEqual(server.verbs, ["EHLO", "NOOP", "QUIT"]);
  await closed(seen, await server.connection());
});

acceptance("leaving the scope by an error of another kind says QUIT, and the error stays", async () => {
  await using server = await ScriptedServer.start();
  const own = new Error("something else");
  const error = await rejection(
    (async () => {
      await using client = await SmtpClient.connect(plain(server));
      await client.noop();
      throw own;
    })(),
  );
  assert.equal(error, own);
  assert.deepEqual(server.verbs, ["EHLO", "NOOP", "QUIT"]);
  await closed(undefined, await server.connection());
});

acceptance("after a reply error the scope still ends with QUIT", async () => {
  await using server = await ScriptedServer.start({ replies: { NOOP: "500 what" } });
  const error = await rejection(
    (async () => {
      await using client = await SmtpClient.connect(plain(server));
      await client.noop();
    })(),
  );
  assert.ok(error instanceof SmtpReplyError);
  assert.deepEqual(server.verbs, ["EHLO", "NOOP", "QUIT"]);
  await closed(undefined, await server.connection());
});

for (const [what, answer] of [
  ["a timeout", silence],
  ["FIN", close],
  ["RST", reset],
  ["a protocol error", "ERROR"],
  ["421", "421 bye"],
] as const) {
  acceptance(`after ${what} leaving the scope writes no QUIT`, async () => {
    await using server = await ScriptedServer.start({ replies: { NOOP: answer } });
    const error = await rejection(
      (async () => {
        await using client = await SmtpClient.connect({ ...plain(server), timeout: 200 });
        await client.noop();
      })(),
    );
    assert.ok(error instanceof SmtpError, String(error));
    const connection = await server.connection();
    await closed(undefined, connection);
    assert.ok(!connection.bytes.includes("QUIT"));
  });
}

for (const [what, answer] of [
  ["500", "500 what"],
  ["FIN", close],
  ["RST", reset],
  ["no answer", silence],
  ["nonsense", all(bytes("what?\r\n"))],
] as const) {
  acceptance(
    `QUIT that gets ${what} at the end of the scope does not hide the body's error, nor make one`,
    async () => {
      await using server = await ScriptedServer.start({ replies: { QUIT: answer } });
      const own = new Error("the body's");
      const leave = async (thrown: Error | undefined): Promise<void> => {
        await using client = await SmtpClient.connect({ ...plain(server), timeout: 200 });
        await client.noop();
        if (thrown !== undefined) throw thrown;
      };
      assert.equal(await rejection(leave(own)), own);
      await leave(undefined);
      await server.allEnded();
      assert.equal(server.connections.length, 2);
    },
  );
}

acceptance("the one-call send that succeeded succeeds whatever QUIT gets", async () => {
  for (const answer of ["500 what", close, reset, silence] as const) {
    await using server = await ScriptedServer.start({ replies: { QUIT: answer } });
    const result = await send(TEXT, { ...ENVELOPE, ...plain(server), timeout: 200 });
    assert.equal(result.reply.code, 250);
    await closed(undefined, await server.connection());
  }
});

acceptance("a scope whose client never connected ends quietly", async () => {
  await using server = await ScriptedServer.start();
  {
    await using client = new SmtpClient(plain(server));
    assert.equal(client.isConnected, false);
  }
  assert.equal(server.connections.length, 0);
});

function openable(): { promise: Promise<void>; open: () => void } {
  let open: () => void = () => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

acceptance("close() ends a connect() that is under way; another connect() starts anew", async () => {
  const held = new Promise<string>(() => undefined);
  let greetings = 0;
  await using server = await ScriptedServer.start({
    replies: { GREETING: () => (greetings++ === 0 ? held : "220 hello") },
  });
  const client = new SmtpClient(plain(server));
  const connecting = rejects(client.connect(), SmtpDisconnectedError);
  const first = await server.connection();
  client.close();
  const again = client.connect();
  assert.match((await soon(connecting, "the first connect()")).message, /close\(\)/);
  await soon(first.ended, "the first connection");
  assert.equal((await again).message, "hello");
  await client.quit();
});

acceptance("close() in the moment in which connect() is done leaves nothing open", async () => {
  await using server = await ScriptedServer.start();
  for (let microtasks = 0; microtasks < 30; microtasks++) {
    const close = async (): Promise<void> => {
      for (let count = 0; count < microtasks; count++) await undefined;
      client.close();
    };
    const client = new SmtpClient({
      ...plain(server),
      trace: (event) => {
        if (event.type === "server") void close();
      },
    });
    await client.connect().catch(() => undefined);
    const connection = await server.connection(microtasks);
    await soon(connection.ended, `the connection, closed ${microtasks} microtasks after its greeting`);
    assert.equal(client.isConnected, false);
  }
});

/**
 * What a pool tries again, what it does not, and where.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  SmtpAuthenticationError,
  SmtpDataError,
  SmtpDisconnectedError,
  SmtpPool,
  SmtpRecipientsRefusedError,
} from "../../src/index.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { all, close, inTurn, reset } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejects, soon } from "../support/settle.js";

acceptance("a message whose connection broke before its content goes out on another", async () => {
  for (const broken of [reset, close]) {
    await using server = await ScriptedServer.start({ replies: { MAIL: inTurn(broken, "250 OK") } });
    await using pool = new SmtpPool(plain(server));
    await pool.send(TEXT, ENVELOPE);
    assert.equal(server.connections.length, 2);
    assert.equal(server.messages.length, 1);
  }
});

acceptance("an unknown outcome is never repeated", async () => {
  await using server = await ScriptedServer.start({ replies: { CONTENT: reset } });
  await using pool = new SmtpPool(plain(server));
  const error = await rejects(pool.send(TEXT, ENVELOPE), SmtpDisconnectedError);
  assert.equal(error.outcome, "unknown");
  assert.equal(server.messages.length, 1);
  assert.deepEqual([pool.stats.unknown, pool.stats.failed], [1, 0]);
});

acceptance(
  "a server that always breaks off is given up after a few attempts, however many messages there are",
  async () => {
    for (const extensions of [[], ["PIPELINING"]]) {
      await using server = await ScriptedServer.start({ extensions, replies: { MAIL: close } });
      await using pool = new SmtpPool({ ...plain(server), maxConnections: 1 });
      const outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map(() => pool.send(TEXT, ENVELOPE)));
      for (const outcome of outcomes) {
        assert.equal(outcome.status, "rejected");
        assert.equal(outcome.reason.outcome, "not-sent");
      }
      assert.ok(server.connections.length <= 20, `${server.connections.length} connections`);
      assert.equal(pool.stats.failed, 5);
    }
  },
);

acceptance("a message that kills every connection is given up, and the others are delivered", async () => {
  await using server = await ScriptedServer.start({
    replies: { MAIL: (command) => (command.line.includes("<poison@") ? close : "250 OK") },
  });
  await using pool = new SmtpPool({ ...plain(server), maxConnections: 2 });
  const poison = rejects(pool.send(TEXT, { ...ENVELOPE, sender: "poison@x.example" }), SmtpDisconnectedError);
  const others = Array.from({ length: 20 }, () => pool.send(TEXT, ENVELOPE));
  await Promise.all([poison, ...others]);
  assert.equal(server.messages.length, 20);
});

test("a backoff that ends between two looks at the clock leaves no message behind", { timeout: 60_000 }, async (t) => {
  // Each look at the clock takes so many milliseconds: one of these numbers ends the backoff at each place of the code.
  for (const step of [45, 55, 70, 90, 110, 150, 199]) {
    await using server = await ScriptedServer.start({ replies: { MAIL: inTurn(close, close, "250 OK") } });
    let now = performance.now();
    const clock = t.mock.method(performance, "now", () => {
      now += step;
      return now;
    });
    try {
      await using pool = new SmtpPool({ ...plain(server), maxConnections: 1 });
      const sent = pool.send(TEXT, ENVELOPE);
      await soon(sent, `the message is tried again (${step} ms)`);
    } finally {
      clock.mock.restore();
    }
    assert.equal(server.messages.length, 1);
  }
});

acceptance("a connection that died while it was idle costs the message nothing", async () => {
  await using server = await ScriptedServer.start();
  await using pool = new SmtpPool(plain(server));
  await pool.send(TEXT, ENVELOPE);
  (await server.connection()).destroy();
  await pool.send(TEXT, ENVELOPE);
  assert.equal(server.messages.length, 2);
  assert.equal(pool.stats.failed, 0);
});

acceptance("an idle connection that the server ends with 421 does not make it rest", async () => {
  await using server = await ScriptedServer.start();
  await using other = await ScriptedServer.start();
  await using pool = new SmtpPool({ servers: [plain(server), plain(other)] });
  await pool.send(TEXT, ENVELOPE);
  const connection = await server.connection();
  await connection.send(all("421 idle for too long", close));
  await soon(connection.ended, "the end of the idle connection");
  await pool.send(TEXT, ENVELOPE);
  assert.equal(server.messages.length, 2);
  assert.equal(other.connections.length, 0);
});

for (const verb of ["GREETING", "MAIL", "RCPT", "DATA", "CONTENT"]) {
  acceptance(`421 to ${verb} moves the message to the next server`, async () => {
    await using first = await ScriptedServer.start({ replies: { [verb]: all("421 busy", close) } });
    await using second = await ScriptedServer.start();
    await using pool = new SmtpPool({ servers: [plain(first), plain(second)] });
    await pool.send(TEXT, ENVELOPE);
    assert.equal(second.messages.length, 1);
    // While the first rests, the next goes straight to the second.
    const before = first.connections.length;
    await pool.send(TEXT, ENVELOPE);
    assert.equal(first.connections.length, before);
    assert.equal(second.messages.length, 2);
  });
}

acceptance("a server that rested is asked again, and gets its place back from the one behind it", async () => {
  for (const maxConnections of [1, 3]) {
    await using first = await ScriptedServer.start({ replies: { GREETING: inTurn(all("421 busy", close), "220 hi") } });
    await using second = await ScriptedServer.start();
    await using pool = new SmtpPool({ servers: [plain(first), plain(second)], maxConnections });
    await pool.send(TEXT, ENVELOPE);
    assert.equal(second.messages.length, 1);
    for (let count = 0; first.messages.length === 0; count++) {
      assert.ok(count < 200, "it never comes back");
      await pool.send(TEXT, ENVELOPE);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.ok(pool.stats.open <= maxConnections);
  }
});

acceptance("a server that cannot be reached is passed over", async () => {
  const gone = await ScriptedServer.start();
  const address = plain(gone);
  await gone[Symbol.asyncDispose]();
  await using second = await ScriptedServer.start();
  await using pool = new SmtpPool({ servers: [address, plain(second)] });
  await pool.send(TEXT, ENVELOPE);
  assert.equal(second.messages.length, 1);
});

acceptance("4yz and 5yz are answers: no other server is asked, nothing is tried again", async () => {
  for (const code of [450, 550]) {
    await using first = await ScriptedServer.start({
      replies: { RCPT: inTurn(`${code} no`, "250 OK"), CONTENT: `${code} no` },
    });
    await using second = await ScriptedServer.start();
    await using pool = new SmtpPool({ servers: [plain(first), plain(second)] });
    await rejects(pool.send(TEXT, ENVELOPE), SmtpRecipientsRefusedError);
    const error = await rejects(pool.send(TEXT, ENVELOPE), SmtpDataError);
    assert.equal(error.reply.code, code);
    assert.equal(second.connections.length, 0);
    assert.equal(pool.stats.refused, 2);
  }
});

acceptance("503 is tried again on a new connection", async () => {
  await using server = await ScriptedServer.start({ replies: { MAIL: inTurn("503 out of place", "250 OK") } });
  await using pool = new SmtpPool(plain(server));
  await pool.send(TEXT, ENVELOPE);
  assert.equal(server.connections.length, 2);
});

acceptance("wrong credentials reject all that is queued, at once", async () => {
  await using server = await ScriptedServer.start({
    extensions: ["AUTH PLAIN"],
    replies: { AUTH: "535 5.7.8 wrong" },
  });
  await using pool = new SmtpPool({ ...plain(server), username: "ann", password: "wrong", maxConnections: 1 });
  const errors = [1, 2, 3, 4].map(() => rejects(pool.send(TEXT, ENVELOPE), SmtpAuthenticationError));
  await soon(Promise.all(errors), "all four");
  assert.equal(server.verbs.filter((verb) => verb === "AUTH").length, 1);
});

acceptance("a long stream that was begun cannot go again: the reason is why the first try failed", async () => {
  await using server = await ScriptedServer.start({ replies: { MAIL: inTurn(reset, "250 OK") } });
  await using pool = new SmtpPool(plain(server));
  const once = async function* () {
    yield Buffer.alloc(70_000, "a");
    yield Buffer.from(TEXT);
  };
  const error = await rejects(pool.send(once(), ENVELOPE), SmtpDisconnectedError);
  assert.equal(error.outcome, "not-sent");
  assert.equal(server.messages.length, 0);
});

acceptance("a message of ours with a stream in it that can be opened again goes again", async () => {
  await using server = await ScriptedServer.start({ replies: { MAIL: inTurn(reset, "250 OK") } });
  await using pool = new SmtpPool(plain(server));
  const attachment = async function* () {
    yield Buffer.from("attached");
  };
  await pool.send({
    from: "a@x.example",
    to: "b@y.example",
    text: "hello",
    attachments: [{ filename: "a.txt", content: attachment }],
  });
  assert.equal(server.messages.length, 1);
  assert.match(server.messages[0]?.text ?? "", /YXR0YWNoZWQ=/);
});

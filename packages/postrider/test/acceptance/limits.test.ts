/**
 * A server's own limits (RFC 9422): a message in several transactions, a session over several connections, and what is told when
 * not all of it went well.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { connect } from "node:net";
import {
  isSmtpError,
  SmtpClient,
  SmtpDataError,
  SmtpDisconnectedError,
  SmtpNotSupportedError,
  SmtpPartialDeliveryError,
  SmtpPool,
  SmtpRecipientsRefusedError,
  SmtpSenderRefusedError,
  send,
} from "../../src/index.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { byLine, close, inTurn, reset } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejection, rejects, soon } from "../support/settle.js";

const WAYS = [[], ["PIPELINING"], ["PIPELINING", "CHUNKING"]] as const;
const to = (...names: string[]): string[] => names.map((name) => `${name}@y.example`);
const five = { sender: "a@x.example", recipients: to("r1", "r2", "r3", "r4", "r5") };
const rcpts = (...names: string[]): string[] => to(...names).map((address) => `RCPT TO:<${address}>`);

acceptance("RCPTMAX: one message in several transactions on one connection, with one result", async () => {
  for (const way of WAYS) {
    const queued = inTurn("250 first", "250 second", "250 third");
    await using server = await ScriptedServer.start({
      extensions: [...way, "LIMITS RCPTMAX=2"],
      replies: { CONTENT: queued, RCPT: byLine([[/r2@|r5@/, "550 5.1.1 no"]], "250 OK") },
    });
    await using client = await SmtpClient.connect(plain(server));
    const quit = client.send(TEXT, { ...five, recipients: to("r1", "r2", "r3", "r4", "r6") });
    const goodbye = client.quit();
    const result = await quit;
    await goodbye;
    assert.deepEqual(result.envelope.recipients, to("r1", "r2", "r3", "r4", "r6"));
    assert.deepEqual(result.accepted, to("r1", "r3", "r4", "r6"));
    assert.deepEqual(
      result.refused.map(({ recipient, reply }) => [recipient, reply.code]),
      [["r2@y.example", 550]],
    );
    assert.equal(result.reply.message, "third");
    assert.equal(server.connections.length, 1);
    assert.deepEqual(
      server.messages.map(({ recipients, text }) => [...recipients, text]),
      [
        [...rcpts("r1"), TEXT],
        [...rcpts("r3", "r4"), TEXT],
        [...rcpts("r6"), TEXT],
      ],
    );
    assert.equal(server.verbs.at(-1), "QUIT");
  }
});

acceptance(
  "RCPTMAX: a message within the limit is one transaction, and limits that make no sense are none",
  async () => {
    for (const limits of ["RCPTMAX=5", "RCPTMAX=0", "RCPTMAX=x", "RCPTMAX", "XRCPTMAX=1", "FUTURE=1 RCPTMAX=9"]) {
      await using server = await ScriptedServer.start({ extensions: [`LIMITS ${limits}`] });
      const result = await send(TEXT, { ...plain(server), ...five });
      assert.deepEqual(result.accepted, five.recipients);
      assert.equal(server.messages.length, 1);
    }
  },
);

acceptance("RCPTMAX: with PIPELINING the transactions of a message share writes", async () => {
  await using server = await ScriptedServer.start({ extensions: ["PIPELINING", "LIMITS RCPTMAX=1"] });
  await using client = await SmtpClient.connect(plain(server));
  await client.ehlo();
  const connection = await server.connection();
  const before = connection.chunks.length;
  await client.send(TEXT, { ...five, recipients: to("r1", "r2", "r3") });
  assert.equal(
    connection.chunks.length - before,
    5,
    "the first group and content plainly, then a group, a content with the group behind, and the last content",
  );
});

acceptance("RCPTMAX: a stream is read once, whatever its length, and arrives with every transaction", async () => {
  const line = Buffer.from(`${"x".repeat(70)}\r\n`.repeat(1000));
  for (const [lines, way] of [
    [0, []],
    [20, []],
    [20, ["PIPELINING", "CHUNKING", "SIZE 10000000"]],
  ] as const) {
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from("Subject: stream\r\n\r\n");
      for (let count = 0; count < lines; count += 1) yield line;
    };
    await using server = await ScriptedServer.start({ extensions: [...way, "LIMITS RCPTMAX=2"] });
    const result = await send(source(), { ...plain(server), ...five });
    assert.deepEqual(result.accepted, five.recipients);
    const size = 19 + lines * line.length;
    assert.deepEqual(
      server.messages.map(({ raw }) => raw.length),
      [size, size, size],
    );
    if (way.length > 0) assert.match(server.messages[0]?.mail ?? "", new RegExp(` SIZE=${size}`));
  }
});

acceptance("RCPTMAX: an attachment that can be opened again is, and is streamed each time", async () => {
  await using server = await ScriptedServer.start({ extensions: ["LIMITS RCPTMAX=1"] });
  let opened = 0;
  const content = async function* (): AsyncGenerator<Uint8Array> {
    opened += 1;
    for (let count = 0; count < 100; count += 1) yield Buffer.alloc(10_000, "a");
  };
  const message = { from: "a@x.example", to: to("r1", "r2"), text: "hi", attachments: [{ filename: "a", content }] };
  await send(message, plain(server));
  assert.equal(opened, 2);
  const [first, second] = server.messages;
  assert.ok(first !== undefined && first.raw.length > 1_000_000);
  assert.ok(second?.raw.equals(first.raw), "byte for byte the same, Message-ID and boundaries included");
});

acceptance("RCPTMAX: a stream that fails or stops before the first MAIL ends the message, and only that", async () => {
  await using server = await ScriptedServer.start({ extensions: ["LIMITS RCPTMAX=1"] });
  await using client = await SmtpClient.connect(plain(server));
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(100_000, "a");
    throw new Error("the disk is gone");
  };
  assert.match((await rejection(client.send(broken(), five))).message, /the disk is gone/);
  const controller = new AbortController();
  let stopped = false;
  const endless: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        controller.abort(new Error("enough"));
        return new Promise(() => undefined);
      },
      return: async () => {
        stopped = true;
        return { done: true, value: undefined };
      },
    }),
  };
  const error = await rejection(client.send(endless, { ...five, signal: controller.signal }));
  assert.equal(error.message, "enough");
  assert.ok(stopped);
  await client.send(TEXT, ENVELOPE);
  assert.deepEqual(server.verbs, ["EHLO", "MAIL", "RCPT", "DATA"]);
});

acceptance("a transaction that is refused makes its recipients refused, when another was accepted", async () => {
  await using server = await ScriptedServer.start({
    extensions: ["LIMITS RCPTMAX=2"],
    replies: {
      MAIL: inTurn("250 OK", "451 4.3.0 not now", "250 OK"),
      CONTENT: inTurn("250 OK", "554 5.6.0 no"),
    },
  });
  const result = await send(TEXT, { ...plain(server), ...five });
  assert.deepEqual(result.accepted, to("r1", "r2"));
  assert.deepEqual(
    result.refused.map(({ recipient, reply, phase, retry }) => [recipient, reply.code, phase, retry]),
    [
      ["r3@y.example", 451, "mail", "later"],
      ["r4@y.example", 451, "mail", "later"],
      ["r5@y.example", 554, "content", "never"],
    ],
  );
});

acceptance(
  "when every transaction is refused in one way it is that error, else one with each recipient's reply",
  async () => {
    const refused = async (replies: Record<string, ReturnType<typeof inTurn>>): Promise<Error> => {
      await using server = await ScriptedServer.start({ extensions: ["LIMITS RCPTMAX=2"], replies });
      return await rejection(send(TEXT, { ...plain(server), ...five }));
    };
    assert.ok((await refused({ MAIL: inTurn("550 no") })) instanceof SmtpSenderRefusedError);
    assert.ok((await refused({ CONTENT: inTurn("554 no") })) instanceof SmtpDataError);
    const all = await refused({ RCPT: inTurn("550 no", "551 no", "552 no", "553 no", "554 no") });
    assert.ok(all instanceof SmtpRecipientsRefusedError);
    assert.deepEqual(
      all.refused.map(({ reply }) => reply.code),
      [550, 551, 552, 553, 554],
    );
    const mixed = await refused({ MAIL: inTurn("550 no", "250 OK"), CONTENT: inTurn("554 no") });
    assert.ok(mixed instanceof SmtpRecipientsRefusedError);
    assert.deepEqual(
      mixed.refused.map(({ recipient, reply }) => `${recipient} ${reply.code}`),
      five.recipients.map((one, index) => `${one} ${index < 2 ? 550 : 554}`),
    );
  },
);

acceptance(
  "a connection that breaks between transactions: each recipient is in the one list that is true of it",
  async () => {
    for (const way of WAYS) {
      await using server = await ScriptedServer.start({
        extensions: [...way, "LIMITS RCPTMAX=1"],
        replies: {
          CONTENT: (_, { messages }) => {
            const recipient = messages.at(-1)?.recipients.join();
            return recipient === "" ? "554 no valid recipients" : recipient === rcpts("r1").join() ? "250 kept" : reset;
          },
          RCPT: byLine([[/r2@/, "550 no"]], "250 OK"),
        },
      });
      const options = { ...plain(server), ...five, recipients: to("r1", "r2", "r3", "r4") };
      const error = await rejects(send(TEXT, options), SmtpPartialDeliveryError);
      assert.deepEqual(error.accepted, to("r1"));
      assert.deepEqual(
        error.refused.map(({ recipient }) => recipient),
        to("r2"),
      );
      // With CHUNKING the end of the last content may be out too.
      assert.deepEqual([...error.unknown, ...error.notSent], to("r3", "r4"));
      assert.equal(error.unknown[0], "r3@y.example");
      assert.deepEqual([error.outcome, error.retry, error.reply?.message], ["unknown", "never", "kept"]);
      assert.ok(error.cause instanceof SmtpDisconnectedError);
      assert.ok(isSmtpError(error) && error.code === "partial-delivery");
    }
  },
);

acceptance("nothing accepted is ever sent twice by a pool; what surely was not is sent again", async () => {
  await using server = await ScriptedServer.start({
    extensions: ["LIMITS RCPTMAX=1"],
    replies: { MAIL: inTurn("250 OK", close) },
  });
  await using pool = new SmtpPool(plain(server));
  const error = await rejects(pool.send(TEXT, { ...five, recipients: to("r1", "r2", "r3") }), SmtpPartialDeliveryError);
  assert.deepEqual([error.accepted, error.unknown, error.notSent], [to("r1"), [], to("r2", "r3")]);
  assert.equal(server.messages.length, 1);
  assert.deepEqual([pool.stats.unknown, pool.stats.sent], [1, 0]);

  await using other = await ScriptedServer.start({
    extensions: ["LIMITS RCPTMAX=1"],
    replies: { MAIL: inTurn(close, "250 OK") },
  });
  await using second = new SmtpPool(plain(other));
  const result = await second.send(TEXT, { ...five, recipients: to("r1", "r2") });
  assert.deepEqual(result.accepted, to("r1", "r2"));
  assert.equal(other.messages.length, 2);
});

acceptance("an abort between transactions rejects with its reason and closes", async () => {
  const controller = new AbortController();
  const reason = new Error("stop");
  await using server = await ScriptedServer.start({
    extensions: ["LIMITS RCPTMAX=1"],
    replies: {
      MAIL: inTurn("250 OK", () => {
        controller.abort(reason);
        return "250 OK";
      }),
    },
  });
  await using client = await SmtpClient.connect(plain(server));
  const error = await soon(rejection(client.send(TEXT, { ...five, signal: controller.signal })), "the abort");
  assert.equal(error, reason);
  assert.equal(client.isConnected, false);
  assert.equal(server.messages.length, 1);
});

acceptance("LMTP: the transactions' replies for each recipient are joined", async () => {
  await using server = await ScriptedServer.start(
    {
      extensions: ["PIPELINING", "LIMITS RCPTMAX=2"],
      replies: { CONTENT: ({ recipient }) => (recipient?.includes("r2") ? "552 full" : "250 OK") },
    },
    { lmtp: true },
  );
  const result = await send(TEXT, { ...plain(server), protocol: "lmtp", ...five });
  assert.deepEqual(result.accepted, to("r1", "r3", "r4", "r5"));
  assert.deepEqual(
    result.refused.map(({ recipient }) => recipient),
    to("r2"),
  );
});

acceptance("MAILMAX: a client goes on over another connection, every call in its turn", async () => {
  for (const way of WAYS) {
    await using server = await ScriptedServer.start({ extensions: [...way, "LIMITS MAILMAX=2"] });
    await using client = await SmtpClient.connect(plain(server));
    const sends = [1, 2, 3, 4, 5].map((index) => client.send(`${index}\r\n`, ENVELOPE));
    const noop = client.noop();
    const quit = client.quit();
    await Promise.all([...sends, noop, quit]);
    assert.equal(client.isConnected, false);
    assert.deepEqual(
      server.connections.map(({ messages }) => messages.map(({ text }) => text.trim())),
      [["1", "2"], ["3", "4"], ["5"]],
    );
    assert.deepEqual(server.connections[2]?.verbs.slice(-2), ["NOOP", "QUIT"]);
    await soon(server.allEnded(), "all connections end");
    for (const { verbs } of server.connections) assert.equal(verbs.at(-1), "QUIT");
  }
});

acceptance("MAILMAX: also for one message after the other, and a refused MAIL counts", async () => {
  await using server = await ScriptedServer.start({
    extensions: ["LIMITS MAILMAX=2"],
    replies: { MAIL: byLine([[/<bad@/, "550 no"]], "250 OK") },
  });
  await using client = await SmtpClient.connect(plain(server));
  await client.send(TEXT, ENVELOPE);
  await rejects(client.send(TEXT, { ...ENVELOPE, sender: "bad@x.example" }), SmtpSenderRefusedError);
  await client.send(TEXT, ENVELOPE);
  assert.equal(server.connections.length, 2);
  await soon(server.connections[0]?.ended ?? Promise.reject(new Error("no connection")), "the first ends");
});

acceptance(
  "MAILMAX: the next connection logs in again; one that cannot be made fails what waits for it, and no more",
  async () => {
    const greetings = ["220 hi", "220 hi", "554 no"];
    await using server = await ScriptedServer.start({
      extensions: ["AUTH PLAIN", "LIMITS MAILMAX=1"],
      replies: { AUTH: "235 ok", GREETING: () => greetings.shift() ?? "220 hi" },
    });
    await using client = await SmtpClient.connect({ ...plain(server), username: "ann", password: "secret" });
    await client.send(TEXT, ENVELOPE);
    await client.send(TEXT, ENVELOPE);
    assert.equal(server.verbs.filter((verb) => verb === "AUTH").length, 2);
    const failed = client.send(TEXT, ENVELOPE);
    const noop = client.noop();
    const error = await rejection(failed);
    assert.ok(isSmtpError(error) && error.code === "greeting" && error.outcome === "not-sent");
    assert.equal((await noop).code, 250);
    await client.send(TEXT, ENVELOPE);
    assert.equal(server.messages.length, 3);
  },
);

acceptance(
  "MAILMAX: a session made by hand, or on a socket that serves once, is not continued: an error before MAIL",
  async () => {
    const refused = async (client: SmtpClient, server: ScriptedServer): Promise<void> => {
      await client.send(TEXT, ENVELOPE);
      const error = await rejects(client.send(TEXT, ENVELOPE), SmtpNotSupportedError);
      assert.deepEqual(
        [error.extension, error.retry, error.outcome, error.phase],
        ["LIMITS", "reconnect", "not-sent", "mail"],
      );
      assert.match(error.message, /MAILMAX=1/);
      assert.equal((await client.noop()).code, 250);
      assert.equal(server.connections.length, 1);
      assert.equal(server.messages.length, 1);
    };
    const script = { extensions: ["LIMITS MAILMAX=1", "AUTH PLAIN"], replies: { AUTH: "235 ok" } };
    await using server = await ScriptedServer.start(script);
    await using client = await SmtpClient.connect(plain(server));
    await client.login("ann", "secret");
    await refused(client, server);
    await using other = await ScriptedServer.start(script);
    const { hostname, port } = other.address;
    await using second = await SmtpClient.connect({ socket: connect(port, hostname), startTls: false });
    await refused(second, other);
  },
);

acceptance("MAILMAX: close() while the next connection is made leaves nothing", async () => {
  let held = (): void => undefined;
  const greeting = new Promise<string>((resolve) => {
    held = () => resolve("220 late");
  });
  await using server = await ScriptedServer.start({
    extensions: ["LIMITS MAILMAX=1"],
    replies: { GREETING: inTurn("220 hi", () => greeting) },
  });
  const client = await SmtpClient.connect(plain(server));
  await client.send(TEXT, ENVELOPE);
  const waiting = rejects(client.send(TEXT, ENVELOPE), SmtpDisconnectedError);
  const next = await server.connection(1);
  client.close();
  assert.equal((await waiting).outcome, "not-sent");
  await soon(next.ended, "the connection that nobody needs ends");
  held();
});

acceptance("MAILMAX and RCPTMAX together: one message goes over as many connections as it takes", async () => {
  await using server = await ScriptedServer.start({ extensions: ["PIPELINING", "LIMITS RCPTMAX=1 MAILMAX=2"] });
  const result = await send(TEXT, { ...plain(server), ...five });
  assert.deepEqual(result.accepted, five.recipients);
  assert.deepEqual(
    server.connections.map(({ messages }) => messages.length),
    [2, 2, 1],
  );
  await soon(server.allEnded(), "all connections end");
});

acceptance("RCPTDOMAINMAX: a connection for each group of domains, and a result in the caller's order", async () => {
  const recipients = ["a@one.example", "b@two.example", "c@ONE.example", "d@three.example", "e@two.example"];
  await using server = await ScriptedServer.start({
    extensions: ["LIMITS RCPTDOMAINMAX=2 RCPTMAX=3"],
    replies: { RCPT: byLine([[/<b@/, "550 no"]], "250 OK") },
  });
  const result = await send(TEXT, { ...plain(server), sender: "a@x.example", recipients });
  assert.deepEqual(result.accepted, ["a@one.example", "c@ONE.example", "d@three.example", "e@two.example"]);
  assert.deepEqual(
    server.connections.map(({ messages }) => messages.map((one) => one.recipients)),
    [
      [["RCPT TO:<a@one.example>", "RCPT TO:<c@ONE.example>"], ["RCPT TO:<e@two.example>"]],
      [["RCPT TO:<d@three.example>"]],
    ],
  );
});

acceptance("RCPTDOMAINMAX counts the domains of the whole session", async () => {
  await using server = await ScriptedServer.start({ extensions: ["LIMITS RCPTDOMAINMAX=1"] });
  await using client = await SmtpClient.connect(plain(server));
  await client.send(TEXT, { ...ENVELOPE, recipients: ["a@one.example"] });
  await client.send(TEXT, { ...ENVELOPE, recipients: ["b@One.example"] });
  await client.send(TEXT, { ...ENVELOPE, recipients: ["b@two.example"] });
  assert.deepEqual(
    server.connections.map(({ messages }) => messages.length),
    [2, 1],
  );
});

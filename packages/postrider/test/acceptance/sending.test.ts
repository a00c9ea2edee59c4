/**
 * One message, its envelope, its content and what became of it.
 */
import assert from "node:assert/strict";
import {
  AddressError,
  isSmtpError,
  OptionError,
  SmtpClient,
  SmtpDataError,
  SmtpError,
  SmtpNotSupportedError,
  SmtpRecipientsRefusedError,
  SmtpSenderRefusedError,
  send,
} from "../../src/index.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { byLine, close, inTurn, reset, silence } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, closed, rejection, rejects, soon } from "../support/settle.js";

const TWO = { sender: "a@x.example", recipients: ["r1@y.example", "r2@y.example"] } as const;

acceptance("one message goes out in order, one command at a time", async () => {
  await using server = await ScriptedServer.start({ replies: { CONTENT: "250 2.0.0 queued as 123" } });
  const result = await send("Subject: x\r\n\r\nbody\r\n", { ...ENVELOPE, ...plain(server) });
  await soon(server.allEnded(), "the end");
  assert.deepEqual(server.lines, [
    "EHLO client.example",
    "MAIL FROM:<a@x.example>",
    "RCPT TO:<b@y.example>",
    "DATA",
    "QUIT",
  ]);
  assert.equal(server.messages[0]?.raw.toString(), "Subject: x\r\n\r\nbody\r\n");
  assert.deepEqual(result.refused, []);
  assert.deepEqual(result.accepted, ["b@y.example"]);
  assert.deepEqual(result.envelope, { sender: "a@x.example", recipients: ["b@y.example"] });
  assert.match(result.reply.message, /queued as 123/);
  assert.equal(result.reply.enhancedCode, "2.0.0");
  assert.equal(result.messageId, undefined);
  const connection = await server.connection();
  const texts = connection.chunks.map((chunk) => chunk.toString());
  assert.deepEqual(texts.slice(0, 4), [
    "EHLO client.example\r\n",
    "MAIL FROM:<a@x.example>\r\n",
    "RCPT TO:<b@y.example>\r\n",
    "DATA\r\n",
  ]);
  assert.equal(texts[4], "Subject: x\r\n\r\nbody\r\n.\r\n", "a small message and its dot are one write");
  await closed(undefined, connection);
});

acceptance("with PIPELINING the envelope is one write, and the content the second", async () => {
  await using server = await ScriptedServer.start({ extensions: ["PIPELINING"] });
  const result = await send(TEXT, { ...TWO, ...plain(server) });
  assert.deepEqual(result.accepted, TWO.recipients);
  const texts = (await server.connection()).chunks.map((chunk) => chunk.toString());
  assert.equal(texts[1], "MAIL FROM:<a@x.example>\r\nRCPT TO:<r1@y.example>\r\nRCPT TO:<r2@y.example>\r\nDATA\r\n");
  assert.ok(texts[2]?.startsWith(`${TEXT}.\r\n`));
});

acceptance("SIZE is exact after line ends were made CRLF, and only where it is offered", async () => {
  await using server = await ScriptedServer.start({ extensions: ["SIZE 1000"] });
  await send("a\nb\r\nc", { ...ENVELOPE, ...plain(server) });
  assert.ok(server.lines.includes(`MAIL FROM:<a@x.example> SIZE=${"a\r\nb\r\nc\r\n".length}`), server.lines.join("\n"));
});

acceptance("a message larger than the limit in SIZE is refused before MAIL", async () => {
  await using server = await ScriptedServer.start({ extensions: ["SIZE 10"] });
  await using client = await SmtpClient.connect(plain(server));
  const error = await rejection(client.send("x".repeat(100), ENVELOPE));
  assert.ok(error instanceof SmtpError);
  assert.match(error.message, /10\b/);
  assert.ok(!server.verbs.includes("MAIL"));
  assert.equal((await client.send("x", ENVELOPE)).accepted.length, 1);
});

acceptance("SIZE 0 and SIZE alone are no limit", async () => {
  for (const extension of ["SIZE 0", "SIZE"]) {
    await using server = await ScriptedServer.start({ extensions: [extension] });
    await send("x".repeat(100), { ...ENVELOPE, ...plain(server) });
    assert.ok(server.lines.includes("MAIL FROM:<a@x.example> SIZE=102"), extension);
  }
});

acceptance("a refused recipient is a result, and the others get the message", async () => {
  for (const extensions of [[], ["PIPELINING"]]) {
    await using server = await ScriptedServer.start({
      extensions,
      replies: { RCPT: byLine([[/r2@/, ["550-5.1.1 no", "550 5.1.1 such user"]]], "250 OK") },
    });
    await using client = await SmtpClient.connect(plain(server));
    const result = await client.send(TEXT, TWO);
    assert.deepEqual(result.accepted, ["r1@y.example"]);
    assert.equal(result.refused.length, 1);
    const [refused] = result.refused;
    assert.equal(refused?.recipient, "r2@y.example");
    assert.equal(refused?.reply.code, 550);
    assert.equal(refused?.reply.enhancedCode, "5.1.1");
    assert.deepEqual(refused?.reply.lines, ["5.1.1 no", "5.1.1 such user"]);
    assert.equal(refused?.retry, "never");
    assert.equal(server.messages.length, 1);
    assert.ok(!server.verbs.includes("RSET"));
    assert.deepEqual(result.envelope.recipients, TWO.recipients);
  }
});

for (const recipients of [["r1@y.example"], ["r1@y.example", "r2@y.example"]]) {
  acceptance(`when all of ${recipients.length} are refused there is no DATA, and the session goes on`, async () => {
    let isRefusing = true;
    await using server = await ScriptedServer.start({
      replies: { RCPT: (command) => (isRefusing ? `${command.line.includes("r1") ? 550 : 451} not here` : "250 OK") },
    });
    await using client = await SmtpClient.connect(plain(server));
    const error = await rejects(client.send(TEXT, { sender: "a@x.example", recipients }), SmtpRecipientsRefusedError);
    assert.deepEqual(
      error.refused.map((one) => [one.recipient, one.reply.code]),
      [
        ["r1@y.example", 550],
        ["r2@y.example", 451],
      ].slice(0, recipients.length),
    );
    assert.match(error.message, /r1@y\.example/);
    assert.match(error.message, /not here/);
    assert.equal(error.outcome, "not-sent");
    assert.ok(!server.verbs.includes("DATA"));
    isRefusing = false;
    const result = await client.send(TEXT, { sender: "a@x.example", recipients });
    assert.deepEqual(result.accepted, recipients);
    assert.equal(server.messages.length, 1);
  });
}

for (const [what, answer] of [
  ["354, which gets the lone dot", "354 go on"],
  ["554", "554 5.5.1 no valid recipients"],
  ["503", "503 no recipients"],
] as const) {
  acceptance(
    `with PIPELINING all refused and DATA answered ${what}: nothing is delivered, the session goes on`,
    async () => {
      await using server = await ScriptedServer.start({
        extensions: ["PIPELINING"],
        replies: {
          RCPT: inTurn("550 no", "550 no", "250 OK"),
          DATA: inTurn(answer, "354 go on"),
          CONTENT: (_, connection) =>
            connection.messages.at(-1)?.recipients.length === 0 ? "554 no valid recipients" : "250 OK",
        },
      });
      await using client = await SmtpClient.connect(plain(server));
      const error = await rejects(client.send(TEXT, TWO), SmtpRecipientsRefusedError);
      assert.equal(error.refused.length, 2);
      const result = await client.send(TEXT, ENVELOPE);
      assert.deepEqual(result.accepted, ENVELOPE.recipients);
      const delivered = server.messages.filter((message) => message.recipients.length > 0);
      assert.deepEqual(
        delivered.map((message) => message.raw.toString()),
        [TEXT],
      );
      for (const message of server.messages.slice(0, -1)) assert.equal(message.raw.length, 0, "only the lone dot");
    },
  );
}

acceptance("a refused sender is an error with the address, and the session goes on", async () => {
  for (const extensions of [[], ["PIPELINING"]]) {
    await using server = await ScriptedServer.start({
      extensions,
      replies: {
        MAIL: inTurn("550 5.7.1 not you", "250 OK"),
        RCPT: extensions.length === 0 ? "250 OK" : inTurn("503 MAIL first", "250 OK"),
        DATA: extensions.length === 0 ? "354 go on" : inTurn("503 RCPT first", "354 go on"),
      },
    });
    await using client = await SmtpClient.connect(plain(server));
    const error = await rejects(client.send(TEXT, ENVELOPE), SmtpSenderRefusedError);
    assert.equal(error.sender, "a@x.example");
    assert.equal(error.reply.code, 550);
    assert.equal(error.reply.enhancedCode, "5.7.1");
    assert.equal(error.retry, "never");
    assert.match(error.message, /a@x\.example/);
    assert.equal((await client.send(TEXT, ENVELOPE)).accepted.length, 1);
    assert.equal(server.connections.length, 1);
  }
});

for (const [verb, answer] of [
  ["DATA", "503 5.5.1 no"],
  ["DATA", "451 later"],
  ["CONTENT", "554 5.7.1 spam"],
  ["CONTENT", "452 full"],
] as const) {
  acceptance(`${answer} to ${verb} is a data error with outcome not-sent, and the session goes on`, async () => {
    for (const extensions of [[], ["PIPELINING"]]) {
      await using server = await ScriptedServer.start({
        extensions,
        replies: { [verb]: inTurn(answer, verb === "DATA" ? "354 go on" : "250 OK") },
      });
      await using client = await SmtpClient.connect(plain(server));
      const error = await rejects(client.send(TEXT, ENVELOPE), SmtpDataError);
      assert.equal(`${error.reply.code} ${error.reply.message}`, answer);
      assert.equal(error.outcome, "not-sent");
      assert.equal(error.retry, answer.startsWith("4") ? "later" : answer.startsWith("503") ? "reconnect" : "never");
      assert.equal((await client.send(TEXT, ENVELOPE)).accepted.length, 1);
      assert.equal(server.connections.length, 1);
    }
  });
}

for (const [what, replies] of [
  ["DATA is refused", { DATA: inTurn("554 no") }],
  ["the content is refused", { CONTENT: inTurn("554 5.6.0 no") }],
  ["the connection breaks at the end of the content", { CONTENT: close }],
] as const) {
  acceptance(`when ${what}, the error tells the recipients that RCPT had refused`, async () => {
    for (const extensions of [[], ["PIPELINING"]]) {
      const RCPT = byLine([[/r2@/, "451 4.2.1 later"]], "250 OK");
      await using server = await ScriptedServer.start({ extensions, replies: { ...replies, RCPT } });
      const error = await rejection(send(TEXT, { ...TWO, ...plain(server) }));
      assert.ok(isSmtpError(error));
      assert.equal(error.outcome, what.includes("breaks") ? "unknown" : "not-sent");
      assert.deepEqual(
        error.refused?.map(({ recipient, reply, retry }) => [recipient, reply.code, retry]),
        [["r2@y.example", 451, "later"]],
      );
      await using all = await ScriptedServer.start({ extensions, replies });
      const whole = await rejection(send(TEXT, { ...TWO, ...plain(all) }));
      assert.ok(isSmtpError(whole) && !("refused" in whole));
    }
  });
}

acceptance("the reason of an abort is the caller's: nothing is put into it, though RCPT had refused some", async () => {
  const RCPT = byLine([[/r2@/, "550 no"]], "250 OK");
  await using server = await ScriptedServer.start({ replies: { RCPT, CONTENT: silence } });
  const abort = new AbortController();
  const reason = Object.freeze(new OptionError("timeout", "of the caller's own"));
  const sent = rejection(send(TEXT, { ...TWO, ...plain(server), signal: abort.signal }));
  await (await server.connection()).saw("CONTENT");
  abort.abort(reason);
  assert.equal(await sent, reason);
});

acceptance("any 2yz is success", async () => {
  await using server = await ScriptedServer.start({
    replies: { MAIL: "251 hm", RCPT: "200 fine", CONTENT: "299 took it", RSET: "220 ok" },
  });
  const result = await send(TEXT, { ...ENVELOPE, ...plain(server) });
  assert.equal(result.reply.code, 299);
});

for (const [what, answer, timeout] of [
  ["500", "500 RSET is unknown here", 10_000],
  ["421", "421 bye", 10_000],
  ["FIN", close, 10_000],
  ["RST", reset, 10_000],
  ["no answer", silence, 200],
] as const) {
  acceptance(`a cleaning RSET that gets ${what} does not hide the first error`, async () => {
    await using server = await ScriptedServer.start({ replies: { RCPT: "550 5.1.1 nobody", RSET: answer } });
    const client = await SmtpClient.connect({ ...plain(server), timeout });
    const error = await rejects(soon(client.send(TEXT, TWO), "the failing send"), SmtpRecipientsRefusedError);
    assert.equal(error.refused.length, 2);
    await rejects(send(TEXT, { ...TWO, ...plain(server), timeout }), SmtpRecipientsRefusedError);
    client.close();
    for (const connection of server.connections) await closed(client, connection);
  });
}

acceptance("after a RSET that failed no transaction starts in the old one", async () => {
  await using server = await ScriptedServer.start({
    replies: { RCPT: inTurn("550 nobody", "250 OK"), RSET: "500 unknown" },
  });
  const client = await SmtpClient.connect(plain(server));
  await rejects(client.send(TEXT, ENVELOPE), SmtpRecipientsRefusedError);
  await client.send(TEXT, ENVELOPE).catch(() => undefined);
  client.close();
  await server.allEnded();
  const [first] = server.connections;
  const afterReset = first?.lines.slice(first.lines.indexOf("RSET") + 1) ?? [];
  assert.ok(!afterReset.some((line) => line.startsWith("MAIL")), "the session is clean or closed");
});

acceptance("no recipients is an argument error", async () => {
  await using server = await ScriptedServer.start();
  await using client = await SmtpClient.connect(plain(server));
  await client.noop();
  const before = (await server.connection()).byteCount;
  for (const recipients of [[], "", " ", ","]) {
    const error = await rejection(client.send(TEXT, { sender: "a@x.example", recipients }));
    assert.ok(error instanceof OptionError || error instanceof AddressError, error.name);
  }
  assert.equal((await server.connection()).byteCount, before);
  assert.equal((await client.noop()).code, 250);
});

acceptance("a raw message needs sender and recipients", async () => {
  await using server = await ScriptedServer.start();
  await rejects(send(TEXT, { ...plain(server), recipients: "a@b.c" }), OptionError);
  await rejects(send(TEXT, { ...plain(server), sender: "a@b.c" }), OptionError);
  assert.equal(server.connections.length, 0);
});

acceptance("the empty sender is the null sender", async () => {
  await using server = await ScriptedServer.start();
  const result = await send(TEXT, { ...plain(server), sender: "", recipients: "b@y.example" });
  assert.ok(server.lines.includes("MAIL FROM:<>"));
  assert.equal(result.envelope.sender, "");
  const composed = await send({ from: "a@x.example", to: "b@y.example", text: "x" }, { ...plain(server), sender: "" });
  assert.equal(composed.envelope.sender, "");
  assert.equal(server.lines.filter((line) => line === "MAIL FROM:<>").length, 2);
});

acceptance("a string may hold several recipients", async () => {
  await using server = await ScriptedServer.start();
  const result = await send(TEXT, { ...plain(server), sender: "a@x.example", recipients: "a@x.y, b@x.y" });
  assert.deepEqual(
    server.lines.filter((line) => line.startsWith("RCPT")),
    ["RCPT TO:<a@x.y>", "RCPT TO:<b@x.y>"],
  );
  assert.deepEqual(result.accepted, ["a@x.y", "b@x.y"]);
});

acceptance("a recipient named twice gets one RCPT", async () => {
  await using server = await ScriptedServer.start();
  await send(TEXT, { ...plain(server), sender: "a@x.example", recipients: ["a@x.y", "a@X.Y", "A@x.y", "a@x.y"] });
  const recipients = server.lines.filter((line) => line.startsWith("RCPT"));
  assert.equal(recipients.length, 2, recipients.join("\n"));
});

acceptance("DSN goes out as parameters where it is offered, and is an error where it is not", async () => {
  const recipients = [
    { address: "b@y.example", notify: ["success", "delay"], originalRecipient: "b+c@z.example" },
  ] as const;
  const delivery = { sender: "a@x.example", recipients, dsn: { return: "headers", envelopeId: "id 1+2" } } as const;
  await using server = await ScriptedServer.start({ extensions: ["DSN"] });
  await send(TEXT, { ...plain(server), ...delivery });
  assert.ok(server.lines.includes("MAIL FROM:<a@x.example> RET=HDRS ENVID=id+201+2B2"), server.lines.join("\n"));
  assert.ok(
    server.lines.includes("RCPT TO:<b@y.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b+2Bc@z.example"),
    server.lines.join("\n"),
  );
  await using without = await ScriptedServer.start();
  const error = await rejects(send(TEXT, { ...plain(without), ...delivery }), SmtpNotSupportedError);
  assert.equal(error.extension, "DSN");
  assert.ok(!without.verbs.includes("MAIL"));
});

for (const code of [251, 252]) {
  acceptance(`RCPT ${code} is accepted`, async () => {
    await using server = await ScriptedServer.start({ replies: { RCPT: `${code} will do` } });
    const result = await send(TEXT, { ...ENVELOPE, ...plain(server) });
    assert.deepEqual(result.accepted, ENVELOPE.recipients);
    assert.deepEqual(result.refused, []);
  });
}

acceptance("F: over LMTP each accepted recipient has a reply of its own after the content", async () => {
  await using server = await ScriptedServer.start(
    {
      extensions: ["PIPELINING", "ENHANCEDSTATUSCODES"],
      replies: {
        RCPT: byLine([[/r2@/, "550 5.1.1 no such user"]], "250 OK"),
        CONTENT: (command) => (command.recipient?.includes("r3@") ? "452 4.2.2 over quota" : "250 2.1.5 delivered"),
      },
    },
    { lmtp: true },
  );
  const recipients = ["r1@y.example", "r2@y.example", "r3@y.example"];
  const result = await send(TEXT, { ...plain(server), protocol: "lmtp", sender: "a@x.example", recipients });
  assert.equal(server.lines[0], "LHLO client.example");
  assert.deepEqual(result.accepted, ["r1@y.example"]);
  assert.deepEqual(
    result.refused.map((one) => [one.recipient, one.reply.code]),
    [
      ["r2@y.example", 550],
      ["r3@y.example", 452],
    ],
  );
});

acceptance("REQUIRETLS is not believed outside TLS", async () => {
  await using server = await ScriptedServer.start({ extensions: ["REQUIRETLS"] });
  const error = await rejection(send(TEXT, { ...plain(server), ...ENVELOPE, requireTls: true }));
  assert.equal(error.name, "SmtpNotSupportedError");
  assert.match(error.message, /TLS/);
  assert.ok(!server.verbs.includes("MAIL"));
});

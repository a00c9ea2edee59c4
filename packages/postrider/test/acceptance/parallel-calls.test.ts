/**
 * Calls at once on one client, and which of them an abort or a break takes along.
 */
import assert from "node:assert/strict";
import { SmtpClient, SmtpError } from "../../src/index.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { inTurn, type Reply, reset } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, closed, rejection, soon } from "../support/settle.js";

acceptance("aborting one queued send leaves the connection and the others alone", async () => {
  const gate = openable();
  await using server = await ScriptedServer.start({
    replies: { MAIL: inTurn(() => gate.promise.then(() => "250 OK"), "250 OK") },
  });
  await using client = await SmtpClient.connect(plain(server));
  const controller = new AbortController();
  const first = client.send("first\r\n", ENVELOPE);
  const second = rejection(client.send("second\r\n", { ...ENVELOPE, signal: controller.signal }));
  const third = client.send("third\r\n", ENVELOPE);
  await (await server.connection()).saw("MAIL");
  const reason = new Error("not this one");
  controller.abort(reason);
  assert.equal(await soon(second, "the abort"), reason);
  gate.open();
  await Promise.all([first, third]);
  assert.deepEqual(
    server.messages.map((message) => message.text),
    ["first\r\n", "third\r\n"],
  );
  assert.equal(server.connections.length, 1);
});

for (const extensions of [[], ["PIPELINING"]]) {
  acceptance(
    `five sends at once ${extensions.join() || "one command at a time"} are five whole transactions`,
    async () => {
      const queued: Reply = (_, connection) => {
        const { text } = connection.messages.at(-1) ?? { text: "" };
        return `250 2.0.0 queued as id-${/number (\d)/.exec(text)?.[1]}`;
      };
      await using server = await ScriptedServer.start({ extensions, replies: { CONTENT: queued } });
      await using client = await SmtpClient.connect(plain(server));
      const results = await Promise.all(
        [1, 2, 3, 4, 5].map((index) =>
          client.send(`Subject: x\r\n\r\nnumber ${index}\r\n`, {
            sender: `s${index}@x.example`,
            recipients: [`r${index}@y.example`],
          }),
        ),
      );
      for (const [index, result] of results.entries()) {
        assert.match(result.reply.message, new RegExp(`queued as id-${index + 1}$`));
        assert.deepEqual(result.accepted, [`r${index + 1}@y.example`]);
      }
      assert.deepEqual(
        server.messages.map((message) => [message.mail, ...message.recipients, /number (\d)/.exec(message.text)?.[1]]),
        [1, 2, 3, 4, 5].map((index) => [
          `MAIL FROM:<s${index}@x.example>`,
          `RCPT TO:<r${index}@y.example>`,
          String(index),
        ]),
      );
      const transaction = ["MAIL", "RCPT", "DATA"];
      assert.deepEqual(server.verbs, [
        "EHLO",
        ...transaction,
        ...transaction,
        ...transaction,
        ...transaction,
        ...transaction,
      ]);
    },
  );
}

acceptance("one refusal among sends at once is that send's alone", async () => {
  for (const extensions of [[], ["PIPELINING"]]) {
    await using server = await ScriptedServer.start({
      extensions,
      replies: { RCPT: (command) => (command.line.includes("bad") ? "550 no" : "250 OK") },
    });
    await using client = await SmtpClient.connect(plain(server));
    const outcomes = await Promise.allSettled(
      ["one", "bad", "three"].map((name) =>
        client.send(`${name}\r\n`, { sender: "a@x.example", recipients: [`${name}@y.example`] }),
      ),
    );
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    const delivered = server.messages.filter((message) => message.recipients.length > 0);
    assert.deepEqual(
      delivered.map((message) => message.text),
      ["one\r\n", "three\r\n"],
    );
  }
});

acceptance("a command among sends waits for a gap between transactions", async () => {
  await using server = await ScriptedServer.start({ extensions: ["PIPELINING"] });
  await using client = await SmtpClient.connect(plain(server));
  const [, reset, , noop] = await Promise.all([
    client.send(TEXT, ENVELOPE),
    client.rset(),
    client.send(TEXT, ENVELOPE),
    client.noop(),
  ]);
  assert.equal(reset.code, 250);
  assert.equal(noop.code, 250);
  assert.equal(server.messages.filter((message) => message.recipients.length === 1).length, 2);
});

acceptance("when the connection breaks, sends that were not begun are not sent, and each promise settles", async () => {
  await using server = await ScriptedServer.start({ replies: { CONTENT: reset } });
  const client = await SmtpClient.connect(plain(server));
  const outcomes = await Promise.allSettled([1, 2, 3].map((index) => client.send(`${index}\r\n`, ENVELOPE)));
  const found = outcomes.map((outcome) => {
    assert.equal(outcome.status, "rejected");
    assert.ok(outcome.reason instanceof SmtpError, String(outcome.reason));
    return outcome.reason.outcome;
  });
  assert.deepEqual(found, ["unknown", "not-sent", "not-sent"]);
  await closed(client, await server.connection());
});

function openable(): { promise: Promise<void>; open: () => void } {
  let open: () => void = () => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

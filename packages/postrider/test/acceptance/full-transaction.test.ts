/**
 * Servers that take so many recipients in a transaction, and say so only when there is one too many (RFC 5321 §4.5.3.1.10).
 */
import assert from "node:assert/strict";
import { SmtpClient, SmtpPartialDeliveryError, SmtpPool, send } from "../../src/index.js";
import { plain, TEXT } from "../support/plain-client.js";
import { type Answer, close, type Reply, type Script } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejects } from "../support/settle.js";

const addresses = (count: number): string[] => Array.from({ length: count }, (_, index) => `r${index}@x.example`);

/** Takes `most` recipients in a transaction. */
function limited(most: number, refusal: string, more: Readonly<Record<string, Reply>> = {}): Script {
  let taken = 0;
  return {
    extensions: ["PIPELINING"],
    replies: {
      MAIL: () => {
        taken = 0;
        return "250 ok";
      },
      RCPT: ({ line }) => (line.includes("<dead@") ? "550 5.1.1 no" : taken++ < most ? "250 ok" : refusal),
      ...more,
    },
  };
}

const received = (server: ScriptedServer): string[][] =>
  server.connections
    .flatMap((one) => one.messages)
    .map(({ recipients }) => recipients.map((line) => /<(.*)>/.exec(line)?.[1] ?? line));

for (const refusal of [
  "452 4.5.3 too many recipients",
  "452 Too many recipients",
  "552 5.5.3 too many",
  "552 too many recipients",
]) {
  acceptance(`recipients put off with "${refusal}" go in further transactions, with one result`, async () => {
    const recipients = [...addresses(5), "dead@x.example"];
    const ways: Readonly<Record<string, (server: ScriptedServer) => ReturnType<typeof send>>> = {
      send: (server) => send(TEXT, { ...plain(server), sender: "a@x.example", recipients }),
      client: async (server) => {
        await using client = await SmtpClient.connect(plain(server));
        return await client.send(TEXT, { sender: "a@x.example", recipients });
      },
      pool: async (server) => {
        await using pool = new SmtpPool(plain(server));
        return await pool.send(TEXT, { sender: "a@x.example", recipients });
      },
    };
    for (const [name, way] of Object.entries(ways)) {
      await using server = await ScriptedServer.start(limited(2, refusal));
      const result = await way(server);
      assert.deepEqual(result.accepted, addresses(5), name);
      assert.deepEqual(
        result.refused.map((one) => [one.recipient, one.reply.code]),
        [["dead@x.example", 550]],
        name,
      );
      assert.equal(received(server).length, 3, name);
      assert.deepEqual(received(server).flat(), addresses(5), name);
    }
  });
}

acceptance("452 for another reason, or to all, is a refusal as it is", async () => {
  for (const [most, refusal] of [
    [1, "452 4.2.2 mailbox full"],
    [1, "452 4.3.1 insufficient storage"],
  ] as const) {
    await using server = await ScriptedServer.start(limited(most, refusal));
    const result = await send(TEXT, { ...plain(server), sender: "a@x.example", recipients: addresses(3) });
    assert.deepEqual([result.accepted.length, result.refused.length], [1, 2], refusal);
  }
  await using server = await ScriptedServer.start(limited(0, "452 4.5.3 too many"));
  const sending = send(TEXT, { ...plain(server), sender: "a@x.example", recipients: addresses(2) });
  await assert.rejects(sending, { code: "recipients-refused", retry: "later" });
});

acceptance("where the rest cannot be tried, what the server said of it stands", async () => {
  async function* once(): AsyncGenerator<Uint8Array> {
    for (let count = 0; count < 40; count++) yield Buffer.from(`${"x".repeat(70)}\r\n`.repeat(40));
  }
  await using server = await ScriptedServer.start(limited(2, "452 4.5.3 too many"));
  const result = await send(once(), { ...plain(server), sender: "a@x.example", recipients: addresses(3) });
  assert.deepEqual(result.accepted, addresses(2));
  assert.deepEqual(
    result.refused.map((one) => [one.recipient, one.retry]),
    [["r2@x.example", "later"]],
  );

  let mails = 0;
  const leaving: Reply = (): Answer => (mails++ === 0 ? "250 ok" : close);
  await using hasty = await ScriptedServer.start({
    replies: {
      ...limited(9, "").replies,
      MAIL: leaving,
      RCPT: ({ line }) => (line.includes("r2@") ? "452 4.5.3 too many" : "250 ok"),
    },
  });
  const client = await SmtpClient.connect(plain(hasty));
  const partly = await client.send(TEXT, { sender: "a@x.example", recipients: addresses(3) });
  assert.deepEqual([partly.accepted, partly.refused.length], [addresses(2), 1]);
  client.close();
});

acceptance("a further transaction whose outcome is unknown makes a partial delivery", async () => {
  let contents = 0;
  await using server = await ScriptedServer.start(
    limited(2, "452 4.5.3 too many", { CONTENT: () => (contents++ === 0 ? "250 ok" : close) }),
  );
  const client = await SmtpClient.connect(plain(server));
  const error = await rejects(
    client.send(TEXT, { sender: "a@x.example", recipients: addresses(3) }),
    SmtpPartialDeliveryError,
  );
  assert.deepEqual([error.accepted, error.unknown, error.refused.length], [addresses(2), ["r2@x.example"], 0]);
  client.close();
});

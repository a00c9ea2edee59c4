/**
 * Several messages on one connection, as bytes: what leaves in one write, how much may be unanswered, and whose reply is whose.
 */
import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { SmtpClient, SmtpRecipientsRefusedError } from "../../src/index.js";
import { gate } from "../pool/gate.js";
import { plain } from "../support/plain-client.js";
import { byLine, inTurn, type Reply } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejects } from "../support/settle.js";

const CHUNKING = ["PIPELINING", "CHUNKING"];

const group = (name: string): string => `MAIL FROM:<${name}@x.example>\r\nRCPT TO:<${name}@y.example>\r\n`;
const body = (name: string): string => `Subject: ${name}\r\n\r\n${name}\r\n`;
const bdat = (name: string): string => `${group(name)}BDAT ${body(name).length} LAST\r\n${body(name)}`;

const post = (client: SmtpClient, name: string, message: Parameters<SmtpClient["send"]>[0] = body(name)) =>
  client.send(message, { sender: `${name}@x.example`, recipients: [`${name}@y.example`] });

const segments = (server: ScriptedServer): string[] =>
  server.connections[0]?.chunks.map((chunk) => chunk.toString("latin1")) ?? [];

/** Messages after which a client knows what the server takes: plainly, by BDAT alone, one more, and three trials behind it. */
const PROOFS = ["a", "b", "c", "d", "e", "f"] as const;

/** A client that knows its server; returns the segments that come after. */
async function prove(server: ScriptedServer, client: SmtpClient): Promise<() => string[]> {
  await Promise.all(PROOFS.map((name) => post(client, name)));
  const before = segments(server).length;
  return () => segments(server).slice(before);
}

acceptance("PIPELINING: the content of a message, its dot and the next group leave in one segment", async () => {
  await using server = await ScriptedServer.start({ extensions: ["PIPELINING"] });
  await using client = await SmtpClient.connect(plain(server));
  const written = await prove(server, client);
  await Promise.all(["k", "l", "m"].map((name) => post(client, name)));
  assert.deepEqual(written(), [
    `${group("k")}DATA\r\n`,
    `${body("k")}.\r\n${group("l")}DATA\r\n`,
    `${body("l")}.\r\n${group("m")}DATA\r\n`,
    `${body("m")}.\r\n`,
  ]);
});

acceptance("CHUNKING: whole messages back to back, led by RSET while one before is open", async () => {
  await using server = await ScriptedServer.start({ extensions: CHUNKING });
  await using client = await SmtpClient.connect(plain(server));
  const written = await prove(server, client);
  await Promise.all(["k", "l", "m"].map((name) => post(client, name)));
  assert.deepEqual(written(), [`${bdat("k")}RSET\r\n${bdat("l")}RSET\r\n${bdat("m")}`]);
});

acceptance("a server is proven before anything stands behind a verdict: plainly, then by three envelopes", async () => {
  await using server = await ScriptedServer.start({ extensions: ["PIPELINING"] });
  await using client = await SmtpClient.connect(plain(server));
  await client.ehlo();
  await Promise.all(["a", "b", "c"].map((name) => post(client, name)));
  const data = (name: string): string => `${group(name)}DATA\r\n`;
  assert.deepEqual(segments(server).slice(1), [
    data("a"),
    `${body("a")}.\r\n`,
    data("b"),
    `${body("b")}.\r\n${data("c")}`,
    `${body("c")}.\r\n`,
  ]);
});

acceptance(
  "with CHUNKING nothing stands behind a dot: by BDAT alone, then by three envelopes, then whole",
  async () => {
    await using server = await ScriptedServer.start({ extensions: CHUNKING });
    await using client = await SmtpClient.connect(plain(server));
    await client.ehlo();
    await Promise.all([...PROOFS, "g"].map((name) => post(client, name)));
    const chunk = (name: string): string => bdat(name).slice(group(name).length);
    assert.deepEqual(segments(server).slice(1), [
      `${group("a")}DATA\r\n`,
      `${body("a")}.\r\n`,
      group("b"),
      chunk("b"),
      group("c"),
      `${chunk("c")}RSET\r\n${group("d")}`,
      `${chunk("d")}RSET\r\n${group("e")}`,
      `${chunk("e")}RSET\r\n${group("f")}`,
      `${chunk("f")}RSET\r\n${bdat("g")}`,
    ]);
  },
);

acceptance("without PIPELINING, one command at a time by DATA, with CHUNKING too", async () => {
  await using server = await ScriptedServer.start({ extensions: ["CHUNKING"] });
  await using client = await SmtpClient.connect(plain(server));
  await client.ehlo();
  await Promise.all(["k", "l"].map((name) => post(client, name)));
  const [mail, rcpt] = group("k").split(/(?<=\n)/);
  assert.deepEqual(segments(server).slice(1, 5), [mail, rcpt, "DATA\r\n", `${body("k")}.\r\n`]);
  assert.equal(segments(server).length, 9);
});

/** How many whole messages reach a server that answers until it is proven, and then no content. */
async function reachUnanswered(size: number, options: { maxInFlight?: number } = {}): Promise<number> {
  const held = gate();
  const later: Reply = () => held.opened.then(() => "250 OK");
  await using server = await ScriptedServer.start({
    extensions: CHUNKING,
    replies: { CONTENT: inTurn("250 OK", "250 OK", "250 OK", "250 OK", "250 OK", "250 OK", later) },
  });
  await using client = await SmtpClient.connect({ ...plain(server), ...options });
  const content = "x".repeat(size - 2).replace(/.{70}(?=..)/g, (line) => `${line.slice(2)}\r\n`);
  await prove(server, client);
  const before = (await server.connection()).byteCount;
  const rest = Array.from({ length: 80 }, (_, index) => post(client, `m${index}`, `${content}\r\n`));
  const connection = await server.connection();
  // All that may leave has arrived when many turns of the event loop bring no more.
  for (let quiet = 0, seen = 0; quiet < 200; quiet++) {
    await turn();
    if (connection.byteCount !== seen) quiet = 0;
    seen = connection.byteCount;
  }
  const reached = connection.bytes.subarray(before).toString("latin1").split("MAIL FROM").length - 1;
  held.open();
  await Promise.all(rest);
  assert.equal(server.messages.length, 80 + PROOFS.length);
  return reached;
}

acceptance("at most 16 messages are unanswered to begin with, or maxInFlight", async () => {
  assert.equal(await reachUnanswered(1000), 16);
  assert.equal(await reachUnanswered(1000, { maxInFlight: 4 }), 4);
  assert.equal(await reachUnanswered(1000, { maxInFlight: 1 }), 1);
});

acceptance("at most 1 MiB of content is unanswered", async () => {
  // The one that goes over the limit is the last.
  assert.equal(await reachUnanswered(200_000), 6);
});

acceptance("a stream goes as several chunks, each answered, the next message right behind it", async () => {
  await using server = await ScriptedServer.start({ extensions: CHUNKING });
  await using client = await SmtpClient.connect(plain(server));
  await prove(server, client);
  const line = `${"x".repeat(78)}\r\n`;
  const stream = async function* () {
    for (let count = 0; count < 50; count++) yield Buffer.from(line.repeat(60));
  };
  await Promise.all([post(client, "l", stream()), post(client, "m")]);
  const sizes = server.lines.filter((one) => one.startsWith("BDAT")).slice(PROOFS.length - 1);
  assert.ok(sizes.length > 4, sizes.join(", "));
  const total = sizes.slice(0, -1).reduce((sum, one) => sum + Number(one.split(" ")[1]), 0);
  assert.equal(total, line.length * 60 * 50);
  assert.match(sizes.at(-2) ?? "", / LAST$/);
  assert.equal(server.messages.at(-2)?.text, line.repeat(60 * 50));
  assert.equal(server.messages.at(-1)?.text, body("m"));
});

acceptance("a refusal in the window is that message's alone, and each result holds its own reply", async () => {
  for (const extensions of [["PIPELINING"], CHUNKING]) {
    await using server = await ScriptedServer.start({
      extensions,
      replies: {
        RCPT: byLine([[/<m@/, "550 no m"]], "250 OK"),
        CONTENT: (_, connection) => {
          const message = connection.messages.at(-1);
          if (message?.recipients.length === 0) return "503 no recipients";
          const name = /Subject: (\w+)/.exec(message?.text ?? "")?.[1];
          return name === "o" ? "552 no o" : `250 ${name} taken`;
        },
      },
    });
    await using client = await SmtpClient.connect(plain(server));
    const [k, l, m, n, o, p] = ["k", "l", "m", "n", "o", "p"].map((name) => post(client, name));
    const refused = rejects(m ?? Promise.reject(), SmtpRecipientsRefusedError);
    const tooLarge = assert.rejects(o ?? Promise.reject(), { code: "data", message: /552 no o/ });
    assert.equal((await refused).refused[0]?.reply.message, "no m");
    await tooLarge;
    const results = await Promise.all([k, l, n, p]);
    assert.deepEqual(
      results.map((result) => result?.reply.message),
      ["k taken", "l taken", "n taken", "p taken"],
    );
    assert.equal(server.connections.length, 1);
  }
});

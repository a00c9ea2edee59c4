/**
 * What a pool learns about BDAT and TLS on one connection, and uses on the next.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type TLSSocket } from "node:tls";
import { SmtpClient, SmtpPool, SmtpTimeoutError } from "../../src/index.js";
import { testCertificates } from "../support/certificates.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { mute } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejects } from "../support/settle.js";

const OFFERS = ["PIPELINING", "CHUNKING"];

acceptance("BDAT where the server offers it, DATA with chunking: never", async () => {
  await using server = await ScriptedServer.start({ extensions: OFFERS });
  await using pool = new SmtpPool(plain(server));
  await pool.send(TEXT, ENVELOPE);
  assert.deepEqual(server.verbs, ["EHLO", "MAIL", "RCPT", "BDAT"]);
  await using plainPool = new SmtpPool({ ...plain(server), chunking: "never" });
  await plainPool.send(TEXT, ENVELOPE);
  assert.deepEqual(server.connections[1]?.verbs, ["EHLO", "MAIL", "RCPT", "DATA"]);
});

for (const code of [500, 502, 503]) {
  acceptance(
    `BDAT denied by ${code}: the message goes by DATA on the same connection, once, and the host is remembered`,
    async () => {
      const taken: string[] = [];
      await using server = await ScriptedServer.start({
        extensions: OFFERS,
        replies: {
          BDAT: `${code} what is that`,
          CONTENT: (_, connection) => {
            taken.push(connection.messages.at(-1)?.text ?? "");
            return "250 OK";
          },
        },
      });
      await using pool = new SmtpPool({ ...plain(server), maxMessagesPerConnection: 2, maxConnections: 1 });
      for (let count = 0; count < 4; count++) await pool.send(TEXT, ENVELOPE);
      assert.deepEqual(taken, [TEXT, TEXT, TEXT, TEXT]);
      const [first, second] = server.connections;
      assert.deepEqual(first?.verbs.slice(0, 11), [
        ...["EHLO", "MAIL", "RCPT", "BDAT", "RSET", "MAIL", "RCPT", "DATA"],
        ...["MAIL", "RCPT", "DATA"],
      ]);
      assert.ok(!second?.verbs.includes("BDAT"), "the next connection does not try");
    },
  );
}

acceptance("the next connection knows what one that is still open has found out", async () => {
  await using server = await ScriptedServer.start({ extensions: OFFERS, replies: { BDAT: "502 no" } });
  await using pool = new SmtpPool({ ...plain(server), maxConnections: 3 });
  await pool.send(TEXT, ENVELOPE);
  await Promise.all(Array.from({ length: 12 }, () => pool.send(TEXT, ENVELOPE)));
  assert.ok(server.connections.length > 1);
  assert.equal(server.verbs.filter((verb) => verb === "BDAT").length, 1);
});

acceptance(
  "a content that a server takes for commands ends the connection; the message goes out by DATA on another",
  async () => {
    // Not a scripted server: this one reads the content line by line, and answers each.
    await using server = await ScriptedServer.start({
      extensions: OFFERS,
      replies: {
        BDAT: { kind: "bytes", segments: ["500 BDAT?\r\n", "500 Subject?\r\n", "500 empty?\r\n", "500 hello?\r\n"] },
      },
    });
    await using pool = new SmtpPool(plain(server));
    const { reply } = await pool.send(TEXT, ENVELOPE);
    assert.equal(reply.code, 250);
    assert.equal(server.connections.length, 2);
    assert.deepEqual(server.connections[1]?.verbs, ["EHLO", "MAIL", "RCPT", "DATA"]);
    await using client = await SmtpClient.connect(plain(server));
    await assert.rejects(client.send(TEXT, ENVELOPE), { outcome: "not-sent", retry: "reconnect" });
  },
);

acceptance("BDAT without an answer within timeout is unknown; later messages go by DATA", async () => {
  await using server = await ScriptedServer.start({ extensions: OFFERS, replies: { BDAT: mute } });
  await using pool = new SmtpPool({ ...plain(server), timeout: 100, deliveryTimeout: 60_000 });
  const error = await rejects(pool.send(TEXT, ENVELOPE), SmtpTimeoutError);
  assert.equal(error.outcome, "unknown");
  await pool.send(TEXT, ENVELOPE);
  assert.deepEqual(server.connections[1]?.verbs, ["EHLO", "MAIL", "RCPT", "DATA"]);
});

acceptance("the second connection resumes the first one's TLS session", async () => {
  const { server: identity, ca } = await testCertificates();
  const resumed: boolean[] = [];
  const server = createServer({ ...identity }, (socket: TLSSocket) => {
    resumed.push(socket.isSessionReused());
    socket.on("error", () => undefined);
    socket.write("220 hi\r\n");
    socket.on("data", (data) => {
      const text = String(data);
      const isData = text.includes("DATA\r\n");
      const commands = text.split("\r\n").filter((line) => /^(EHLO|MAIL|RCPT|QUIT|\.$)/.test(line));
      for (const command of commands) socket.write(command === "QUIT" ? "221 bye\r\n" : "250 ok\r\n");
      if (isData) socket.write("354 go\r\n");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const pool = new SmtpPool({
    hostname: "127.0.0.1",
    port,
    useTls: true,
    tls: { ca, servername: "localhost" },
    localHostname: "client.example",
    maxMessagesPerConnection: 1,
  });
  for (let count = 0; count < 3; count++) await pool.send(TEXT, ENVELOPE);
  await pool.close();
  server.close();
  await once(server, "close");
  assert.deepEqual(resumed, [false, true, true]);
});

/**
 * What a pool learns about BDAT and TLS on one connection, and uses on the next.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type TLSSocket } from "node:tls";
import { SmtpClient, SmtpPool, SmtpTimeoutError, send } from "../../src/index.js";
import { testCertificates } from "../support/certificates.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { onRuntime } from "../support/runtime.js";
import { mute } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance } from "../support/settle.js";

const OFFERS = ["PIPELINING", "CHUNKING"];

/** Messages after which a pool of one connection knows whether its server takes BDAT. */
const PROOFS = 6;

const post = (pool: { send: SmtpPool["send"] }, count: number): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, () => pool.send(TEXT, ENVELOPE)));

acceptance("BDAT where the server offers it and is proven, DATA with chunking: never", async () => {
  await using server = await ScriptedServer.start({ extensions: OFFERS });
  await using pool = new SmtpPool({ ...plain(server), maxConnections: 1 });
  await post(pool, PROOFS);
  const { verbs } = await server.connection();
  assert.deepEqual(verbs.slice(0, 4), ["EHLO", "MAIL", "RCPT", "DATA"]);
  assert.deepEqual(verbs.slice(-3), ["MAIL", "RCPT", "BDAT"]);
  await using plainPool = new SmtpPool({ ...plain(server), chunking: "never", maxConnections: 1 });
  await post(plainPool, PROOFS);
  assert.ok(!server.connections[1]?.verbs.includes("BDAT"));
});

for (const code of [500, 501, 502, 503, 504]) {
  acceptance(`BDAT denied by ${code}: every message arrives once, by DATA, and BDAT is asked for once`, async () => {
    for (const kind of ["pool", "client"] as const) {
      await using server = await ScriptedServer.start({
        extensions: OFFERS,
        replies: { BDAT: `${code} what is that` },
      });
      const taken = (): number => server.lines.filter((line) => line === "DATA").length;
      if (kind === "pool") {
        await using pool = new SmtpPool({ ...plain(server), maxConnections: 1 });
        await post(pool, 20);
      } else {
        await using client = await SmtpClient.connect(plain(server));
        await post(client, 20);
        client.close();
        await client.connect();
        await post(client, 20);
      }
      assert.equal(taken(), kind === "pool" ? 20 : 40);
      assert.equal(server.verbs.filter((verb) => verb === "BDAT").length, 1);
    }
  });
}

acceptance(
  "a content that a server takes for commands is never taken twice, and its message arrives by DATA",
  async () => {
    // It reads the content line by line, and answers each.
    await using server = await ScriptedServer.start({
      extensions: OFFERS,
      replies: {
        BDAT: { kind: "bytes", segments: ["500 BDAT?\r\n", "500 Subject?\r\n", "500 empty?\r\n", "500 hello?\r\n"] },
      },
    });
    await using pool = new SmtpPool({ ...plain(server), maxConnections: 1 });
    await post(pool, 20);
    assert.equal(server.connections.length, 2);
    assert.ok(!server.connections[1]?.verbs.includes("BDAT"));
  },
);

acceptance("send() asks for no BDAT: one message gains nothing by it", async () => {
  await using server = await ScriptedServer.start({ extensions: OFFERS, replies: { BDAT: "502 no" } });
  await send(TEXT, { ...ENVELOPE, ...plain(server) });
  assert.ok(!server.verbs.includes("BDAT"));
});

acceptance("a first BDAT whose verdict takes longer than timeout has deliveryTimeout, as any content", async () => {
  await using server = await ScriptedServer.start({ extensions: OFFERS, replies: { BDAT: mute } });
  await using pool = new SmtpPool({ ...plain(server), timeout: 50, deliveryTimeout: 300, maxConnections: 1 });
  const outcomes = await Promise.allSettled(Array.from({ length: PROOFS }, () => pool.send(TEXT, ENVELOPE)));
  const late = outcomes.find((outcome) => outcome.status === "rejected" && outcome.reason.outcome === "unknown");
  assert.ok(late?.status === "rejected" && late.reason instanceof SmtpTimeoutError);
  assert.equal(late.reason.timeout, 300);
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
  // The session that Deno's TLS shows is a dummy, in its own words.
  assert.deepEqual(resumed, onRuntime({ node: [false, true, true], deno: [false, false, false] }));
});

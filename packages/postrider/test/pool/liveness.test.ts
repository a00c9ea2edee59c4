/**
 * No message waits while a server is awake and a place is free, however slow, mute or busy others are.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SmtpPool, SmtpRecipientsRefusedError } from "../../src/index.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { all, close, inTurn, mute } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejection, rejects, soon } from "../support/settle.js";
import { gate } from "./gate.js";

acceptance("messages go on when the server's rest is over, though an earlier verdict is still awaited", async () => {
  const held = gate();
  await using server = await ScriptedServer.start({
    replies: {
      GREETING: inTurn("220 hi", all("421 too many", close), "220 hi"),
      CONTENT: inTurn(() => held.opened.then(() => "250 OK"), "250 OK"),
    },
  });
  await using pool = new SmtpPool({ ...plain(server), maxConnections: 5 });
  const slow = pool.send(TEXT, ENVELOPE);
  await (await server.connection(0)).saw("CONTENT");
  await soon(Promise.all([1, 2, 3].map(() => pool.send(TEXT, ENVELOPE))), "the messages behind the slow one");
  held.open();
  await slow;
});

acceptance("connections that are refused together are one failure: the server rests once", async () => {
  await using server = await ScriptedServer.start({ replies: { GREETING: "421 busy" } });
  await using pool = new SmtpPool({ ...plain(server), maxConnections: 5 });
  const outcomes = Array.from({ length: 20 }, () => rejection(pool.send(TEXT, ENVELOPE)));
  for (let count = 0; count < 5; count++) await server.connection(count);
  // The second round comes after the first rest of 200 ms; with five failures counted it would be 3.2 s.
  await soon(server.connection(5), "the second round");
  await pool.close({ force: true });
  await Promise.all(outcomes);
});

acceptance("connections that get 421 together are one failure, and what waits goes over the next ones", async () => {
  for (const refusals of [0, 1]) {
    const together = gate();
    let waiting = 0;
    await using server = await ScriptedServer.start({
      extensions: ["PIPELINING"],
      replies: {
        RCPT: async ({ line }, connection) => {
          if (server.connections.indexOf(connection) >= 5)
            return line.includes("<dead") ? "550 5.1.1 nobody" : "250 OK";
          const refused = connection.verbs.filter((verb) => verb === "RCPT").length;
          if (refused <= refusals) return "550 5.1.1 nobody";
          if (++waiting === 5) together.open();
          await together.opened;
          return all("421 4.7.0 too many errors", close);
        },
      },
    });
    await using pool = new SmtpPool({ ...plain(server), maxConnections: 5 });
    const send = (name: string) => pool.send(TEXT, { ...ENVELOPE, recipients: `${name}@y.example` });
    const dead = Array.from({ length: 20 }, (_, n) => rejects(send(`dead${n}`), SmtpRecipientsRefusedError));
    const live = Array.from({ length: 20 }, (_, n) => send(`live${n}`));
    const errors = await soon(Promise.all(dead), "the dead ones");
    assert.deepEqual(
      errors.map(({ refused }) => refused[0]?.reply.code),
      errors.map(() => 550),
    );
    await soon(Promise.all(live), "the live ones");
    assert.equal(pool.stats.failed, 0);
  }
});

acceptance("a connection whose server does not answer RSET holds up no message", async () => {
  await using server = await ScriptedServer.start({ replies: { RCPT: inTurn("550 nobody", "250 OK"), RSET: mute } });
  const pool = new SmtpPool({ ...plain(server), timeout: 60_000 });
  await rejects(pool.send(TEXT, ENVELOPE), SmtpRecipientsRefusedError);
  await (await server.connection()).saw("RSET");
  await soon(pool.send(TEXT, ENVELOPE), "the message behind it");
  await pool.close({ force: true });
});

acceptance("in turn is a wish: a server that says nothing holds up no message", async () => {
  await using silent = await ScriptedServer.start({ replies: { GREETING: mute } });
  await using able = await ScriptedServer.start();
  const pool = new SmtpPool({ servers: [plain(silent), plain(able)], strategy: "round-robin", timeout: 60_000 });
  await soon(Promise.all(Array.from({ length: 10 }, () => pool.send(TEXT, ENVELOPE))), "all ten");
  assert.equal(able.messages.length, 10);
  await pool.close({ force: true });
});

acceptance("40 000 messages that wait are given up by one signal in linear time", async () => {
  await using server = await ScriptedServer.start({ replies: { GREETING: mute } });
  const pool = new SmtpPool(plain(server));
  const elapsed: number[] = [];
  for (const count of [10_000, 40_000]) {
    const controller = new AbortController();
    const outcomes = Array.from({ length: count }, () =>
      pool.send(TEXT, { ...ENVELOPE, signal: controller.signal }).catch((error: unknown) => error),
    );
    const start = process.cpuUsage().user;
    controller.abort(new Error("no more"));
    assert.equal(pool.stats.queued, 0);
    await Promise.all(outcomes);
    elapsed.push(process.cpuUsage().user - start);
  }
  // Quadratic would be sixteen times.
  assert.ok((elapsed[1] ?? 0) < 10 * (elapsed[0] ?? 0) + 50_000, elapsed.join(" and "));
  await pool.close({ force: true });
});

acceptance("RCPTMAX=1 and thousands of recipients are as many transactions, and one result", async () => {
  await using server = await ScriptedServer.start({ extensions: ["PIPELINING", "LIMITS RCPTMAX=1"] });
  await using pool = new SmtpPool(plain(server));
  const recipients = Array.from({ length: 2000 }, (_, index) => `r${index}@y.example`);
  const { accepted } = await pool.send(TEXT, { ...ENVELOPE, recipients });
  assert.deepEqual(accepted, recipients);
  assert.equal(server.messages.length, 2000);
});

acceptance("a stream that stalls before its first line holds up its own message, not those behind it", async () => {
  await using server = await ScriptedServer.start();
  await using pool = new SmtpPool({ ...plain(server), maxConnections: 2, timeout: 60_000 });
  const controller = new AbortController();
  const stalled = async function* (): AsyncGenerator<Uint8Array> {
    await new Promise(() => undefined);
    yield new Uint8Array();
  };
  const stalling = rejection(pool.send(stalled(), { ...ENVELOPE, signal: controller.signal }));
  await soon(Promise.all([1, 2, 3].map(() => pool.send(TEXT, ENVELOPE))), "the messages behind it");
  controller.abort(new Error("enough"));
  assert.equal((await stalling).message, "enough");
});

acceptance("an idle connection does not keep the process alive", async () => {
  await using server = await ScriptedServer.start();
  const { hostname, port } = server.address;
  const index = new URL("../../src/index.js", import.meta.url).href;
  const folder = await mkdtemp(join(tmpdir(), "postrider-pool-"));
  const program = join(folder, "program.mjs");
  await writeFile(
    program,
    `import { SmtpPool } from ${JSON.stringify(index)};
    const pool = new SmtpPool({ hostname: ${JSON.stringify(hostname)}, port: ${port}, startTls: false, idleTimeout: 600_000 });
    await pool.send("Subject: x\\r\\n\\r\\nx\\r\\n", ${JSON.stringify(ENVELOPE)});`,
  );
  const child = spawn(process.execPath, [program], { stdio: ["ignore", "ignore", "inherit"] });
  try {
    const ended = once(child, "exit");
    // Until then it starts, which takes its time on a busy machine.
    await (await server.connection()).saw("CONTENT");
    const [code] = await soon(ended, "the end of a program that forgot to close its pool");
    assert.equal(code, 0);
  } finally {
    child.kill("SIGKILL");
    await rm(folder, { recursive: true });
  }
});

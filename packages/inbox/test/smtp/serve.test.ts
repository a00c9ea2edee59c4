import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { createSecureContext } from "node:tls";
import { send } from "postrider";
import { makeSelfSigned } from "../../src/smtp/self-signed.js";
import { ServedConnection, type ServeOptions } from "../../src/smtp/serve.js";
import { Dialogue } from "../support/dialogue.js";

async function listening(t: TestContext, options: ServeOptions): Promise<number> {
  const connections: ServedConnection[] = [];
  const server = createServer((socket) => connections.push(new ServedConnection(socket, options)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const connection of connections) connection.close();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const MESSAGE = { from: "ann@example.org", to: "bob@example.com", subject: "Hi", text: "Hi" };

test("without a take every message is accepted", async (t) => {
  const { accepted } = await send(MESSAGE, { port: await listening(t, {}) });
  assert.deepEqual(accepted, ["bob@example.com"]);
});

test("STARTTLS puts TLS around the socket", async (t) => {
  const identity = await makeSelfSigned();
  const session = { startTls: true };
  const port = await listening(t, { session, secureContext: createSecureContext(identity) });
  const { accepted } = await send(MESSAGE, { port, hostname: "localhost", startTls: true, tls: { ca: identity.cert } });
  assert.deepEqual(accepted, ["bob@example.com"]);
});

test("while a promise is pending nothing further is answered, and what was answered before is out", async (t) => {
  let resume = (): void => undefined;
  const port = await listening(t, {
    take: (step) =>
      step.step === "mail"
        ? new Promise((resolve) => (resume = () => resolve({ code: 250, text: "late" })))
        : undefined,
  });
  const client = await Dialogue.open(port);
  client.write("EHLO me\r\nMAIL FROM:<a@b.c>\r\nNOOP\r\n");
  assert.match(await client.reply(), /^250-localhost/);
  resume();
  assert.equal(await client.reply(), "250 late");
  assert.match(await client.reply(), /^250 2\.0\.0 OK/);
  client.destroy();
});

test("hang up ends the connection without a reply; so does an error, which is a warning", async (t) => {
  const warnings: string[] = [];
  const hear = ({ message }: Error): void => void (message.startsWith("of the test") && warnings.push(message));
  process.on("warning", hear);
  t.after(() => process.off("warning", hear));
  for (const answer of [
    () => "hang up" as const,
    () => Promise.reject(new Error("of the test: rejected")),
    () => {
      throw new Error("of the test: thrown");
    },
  ]) {
    const port = await listening(t, { take: (step) => (step.step === "mail" ? answer() : undefined) });
    const client = await Dialogue.open(port);
    await client.say("EHLO me");
    assert.equal(await client.say("MAIL FROM:<a@b.c>"), "");
  }
  assert.deepEqual(warnings, ["of the test: rejected", "of the test: thrown"]);
});

test("a client that reads no replies is not read on, until it reads again", async (t) => {
  const total = 2000;
  let count = 0;
  let served: Socket | undefined;
  const server = createServer((socket) => {
    served = socket;
    const take = (): undefined => {
      count += 1;
    };
    new ServedConnection(socket, { session: { help: () => "x".repeat(20_000) }, take });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  t.after(() => {
    socket.destroy();
    served?.destroy();
    server.close();
  });
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  socket.pause();
  socket.write(`HELP ${"x".repeat(500)}\r\n`.repeat(total));
  while (served?.writableNeedDrain !== true) await turn();
  for (let turns = 0; turns < 500; turns++) await turn();
  assert.ok(count < total, `${count} were answered`);
  socket.resume();
  // The greeting is one more.
  while (count < total + 1) await turn();
});

test("replies to a group of commands leave in one write", async (t) => {
  const port = await listening(t, {});
  const socket = connect(port, "127.0.0.1");
  await once(socket, "data");
  socket.write("EHLO me\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<a@b.c>\r\nRCPT TO:<b@b.c>\r\nDATA\r\n");
  const [chunk] = await once(socket, "data");
  assert.equal(String(chunk).match(/\r\n/g)?.length, 6 + 4);
  socket.destroy();
});

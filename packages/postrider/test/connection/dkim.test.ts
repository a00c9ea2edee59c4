/** The `dkim` option: what is on the wire verifies, whatever the message and the server are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DkimSigner,
  dkimDnsRecord,
  EmailMessage,
  MessageError,
  OptionError,
  SmtpClient,
  SmtpPool,
  send,
} from "../../src/index.js";
import { ALGORITHMS, KEYS } from "../dkim/keys.js";
import { verdicts } from "../dkim/verify.js";
import { ENVELOPE, plain } from "../support/plain-client.js";
import { ScriptedServer } from "../support/scripted-server.js";

const DKIM = ALGORITHMS.map(
  (algorithm) => new DkimSigner({ domain: "x.example", selector: algorithm, privateKey: KEYS[algorithm].private }),
);

async function assertVerifies(server: ScriptedServer, count = 1): Promise<void> {
  assert.equal(server.messages.length, count);
  const records = new Map<string, string>();
  for (const one of ALGORITHMS) records.set(`${one}._domainkey.x.example`, await dkimDnsRecord(KEYS[one].public));
  for (const { text, mail } of server.messages) {
    const message = Buffer.from(text);
    assert.deepEqual(
      (await verdicts(message, records)).map(({ result }) => result),
      ["pass", "pass"],
    );
    const size = /SIZE=(\d+)/.exec(mail ?? "")?.[1];
    if (size !== undefined) assert.equal(Number(size), message.length);
  }
}

async function* once(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

const FIELDS = {
  from: "a@x.example",
  to: "b@y.example",
  subject: "Gr\u00fc\u00dfe",
  text: ".dots\n\n..\nGr\u00fc\u00dfe \n\n",
} as const;

for (const extensions of [[], ["PIPELINING", "8BITMIME", "SIZE"], ["PIPELINING", "CHUNKING", "SIZE"]]) {
  test(`messages, literals, raw text and streams are signed as they go out (${extensions.join(" ") || "plain"})`, async () => {
    await using server = await ScriptedServer.start({ extensions });
    const options = { ...plain(server), dkim: DKIM };
    await send(FIELDS, options);
    await send(new EmailMessage({ ...FIELDS, html: "<p>Gr\u00fc\u00dfe" }), options);
    await send("From: a@x.example\nX: y\n\n.\n..a\r\nb", { ...ENVELOPE, ...options });
    await send(once("From: a@x.exam", "ple\r", "\n\nsmall\n."), { ...ENVELOPE, ...options });
    const large = Array.from({ length: 40 }, (_, index) => `${index} ${"large  ".repeat(6000)}\n.\n`);
    await send(once("From: a@x.example\n\n", ...large), { ...ENVELOPE, ...options });
    await send({ ...FIELDS, attachments: [{ filename: "a.bin", content: once("x".repeat(3_000_000)) }] }, options);
    await send(
      { ...FIELDS, attachments: [{ filename: "a.bin", content: () => once("x".repeat(3_000_000)) }] },
      options,
    );
    await assertVerifies(server, 7);
  });
}

test("a client and a pool sign every message, also those that are sent at the same time", async () => {
  await using server = await ScriptedServer.start({ extensions: ["PIPELINING"] });
  const options = { ...plain(server), dkim: DKIM };
  const message = (index: number) => ({ ...FIELDS, subject: `${index}` });
  await using client = await SmtpClient.connect(options);
  await Promise.all(Array.from({ length: 5 }, (_, index) => client.send(message(index))));
  await using pool = new SmtpPool({ ...options, maxConnections: 2 });
  await Promise.all(Array.from({ length: 5 }, (_, index) => pool.send(message(index))));
  await assertVerifies(server, 10);
});

test("content that changes between its two readings is not delivered", async () => {
  await using server = await ScriptedServer.start();
  let openings = 0;
  const content = () => once(`${++openings} ${"x".repeat(100_000)}`);
  const sending = send({ ...FIELDS, attachments: [{ filename: "a", content }] }, { ...plain(server), dkim: DKIM });
  await assert.rejects(
    sending,
    (error) => error instanceof MessageError && /changed between signing/.test(error.message),
  );
  assert.deepEqual(server.messages, []);
});

test("a delivery has its own signers, in place of those of the connection", async () => {
  await using server = await ScriptedServer.start({ extensions: ["PIPELINING"] });
  const signer = (selector: string) =>
    new DkimSigner({ domain: "x.example", selector, privateKey: KEYS["ed25519-sha256"].private });
  const options = { ...plain(server), dkim: signer("shared") };
  await using client = await SmtpClient.connect(options);
  await client.send(FIELDS);
  await client.send(FIELDS, { dkim: signer("one") });
  await client.send(FIELDS, { dkim: [signer("two"), signer("three")] });
  await client.send(FIELDS, { dkim: [] });
  await client.send(once("From: a@x.exam", "ple\r\n\r\nsmall\r\n"), { ...ENVELOPE, dkim: signer("four") });
  await using pool = new SmtpPool(options);
  for await (const { error } of pool.sendAll([{ message: FIELDS, dkim: signer("five") }, { message: FIELDS }])) {
    assert.equal(error, undefined);
  }
  await send(FIELDS, { ...plain(server), dkim: signer("six") });
  const selectors = server.messages.map(({ text }) => [...text.matchAll(/[; ]s=(\w+);/g)].map(([, name]) => name));
  assert.deepEqual(selectors.slice(0, 5), [["shared"], ["one"], ["two", "three"], [], ["four"]]);
  assert.deepEqual(selectors.slice(5).flat().sort(), ["five", "shared", "six"]);
});

test("the recipients of a message in several transactions get the signature of the delivery", async () => {
  await using server = await ScriptedServer.start({ extensions: ["LIMITS RCPTMAX=1"] });
  await using client = await SmtpClient.connect({ ...plain(server), dkim: DKIM });
  const dkim = new DkimSigner({ domain: "x.example", selector: "own", privateKey: KEYS["ed25519-sha256"].private });
  await client.send({ ...FIELDS, to: ["b@y.example", "c@z.example"] }, { dkim });
  const selectors = server.messages.map(({ text }) => /[; ]s=(\w+);/.exec(text)?.[1]);
  assert.deepEqual(selectors, ["own", "own"]);
});

test("a damaged key of a delivery fails it before its first byte, and stops the message's stream", async () => {
  await using server = await ScriptedServer.start();
  await using client = await SmtpClient.connect(plain(server));
  await client.ehlo();
  const lines = server.lines.length;
  const key = Buffer.from(KEYS["rsa-sha256"].private.replace(/-----[A-Z ]+-----/g, ""), "base64");
  key.writeUInt8(key.readUInt8(100) ^ 0xff, 100);
  const dkim = new DkimSigner({ domain: "x.example", selector: "s", privateKey: key });
  let isClosed = false;
  const stream = new ReadableStream<Uint8Array>({
    cancel: () => {
      isClosed = true;
    },
  });
  await assert.rejects(
    client.send(stream, { ...ENVELOPE, dkim }),
    (error) => error instanceof OptionError && error.option === "privateKey",
  );
  assert.equal(isClosed, true);
  assert.equal(server.lines.length, lines);
  await assert.rejects(client.send(FIELDS, { dkim: "key" } as never), /dkim: must be a DkimSigner/);
  await assert.rejects(client.send(FIELDS, { dkim: new Array(1) } as never), /dkim\[0\]: must be a DkimSigner/);
});

test("a key that cannot sign fails the send before anything is opened", async () => {
  await using server = await ScriptedServer.start();
  const pem = KEYS["rsa-sha256"].private;
  const key = Buffer.from(pem.replace(/-----[A-Z ]+-----/g, ""), "base64");
  // In the modulus.
  key.writeUInt8(key.readUInt8(100) ^ 0xff, 100);
  const dkim = new DkimSigner({ domain: "x.example", selector: "s", privateKey: key });
  await assert.rejects(
    send(FIELDS, { ...plain(server), dkim }),
    (error) => error instanceof OptionError && error.option === "privateKey",
  );
  assert.deepEqual(server.lines, []);
});

test("a message that cannot be signed fails alone; the client goes on", async () => {
  await using server = await ScriptedServer.start();
  await using client = await SmtpClient.connect({ ...plain(server), dkim: DKIM });
  await assert.rejects(client.send("To: b\r\n\r\n", ENVELOPE), /no From field/);
  await client.send(FIELDS);
  await assertVerifies(server);
});

test("what is no signer is an OptionError that names it", async () => {
  for (const [dkim, option] of [
    [{}, "dkim"],
    ["key", "dkim"],
    [[DKIM[0], {}], "dkim[1]"],
  ] as const) {
    assert.throws(
      () => new SmtpClient({ hostname: "localhost", dkim: dkim as never }),
      (error) => error instanceof OptionError && error.option === option,
    );
  }
});

/** POP3 over a socket: whose mail a login sees, TLS, deletion, and clients that mean harm. */
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import { InboxListenError, InboxOptionError } from "../../src/errors.js";
import { type Inbox, startInbox } from "../../src/inbox.js";
import type { InboxOptions } from "../../src/options.js";
import { startPop3Side } from "../../src/pop3/pop3-side.js";
import { MessageStore } from "../../src/store/message-store.js";
import { Dialogue, gone } from "../support/dialogue.js";
import { ask } from "../support/mail.js";
import { parsed } from "../support/parsed.js";
import { Pop3Dialogue } from "../support/pop3.js";

const QUIET = { smtpPort: 0, webPort: false, pop3Port: 0 } as const;
const open = (options: InboxOptions = {}): Promise<Inbox> => startInbox({ ...QUIET, ...options });
const connect = ({ pop3Port = 0 }: Inbox): Promise<Pop3Dialogue> => Pop3Dialogue.open(pop3Port);

/** One message for each of these recipients, whose subject is the recipient. */
async function deliver(inbox: Inbox, recipients: readonly string[], login?: string): Promise<void> {
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  if (login !== undefined) await client.say(`AUTH PLAIN ${Buffer.from(`\0${login}`).toString("base64")}`);
  for (const one of recipients) assert.match(await client.deliver(`Subject: ${one}\n\n`, "a@b.c", [one]), /^250 /);
  client.destroy();
}

/** The number of messages that a login sees; undefined when it is refused. */
async function countFor(inbox: Inbox, name: string, password = "x"): Promise<number | undefined> {
  const client = await connect(inbox);
  const answer = await client.logIn(name, password);
  client.destroy();
  return answer.startsWith("+OK") ? Number(/^\+OK (\d+) messages/.exec(answer)?.[1]) : undefined;
}

test("without the option there is no POP3, and a port that is taken is an error that names it", async () => {
  await using without = await startInbox({ smtpPort: 0, webPort: false });
  assert.equal(without.pop3Port, undefined);
  await using inbox = await open();
  assert.ok((inbox.pop3Port ?? 0) > 0);
  await assert.rejects(
    open({ pop3Port: inbox.pop3Port }),
    (error) => error instanceof InboxListenError && error.option === "pop3Port" && error.inUse,
  );
});

test("an address sees the mail to it, also when there is none; another name sees all mail", async () => {
  await using inbox = await open();
  await deliver(inbox, ["ben@example.com", "Ben@Example.com", "cyd@example.com"]);
  assert.equal(await countFor(inbox, "ben@example.com"), 2);
  assert.equal(await countFor(inbox, "BEN@example.com"), 2);
  assert.equal(await countFor(inbox, "nobody@example.com"), 0);
  assert.equal(await countFor(inbox, "anybody", ""), 3);
});

test("where there is AUTH, a name that is no address sees the mail of that user", async () => {
  await using inbox = await open({ auth: "any" });
  await deliver(inbox, ["ben@example.com"], "shop\0x");
  await deliver(inbox, ["cyd@example.com", "ben@example.com"], "blog\0x");
  assert.equal(await countFor(inbox, "shop"), 1);
  assert.equal(await countFor(inbox, "blog"), 2);
  assert.equal(await countFor(inbox, "new"), 0);
  assert.equal(await countFor(inbox, "ben@example.com"), 2);
});

test("the password of the inbox is asked for, with any name; else the credentials of SMTP", async () => {
  await using guarded = await open({ password: "sesame", auth: { username: "shop", password: "other" } });
  assert.equal(await countFor(guarded, "anybody", "sesame"), 0);
  assert.equal(await countFor(guarded, "shop", "other"), undefined);
  assert.equal(await countFor(guarded, "anybody", ""), undefined);
  await using pair = await open({ auth: { username: "shop", password: "other" } });
  assert.equal(await countFor(pair, "shop", "other"), 0);
  assert.equal(await countFor(pair, "ben@example.com", "other"), undefined);
  assert.equal(await countFor(pair, "shop", "wrong"), undefined);
});

test("on an address that other machines reach, POP3 needs the password as well", async () => {
  await assert.rejects(open({ host: "0.0.0.0" }), InboxOptionError);
  await using inbox = await open({ host: "0.0.0.0", password: "sesame" });
  const client = await connect(inbox);
  assert.match(await client.say("STAT"), /^-ERR STAT is not for the AUTHORIZATION state/);
  assert.match(await client.logIn("x", "wrong"), /^-ERR \[AUTH\]/);
  client.destroy();
});

test("QUIT deletes what was marked, and it can be had back; a connection that breaks deletes nothing", async () => {
  await using inbox = await open({ webPort: 0 });
  await deliver(inbox, ["a@example.com", "b@example.com", "c@example.com"]);
  const broken = await connect(inbox);
  await broken.logIn("x");
  await broken.say("DELE 1");
  broken.destroy();
  const client = await connect(inbox);
  await client.logIn("x");
  assert.equal(await client.say("STAT"), `+OK 3 ${inbox.messages.reduce((sum, { size }) => sum + size, 0)}`);
  await client.say("DELE 1");
  await client.say("DELE 3");
  const subjects = (): (string | undefined)[] => inbox.messages.map(({ subject }) => subject);
  assert.equal(subjects().length, 3);
  assert.match(await client.say("QUIT"), /^\+OK/);
  assert.deepEqual(subjects(), ["b@example.com"]);
  await ask(inbox, "/api/messages/restore", { method: "POST" });
  assert.deepEqual(subjects(), ["a@example.com", "b@example.com", "c@example.com"]);
});

test("the messages are those of the login; their unique ids are those of the inbox", async () => {
  await using inbox = await open();
  await deliver(inbox, ["a@example.com"]);
  const client = await connect(inbox);
  await client.logIn("x");
  await deliver(inbox, ["b@example.com"]);
  assert.equal(await client.sayForLines("UIDL"), `1 ${inbox.messages[0]?.id}`);
  inbox.clear();
  assert.match(await client.say("RETR 1"), /^-ERR The message was deleted/);
  assert.match(await client.say("DELE 1"), /^\+OK/);
  assert.match(await client.say("QUIT"), /^\+OK/);
});

for (const tls of ["starttls", "implicit"] as const) {
  test(`TLS (${tls}): the mail is read inside it, with the certificate of the inbox`, async () => {
    await using inbox = await open({ tls });
    const { pop3Port = 0, certificate = "" } = inbox;
    const client =
      tls === "implicit" ? await Pop3Dialogue.openTls(pop3Port, certificate) : await Pop3Dialogue.open(pop3Port);
    if (tls === "starttls") await client.startTls(certificate);
    assert.doesNotMatch(await client.sayForLines("CAPA"), /STLS/);
    assert.match(await client.logIn("x"), /^\+OK 0 messages/);
    client.destroy();
  });

  test(`close ends connections in the middle of a handshake and after it (${tls})`, async () => {
    const inbox = await open({ tls });
    const { pop3Port = 0, certificate = "" } = inbox;
    const half = net.connect(pop3Port, "127.0.0.1");
    half.on("error", () => {});
    await once(half, "connect");
    if (tls === "starttls") {
      half.write("STLS\r\n");
      for await (const chunk of half.iterator({ destroyOnReturn: false }))
        if (String(chunk).includes("Begin the handshake")) break;
    }
    half.resume();
    half.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
    const whole =
      tls === "implicit" ? await Pop3Dialogue.openTls(pop3Port, certificate) : await Pop3Dialogue.open(pop3Port);
    await Promise.all([inbox.close(), gone(half), whole.closed()]);
  });
}

test("commands that come in one piece are answered in their order", async () => {
  await using inbox = await open();
  await deliver(inbox, ["a@example.com"]);
  const client = await connect(inbox);
  client.socket.write("USER x\r\nPASS x\r\nSTAT\r\nRETR 1\r\nNOOP\r\nQUIT\r\n");
  assert.match(
    await client.closed(),
    /^(?:\+OK [^\n]*\n){4}Subject: a@example\.com\r\n\r\n\r\n\.\r\n\+OK Nothing[^\n]*\n\+OK Bye\r\n$/,
  );
});

test("a client that asks for much and reads nothing holds up nobody, and no more than a piece is written to it", async () => {
  const store = new MessageStore({ maxMessages: 10, maxBytes: 1e9 });
  const lines = 440_000;
  // Each dot is doubled, so that what is written is a copy.
  const raw = Buffer.alloc(72 * lines, `.${"x".repeat(69)}\r\n`);
  store.add({ ...(await parsed("Subject: large\n\n")), raw, size: raw.length });
  const settings = { host: "127.0.0.1", password: undefined, auth: undefined, tlsMode: undefined };
  const side = await startPop3Side({ settings, port: 0, store, identity: undefined });
  try {
    const greedy = await Pop3Dialogue.open(side.port);
    await greedy.logIn("x");
    greedy.socket.pause();
    const before = process.memoryUsage().arrayBuffers;
    greedy.socket.write("RETR 1\r\n".repeat(20));
    const other = await Pop3Dialogue.open(side.port);
    await other.logIn("x");
    // By then the server has written to the first what its socket takes.
    for (let round = 0; round < 50; round += 1) assert.match(await other.say("NOOP"), /^\+OK/);
    // All of it would be twenty times the message.
    assert.ok(process.memoryUsage().arrayBuffers - before < 2 * raw.length);
    greedy.destroy();
    assert.equal(await lengthOf(other.socket, "RETR 1", raw.length + lines), raw.length + lines);
    other.destroy();
  } finally {
    await side.close();
  }
});

/** Bytes of the message in the response to a command. */
async function lengthOf(socket: net.Socket, command: string, atMost: number): Promise<number> {
  const around = "+OK The message follows\r\n".length + ".\r\n".length;
  let length = 0;
  socket.write(`${command}\r\n`);
  for await (const text of socket.iterator({ destroyOnReturn: false })) {
    length += String(text).length;
    if (length >= atMost + around) break;
  }
  return length - around;
}

test("an idle client is disconnected without a word and without a deletion; half a command does not count", async () => {
  const store = new MessageStore({ maxMessages: 10, maxBytes: 1e6 });
  store.add(await parsed("Subject: stays\n\n"));
  const settings = { host: "127.0.0.1", password: undefined, auth: undefined, tlsMode: undefined };
  const side = await startPop3Side({ settings, port: 0, store, identity: undefined, idleMs: 200 });
  try {
    const client = await Pop3Dialogue.open(side.port);
    await client.logIn("x");
    await client.say("DELE 1");
    const drip = setInterval(() => client.socket.write("N"), 20);
    assert.equal(await client.closed(), "");
    clearInterval(drip);
    assert.equal(store.total, 1);
  } finally {
    await side.close();
  }
});

test("connections beyond the limit are refused; one that ends makes room", async () => {
  const store = new MessageStore({ maxMessages: 10, maxBytes: 1e6 });
  const settings = { host: "127.0.0.1", password: undefined, auth: undefined, tlsMode: undefined };
  const side = await startPop3Side({ settings, port: 0, store, identity: undefined, maxConnections: 2 });
  try {
    const [first, second] = [await Pop3Dialogue.open(side.port), await Pop3Dialogue.open(side.port)];
    const refused = new Pop3Dialogue(net.connect(side.port, "127.0.0.1"));
    assert.match(await refused.closed(), /^-ERR \[SYS\/TEMP\] There are too many connections/);
    await first.say("QUIT");
    await first.closed();
    // The server may not have heard yet that the first is gone.
    let third = "";
    while (!third.startsWith("+OK")) {
      const again = new Pop3Dialogue(net.connect(side.port, "127.0.0.1"));
      third = await again.line();
      again.destroy();
    }
    second.destroy();
  } finally {
    await side.close();
  }
});

test("a line without end, a reset and plain text on a TLS port end their own connection only", async () => {
  await using inbox = await open({ tls: "implicit" });
  const plain = new Pop3Dialogue(net.connect(inbox.pop3Port ?? 0, "127.0.0.1"));
  plain.socket.write("CAPA\r\n");
  await plain.closed();
  await using open2 = await open();
  const endless = await connect(open2);
  endless.socket.write("x".repeat(100_000));
  assert.match(await endless.closed(), /^-ERR Line too long/);
  for (let count = 0; count < 20; count += 1) {
    const socket = net.connect(open2.pop3Port ?? 0, "127.0.0.1");
    await once(socket, "connect");
    socket.resetAndDestroy();
  }
  assert.equal(await countFor(open2, "x"), 0);
});

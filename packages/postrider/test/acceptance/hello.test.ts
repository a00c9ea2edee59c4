/**
 * EHLO, HELO and what the server says that it can do.
 */
import assert from "node:assert/strict";
import { SmtpClient, SmtpHelloError, SmtpReplyError, send } from "../../src/index.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { bytes, inTurn } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, closed, rejection, rejects } from "../support/settle.js";

acceptance("the first command is led by EHLO, the second is not", async () => {
  await using server = await ScriptedServer.start();
  await using client = await SmtpClient.connect(plain(server));
  await client.noop();
  assert.deepEqual(server.lines, ["EHLO client.example", "NOOP"]);
  await client.noop();
  assert.deepEqual(server.lines, ["EHLO client.example", "NOOP", "NOOP"]);
});

acceptance("without a word on STARTTLS there is one EHLO too", async () => {
  await using server = await ScriptedServer.start();
  await using client = await SmtpClient.connect({ ...plain(server), startTls: undefined });
  await client.noop();
  await client.noop();
  assert.deepEqual(server.verbs, ["EHLO", "NOOP", "NOOP"]);
});

acceptance("connect() sends EHLO, with startTls: false only when it is asked to", async () => {
  for (const [startTls, hello, isKnown] of [
    [undefined, undefined, true],
    [undefined, false, true],
    [false, undefined, false],
    [false, false, false],
    [false, true, true],
  ] as const) {
    await using server = await ScriptedServer.start({ extensions: ["SIZE 1", "AUTH PLAIN"] });
    await using client = new SmtpClient({ ...plain(server), startTls });
    await client.connect({ hello });
    assert.equal(client.supports("SIZE"), isKnown, `${startTls} ${hello}`);
    assert.deepEqual(client.authMethods, isKnown ? ["PLAIN"] : []);
    await client.noop();
    assert.deepEqual(server.verbs, ["EHLO", "NOOP"]);
  }
});

acceptance("connect() whose EHLO is refused rejects and closes", async () => {
  await using server = await ScriptedServer.start({ replies: { EHLO: "550 no", HELO: "550 never" } });
  const client = new SmtpClient(plain(server));
  await rejects(client.connect({ hello: true }), SmtpHelloError);
  await closed(client, await server.connection());
});

acceptance("commands at once share one EHLO", async () => {
  await using server = await ScriptedServer.start();
  await using client = await SmtpClient.connect(plain(server));
  await Promise.all([client.noop(), client.noop(), client.send(TEXT, ENVELOPE)]);
  assert.equal(server.verbs.filter((verb) => verb === "EHLO").length, 1);
  assert.equal(server.verbs[0], "EHLO");
});

acceptance("a new connection is greeted anew", async () => {
  await using server = await ScriptedServer.start({ extensions: ["SIZE 1"] });
  const client = new SmtpClient(plain(server));
  for (const _ of [1, 2]) {
    await client.connect();
    await client.noop();
    assert.equal(client.supports("size"), true);
    await client.quit();
    assert.equal(client.isConnected, false);
  }
  assert.deepEqual(server.verbs, ["EHLO", "NOOP", "QUIT", "EHLO", "NOOP", "QUIT"]);
});

acceptance("without a name of the caller's EHLO has a domain or an address literal", async () => {
  await using server = await ScriptedServer.start();
  await using client = await SmtpClient.connect({ ...plain(server), localHostname: undefined });
  await client.ehlo();
  assert.match(server.lines[0] ?? "", /^EHLO (\[(\d+\.){3}\d+\]|\[IPv6:[0-9a-f:]+\]|([a-z0-9_-]+\.)+[a-z0-9-]+)$/i);
});

for (const code of [500, 502, 550, 504]) {
  acceptance(`after EHLO ${code} the client says HELO on the same connection and sends`, async () => {
    await using server = await ScriptedServer.start({
      replies: { EHLO: `${code} no`, HELO: ["250-fake", "250 PIPELINING"] },
    });
    await using client = await SmtpClient.connect(plain(server));
    const result = await client.send(TEXT, ENVELOPE);
    assert.deepEqual(result.accepted, ["b@y.example"]);
    assert.deepEqual(server.lines, [
      "EHLO client.example",
      "HELO client.example",
      "MAIL FROM:<a@x.example>",
      "RCPT TO:<b@y.example>",
      "DATA",
    ]);
    assert.equal(client.extensions.size, 0, "HELO has no extensions");
    assert.equal(server.connections.length, 1);
  });
}

acceptance("when both are refused the error tells, and MAIL never goes out ungreeted", async () => {
  await using server = await ScriptedServer.start({ replies: { EHLO: "500 no", HELO: "500 never" } });
  const client = await SmtpClient.connect(plain(server));
  const error = await rejects(client.noop(), SmtpHelloError);
  assert.equal(error.reply.code, 500);
  assert.equal(error.phase, "hello");
  await rejection(client.send(TEXT, ENVELOPE));
  client.close();
  await closed(client, await server.connection());
  assert.ok(!server.verbs.includes("MAIL"));
  assert.ok(!server.verbs.includes("NOOP"));
});

acceptance("the one-call send rejects the same way and closes", async () => {
  await using server = await ScriptedServer.start({ replies: { EHLO: "500 no", HELO: "500 never" } });
  const error = await rejects(send(TEXT, { ...ENVELOPE, ...plain(server) }), SmtpHelloError);
  assert.equal(error.reply.code, 500);
  await closed(undefined, await server.connection());
  assert.ok(!server.verbs.includes("MAIL"));
});

acceptance("421 to EHLO is no invitation to HELO", async () => {
  await using server = await ScriptedServer.start({ replies: { EHLO: "421 too busy" } });
  const client = await SmtpClient.connect(plain(server));
  const error = await rejection(client.noop());
  assert.match(error.message, /too busy/);
  await closed(client, await server.connection());
  assert.ok(!server.verbs.includes("HELO"));
});

acceptance("keywords are read whatever their case and the spaces before them", async () => {
  await using server = await ScriptedServer.start({
    extensions: ["SIZE 1000", "8bitmime", "   PIPELINING", "", "X-Odd  a  b", "ENHANCEDSTATUSCODES "],
  });
  await using client = await SmtpClient.connect(plain(server));
  await client.ehlo();
  assert.equal(client.extensions.get("SIZE"), "1000");
  assert.equal(client.extensions.get("8BITMIME"), "");
  assert.equal(client.extensions.get("PIPELINING"), "");
  assert.equal(client.supports("ENHANCEDSTATUSCODES"), true);
  assert.equal(client.supports("x-odd"), true);
  assert.equal(client.extensions.has(""), false);
  assert.equal(client.extensions.size, 5);
});

acceptance("a host name that holds a keyword turns nothing on", async () => {
  await using server = await ScriptedServer.start({
    replies: {
      EHLO: ["250-mx-PIPELINING.example.com PIPELINING STARTTLS SIZE 1", "250-X-PIPELINING", "250 HELP PIPELINING"],
    },
  });
  await using client = await SmtpClient.connect(plain(server));
  await client.ehlo();
  assert.equal(client.supports("PIPELINING"), false);
  assert.equal(client.supports("STARTTLS"), false);
  assert.deepEqual([...client.extensions.keys()].sort(), ["HELP", "X-PIPELINING"]);
  await client.send(TEXT, ENVELOPE);
  const connection = await server.connection();
  const mail = connection.chunks.find((chunk) => chunk.includes("MAIL FROM"));
  assert.ok(mail !== undefined && !mail.includes("RCPT"), "one command at a time");
});

for (const [lines, methods] of [
  [["AUTH=PLAIN LOGIN"], ["LOGIN", "PLAIN"]],
  [
    ["AUTH CRAM-MD5", "AUTH=PLAIN LOGIN"],
    ["CRAM-MD5", "LOGIN", "PLAIN"],
  ],
  [
    ["AUTH=PLAIN LOGIN", "AUTH PLAIN CRAM-MD5 LOGIN"],
    ["CRAM-MD5", "LOGIN", "PLAIN"],
  ],
  [["AUTH plain   login  plain"], ["LOGIN", "PLAIN"]],
  [["AUTH"], []],
] as const) {
  acceptance(`${lines.join(" and ")} offers ${methods.join(", ") || "nothing"}, each once`, async () => {
    await using server = await ScriptedServer.start({ extensions: lines });
    await using client = await SmtpClient.connect(plain(server));
    await client.ehlo();
    assert.deepEqual([...client.authMethods].sort(), methods);
  });
}

acceptance("the first line of the EHLO reply is a greeting, not an extension", async () => {
  await using server = await ScriptedServer.start({ replies: { EHLO: "250 HELP" } });
  await using client = await SmtpClient.connect(plain(server));
  await client.ehlo();
  assert.equal(client.supports("HELP"), false);
  assert.equal(client.extensions.size, 0);
});

acceptance("the bare code 250 is a whole EHLO reply", async () => {
  await using server = await ScriptedServer.start({ replies: { EHLO: bytes("250\r\n") } });
  await using client = await SmtpClient.connect(plain(server));
  assert.equal((await client.ehlo()).code, 250);
  assert.equal(client.extensions.size, 0);
});

acceptance("a second EHLO that fails leaves no new state", async () => {
  await using server = await ScriptedServer.start({
    replies: { EHLO: inTurn(["250-fake", "250 SIZE 1000"], ["550-no", "550-PIPELINING", "550 SIZE 5"]) },
  });
  await using client = await SmtpClient.connect(plain(server));
  await client.ehlo();
  const error = await rejects(client.ehlo(), SmtpReplyError);
  assert.equal(error.reply.code, 550);
  assert.equal(client.supports("PIPELINING"), false);
  assert.notEqual(client.extensions.get("SIZE"), "5");
});

acceptance("a second EHLO that succeeds replaces the extensions", async () => {
  await using server = await ScriptedServer.start({
    replies: { EHLO: inTurn(["250-fake", "250 SIZE 1000"], ["250-fake", "250 PIPELINING"]) },
  });
  await using client = await SmtpClient.connect(plain(server));
  await client.ehlo();
  await client.ehlo("other.example");
  assert.deepEqual([...client.extensions.keys()], ["PIPELINING"]);
  assert.deepEqual(server.lines, ["EHLO client.example", "EHLO other.example"]);
});

acceptance("a first EHLO that fails leaves the extensions empty", async () => {
  await using server = await ScriptedServer.start({ replies: { EHLO: ["550-PIPELINING", "550-SIZE 5", "550 no"] } });
  await using client = await SmtpClient.connect(plain(server));
  await rejects(client.ehlo(), SmtpReplyError);
  assert.equal(client.extensions.size, 0);
  assert.equal(client.isConnected, true);
});

acceptance("HELO by hand is greeting enough", async () => {
  await using server = await ScriptedServer.start();
  await using client = await SmtpClient.connect(plain(server));
  assert.equal((await client.helo("me.example")).code, 250);
  await client.noop();
  assert.deepEqual(server.lines, ["HELO me.example", "NOOP"]);
});

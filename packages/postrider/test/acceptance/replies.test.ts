/**
 * Replies in every shape, and what is no reply.
 */
import assert from "node:assert/strict";
import {
  SmtpClient,
  SmtpDisconnectedError,
  SmtpError,
  SmtpProtocolError,
  SmtpReplyError,
  send,
} from "../../src/index.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { type Answer, all, bytes, close, inTurn, type Segments, silence } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, closed, rejection, rejects, soon } from "../support/settle.js";

/** Cuts before every LF, so that each CRLF comes in two segments. */
const splitLineEnds: Segments = (data) => {
  const pieces: Uint8Array[] = [];
  let start = 0;
  for (let at = data.indexOf(0x0a); at !== -1; at = data.indexOf(0x0a, at + 1)) {
    pieces.push(data.subarray(start, at));
    start = at;
  }
  pieces.push(data.subarray(start));
  return pieces;
};

for (const [what, segments] of [
  ["whole", "whole"],
  ["line by line", "line"],
  ["byte by byte", "byte"],
  ["with each CRLF cut in two", splitLineEnds],
] as const) {
  acceptance(`replies that come ${what} mean the same`, async () => {
    await using server = await ScriptedServer.start(
      {
        extensions: ["SIZE 1000", "8BITMIME"],
        replies: { GREETING: ["220-one", "220 two"], CONTENT: ["250-2.0.0 queued", "250 2.0.0 as 7"] },
      },
      { segments },
    );
    await using client = new SmtpClient(plain(server));
    assert.deepEqual((await client.connect()).lines, ["one", "two"]);
    const result = await client.send(TEXT, ENVELOPE);
    assert.deepEqual(
      [...client.extensions],
      [
        ["SIZE", "1000"],
        ["8BITMIME", ""],
      ],
    );
    assert.deepEqual(result.reply.lines, ["2.0.0 queued", "2.0.0 as 7"]);
    assert.equal(result.reply.enhancedCode, "2.0.0");
    assert.deepEqual(result.accepted, ["b@y.example"]);
  });
}

acceptance("a bare LF ends a line like CRLF, also byte by byte", async () => {
  for (const segments of ["whole", "byte"] as const) {
    await using server = await ScriptedServer.start(
      {
        replies: {
          GREETING: bytes("220-one\n220 two\n"),
          EHLO: bytes("250-fake\n250-SIZE 9\r\n250 HELP\n"),
          NOOP: bytes("250 fine\n"),
        },
      },
      { segments },
    );
    await using client = new SmtpClient(plain(server));
    assert.deepEqual((await client.connect()).lines, ["one", "two"]);
    assert.deepEqual((await client.noop()).lines, ["fine"]);
    assert.deepEqual(
      [...client.extensions],
      [
        ["SIZE", "9"],
        ["HELP", ""],
      ],
    );
  }
});

acceptance("the bare code, and the code with a hyphen alone, are lines without text", async () => {
  await using server = await ScriptedServer.start({
    replies: { NOOP: inTurn(bytes("250\r\n"), bytes("250-\r\n250-a\r\n250\r\n")) },
  });
  await using client = await SmtpClient.connect(plain(server));
  assert.deepEqual((await client.noop()).lines, [""]);
  assert.deepEqual((await client.noop()).lines, ["", "a", ""]);
});

/** What is no reply: each ends the session, and nothing is read after it. */
const NONSENSE: readonly (readonly [string, Answer])[] = [
  ["a reply that changes its code half way", ["250-foo", "550 bar"]],
  ["a reply that changes its code within 2yz", ["250-foo", "251 bar"]],
  ["the line ERROR", "ERROR"],
  ["an empty line", ""],
  ["a code with a letter for a separator", "250x"],
  ["a code of four digits", "2500 ok"],
  ["a code that starts with 1", "150 ok"],
  ["a code that starts with 9", "999 ok"],
  ["a space before the code", " 250 ok"],
  ["a reply of 1000 lines", Array.from({ length: 1000 }, (_, index) => `250${index === 999 ? " " : "-"}x`)],
  ["a line of 100 000 characters", `250 ${"x".repeat(100_000)}`],
  ["100 000 characters without a line end", bytes(`250 ${"x".repeat(100_000)}`)],
];

for (const [what, answer] of NONSENSE) {
  acceptance(`${what} is a protocol error and closes`, async () => {
    await using server = await ScriptedServer.start({ replies: { NOOP: answer } });
    const client = await SmtpClient.connect(plain(server));
    await client.ehlo();
    const error = await rejects(client.noop(), SmtpProtocolError);
    assert.ok(error.excerpt.length <= 200);
    assert.ok(error.message.length < 1000);
    await closed(client, await server.connection());
    const next = await rejects(soon(client.noop(), "a command on a closed client"), SmtpDisconnectedError);
    assert.match(next.message, /not connected/i);
    assert.deepEqual(server.verbs, ["EHLO", "NOOP"]);
  });
}

acceptance("in the middle of a transaction the outcome is not-sent, after the dot it is unknown", async () => {
  for (const [verb, outcome] of [
    ["RCPT", "not-sent"],
    ["DATA", "not-sent"],
    ["CONTENT", "unknown"],
  ] as const) {
    await using server = await ScriptedServer.start({ replies: { [verb]: ["250-foo", "550 bar"] } });
    const error = await rejects(send(TEXT, { ...ENVELOPE, ...plain(server) }), SmtpProtocolError);
    assert.equal(error.outcome, outcome, verb);
    await closed(undefined, await server.connection());
  }
});

acceptance("reply text that is not UTF-8 decodes without an error", async () => {
  await using server = await ScriptedServer.start({
    replies: { NOOP: bytes(Uint8Array.of(0x32, 0x35, 0x30, 0x20, 0xff, 0xfe, 0x0d, 0x0a)) },
  });
  await using client = await SmtpClient.connect(plain(server));
  const reply = await client.noop();
  assert.equal(reply.code, 250);
  assert.equal(typeof reply.message, "string");
  assert.ok(reply.message.length > 0);
});

acceptance("UTF-8 reply text is read as UTF-8, also when cut inside a character", async () => {
  await using server = await ScriptedServer.start({ replies: { NOOP: "250 schön 漢字" } }, { segments: "byte" });
  await using client = await SmtpClient.connect(plain(server));
  assert.equal((await client.noop()).message, "schön 漢字");
});

for (const [what, stale] of [
  ["one line", bytes("250 stale\r\n")],
  ["several lines", bytes("250-stale\r\n250 stale\r\n")],
  ["a line in pieces", bytes("250 st", "ale\r\n")],
  ["half a line", bytes("250 st")],
] as const) {
  acceptance(`${what} while idle is never the reply of the next command`, async () => {
    await using server = await ScriptedServer.start({ replies: { NOOP: inTurn("250 first", "250 second") } });
    const client = await SmtpClient.connect(plain(server));
    assert.equal((await client.noop()).message, "first");
    const connection = await server.connection();
    await connection.send(stale);
    const outcome = await client.noop().then(
      (reply) => reply.message,
      (error: unknown) => error,
    );
    // Half a line may be seen only when the command is on its way; then its reply makes no sense of it.
    assert.notEqual(outcome, "stale");
    assert.ok(outcome instanceof SmtpError, `it gave ${String(outcome)}`);
    client.close();
    await closed(client, connection);
  });
}

acceptance("a second reply in the segment of the first answers nothing", async () => {
  await using server = await ScriptedServer.start({
    replies: { NOOP: inTurn(bytes("250 first\r\n250 stale\r\n"), "250 second") },
  });
  const client = await SmtpClient.connect(plain(server));
  await client.ehlo();
  const first = await client.noop().then(
    (reply) => reply.message,
    (error: unknown) => error,
  );
  assert.ok(first === "first" || first instanceof SmtpProtocolError);
  await rejection(client.noop());
  await closed(client, await server.connection());
});

acceptance("421 while idle closes, and its text is on the next error", async () => {
  await using server = await ScriptedServer.start();
  const client = await SmtpClient.connect(plain(server));
  await client.noop();
  const connection = await server.connection();
  await connection.send(all("421 4.3.2 going down for the night", close));
  await soon(connection.ended, "the client leaves");
  const error = await rejects(client.noop(), SmtpDisconnectedError);
  assert.match(error.message, /going down for the night/);
  assert.equal(error.reply?.code, 421);
  await closed(client, connection);
});

acceptance("FIN while idle closes the client", async () => {
  await using server = await ScriptedServer.start();
  const client = await SmtpClient.connect(plain(server));
  await client.noop();
  const connection = await server.connection();
  await connection.send(close);
  await soon(connection.ended, "the client leaves");
  assert.equal(client.isConnected, false);
  await rejects(client.noop(), SmtpDisconnectedError);
  assert.deepEqual(connection.verbs, ["EHLO", "NOOP"]);
});

acceptance("D: 421 as a reply keeps its text and closes", async () => {
  for (const verb of ["NOOP", "MAIL", "RCPT", "DATA", "CONTENT"]) {
    await using server = await ScriptedServer.start({ replies: { [verb]: "421 4.7.0 enough of you" } });
    const client = await SmtpClient.connect(plain(server));
    const error = await rejection(verb === "NOOP" ? client.noop() : client.send(TEXT, ENVELOPE));
    assert.match(error.message, /enough of you/, verb);
    assert.ok(error instanceof SmtpError);
    assert.equal(error.outcome, "not-sent", verb);
    assert.equal(error.retry, "reconnect", verb);
    await closed(client, await server.connection());
  }
});

for (const [what, answer] of [
  ["part of a line", all(bytes("499 incompl"), close)],
  ["part of a reply", all(bytes("250-a\r\n"), close)],
  ["nothing", close],
] as const) {
  acceptance(`${what} and then FIN is a disconnection`, async () => {
    await using server = await ScriptedServer.start({ replies: { NOOP: answer } });
    const client = await SmtpClient.connect(plain(server));
    await rejects(client.noop(), SmtpDisconnectedError);
    await closed(client, await server.connection());
  });
}

acceptance("D: the last reply before a FIN is still the reply", async () => {
  await using server = await ScriptedServer.start({ replies: { NOOP: all("250 last words", close) } });
  const client = await SmtpClient.connect(plain(server));
  assert.equal((await client.noop()).message, "last words");
  await closed(client, await server.connection()).catch(() => undefined);
  await rejects(client.noop(), SmtpDisconnectedError);
});

acceptance("D: connection lost after the end of the content is an unknown outcome, before it is not", async () => {
  for (const [verb, outcome] of [
    ["MAIL", "not-sent"],
    ["RCPT", "not-sent"],
    ["DATA", "not-sent"],
    ["CONTENT", "unknown"],
  ] as const) {
    await using server = await ScriptedServer.start({ replies: { [verb]: close } });
    const error = await rejects(send(TEXT, { ...ENVELOPE, ...plain(server) }), SmtpDisconnectedError);
    assert.equal(error.outcome, outcome, verb);
    await closed(undefined, await server.connection());
  }
});

acceptance("D: a reply in a terminal's language moves no terminal", async () => {
  await using server = await ScriptedServer.start({ replies: { NOOP: bytes("550 \u001b[2J\u0007 bad\r\n") } });
  await using client = await SmtpClient.connect(plain(server));
  const error = await rejects(client.noop(), SmtpReplyError);
  assert.doesNotMatch(error.message, /[\u0000-\u001f]/);
});

acceptance("D: a server that says nothing to one command and then answers two is out of step", async () => {
  await using server = await ScriptedServer.start({ replies: { NOOP: inTurn(silence, all("250 one", "250 two")) } });
  const client = await SmtpClient.connect({ ...plain(server), timeout: 200 });
  await rejection(client.noop());
  await closed(client, await server.connection());
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { describeEnding, type Ending, endingError, type RequestState } from "../../src/connection/ending.js";
import { SmtpDisconnectedError, SmtpProtocolError, SmtpTimeoutError, SmtpTlsError } from "../../src/errors/errors.js";
import { makeReply } from "../../src/wire/reply.js";

const PEER = { hostname: "mx.example", port: 25 };
const WRITTEN: RequestState = { phase: "content", outcome: "unknown", isWritten: true };
const WAITING: RequestState = { phase: "mail", outcome: "not-sent", isWritten: false };
const TIMEOUT: Ending = { kind: "timeout", timeout: 50, waitingFor: "the reply to MAIL", hint: undefined };
const PROTOCOL: Ending = { kind: "protocol", problem: "No SMTP", excerpt: "x", hint: undefined };
const ENDINGS: readonly Ending[] = [
  { kind: "lost", cause: undefined },
  { kind: "lost", cause: new Error("ECONNRESET") },
  { kind: "goodbye", wasIdle: false },
  { kind: "closed" },
  { kind: "aborted" },
  { kind: "quit" },
  { kind: "unclean" },
  { kind: "source", cause: new Error("disk") },
  TIMEOUT,
  PROTOCOL,
  { kind: "injection" },
  { kind: "failed", error: new Error("no TLS") },
];

test("each request's error has the phase and the outcome of that request", () => {
  for (const ending of ENDINGS) {
    for (const standing of [WRITTEN, WAITING]) {
      const error = endingError(ending, standing, PEER, undefined);
      assert.ok(error instanceof Error, ending.kind);
      if (error instanceof SmtpTlsError) continue;
      const { phase, outcome } = error as SmtpDisconnectedError;
      assert.deepEqual({ phase, outcome }, { phase: standing.phase, outcome: standing.outcome }, ending.kind);
    }
  }
});

test("a request that was on the wire meets the fault itself; for one that waited the connection is gone", () => {
  for (const [ending, type] of [
    [TIMEOUT, SmtpTimeoutError],
    [PROTOCOL, SmtpProtocolError],
    [{ kind: "injection" } as const, SmtpTlsError],
  ] as const) {
    assert.ok(endingError(ending, WRITTEN, PEER, undefined) instanceof type);
    assert.ok(endingError(ending, WAITING, PEER, undefined) instanceof SmtpDisconnectedError);
  }
});

test("an abort of the connection is its own reason, for every request", () => {
  const reason = { any: "thing" };
  assert.equal(endingError({ kind: "signal", reason }, WAITING, PEER, undefined), reason);
});

test("the server's last words are told when it was the server that left", () => {
  const reply = makeReply(421, ["good night"]);
  for (const ending of ENDINGS) {
    const error = endingError(ending, WAITING, PEER, reply);
    assert.ok(error instanceof SmtpDisconnectedError);
    const isServers = ending.kind === "goodbye" || ending.kind === "lost";
    assert.equal(error.reply, isServers ? reply : undefined, ending.kind);
    assert.equal(error.message.includes("good night"), isServers, ending.kind);
  }
});

test("what broke the connection is the cause", () => {
  const cause = new Error("x");
  for (const ending of [
    { kind: "lost", cause },
    { kind: "source", cause },
    { kind: "failed", error: cause },
  ] as const) {
    const error = endingError(ending, WAITING, PEER, undefined);
    assert.ok(error instanceof SmtpDisconnectedError);
    assert.equal(error.cause, cause, ending.kind);
  }
});

test("a certificate refused after the handshake is the TLS error itself, unless the message may have been taken", () => {
  const refusal = new SmtpTlsError(PEER, { problem: "the server asks for a client certificate" });
  const broken = new SmtpTlsError(PEER, { problem: "bad record", retry: "reconnect" });
  assert.equal(endingError({ kind: "lost", cause: refusal }, WAITING, PEER, undefined), refusal);
  assert.ok(endingError({ kind: "lost", cause: refusal }, WRITTEN, PEER, undefined) instanceof SmtpDisconnectedError);
  assert.ok(endingError({ kind: "lost", cause: broken }, WAITING, PEER, undefined) instanceof SmtpDisconnectedError);
});

test("every ending has a sentence of its own", () => {
  const sentences = ENDINGS.map(describeEnding);
  for (const sentence of sentences) assert.match(sentence, /^The (connection|server) .*[^.]$/);
  assert.equal(new Set(sentences).size, sentences.length - 1, "FIN and 421 are told alike");
});

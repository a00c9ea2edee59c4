/**
 * Verdicts on messages with many recipients.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SendResult } from "postrider";
import { verdictOfError, verdictOfResult } from "../src/delivery/verdict.js";

test("the refusals of a result are read once each, however many recipients there are", () => {
  const sent = Array.from({ length: 3000 }, (_, n) => `user${n}@example.com`);
  let reads = 0;
  const refused = sent
    .filter((_, n) => n % 2 === 1)
    .map((address) => ({
      get recipient() {
        reads += 1;
        return address;
      },
      message: "no",
      reply: { code: 550, enhancedCode: "5.1.1", message: "no such user" },
    }));
  const accepted = sent.filter((_, n) => n % 2 === 0);
  const reply = { code: 250, message: "queued" };
  const verdict = verdictOfResult({ accepted, refused, reply } as unknown as SendResult, sent);
  assert(verdict.kind === "tried");
  assert.deepEqual(
    [0, 1, 2998, 2999].map((n) => verdict.recipients.get(`user${n}@example.com`)?.kind),
    ["accepted", "refused", "accepted", "refused"],
  );
  assert(reads <= 2 * refused.length, `${reads} reads`);
});

test("a message that fails behind RCPT leaves each recipient that RCPT refused its own reply", () => {
  const sent = ["a@example.com", "b@example.com", "c@example.com"];
  const refused = [
    { recipient: "b@example.com", reply: { code: 451, message: "later" } },
    { recipient: "c@example.com", reply: { code: 550, message: "no such user" } },
  ];
  for (const [failure, kind] of [
    [{ code: "data", phase: "content", outcome: "not-sent", reply: { code: 554, message: "spam" } }, "refused"],
    [{ code: "data", phase: "data", outcome: "not-sent", reply: { code: 451, message: "busy" } }, "deferred"],
    [{ code: "disconnected", phase: "content", outcome: "unknown" }, "unknown"],
    [{ code: "timeout", phase: "data", outcome: "not-sent", retry: "reconnect" }, "deferred"],
  ] as const) {
    const verdict = verdictOfError(Object.assign(new Error("it broke"), failure, { refused }), sent);
    assert(verdict.kind === "tried");
    assert.deepEqual(
      sent.map((address) => verdict.recipients.get(address)?.kind),
      [kind, "deferred", "refused"],
      failure.code,
    );
    assert.equal(verdict.recipients.get("c@example.com")?.reply?.code, 550);
  }
});

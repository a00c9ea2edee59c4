import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type SendResult,
  SmtpConnectError,
  SmtpPartialDeliveryError,
  SmtpRecipientRefusedError,
  type SmtpReply,
  SmtpTimeoutError,
} from "postrider";
import { type Attempt, beginning, entryOf, entryOfError, nextAttempt } from "../../src/bulk/attempt.js";
import { type JournalEntry, stateAfter } from "../../src/bulk/journal/entries.js";

const reply = (code: number): SmtpReply => ({ code, enhancedCode: undefined, lines: ["no"], message: "no" });
const refusal = (recipient: string, code: number) => new SmtpRecipientRefusedError(recipient, { reply: reply(code) });
const result = (...refused: SmtpRecipientRefusedError[]): SendResult => ({
  envelope: { sender: "", recipients: [] },
  accepted: [],
  refused,
  reply: reply(250),
  messageId: undefined,
  size: 0,
  extensions: new Map(),
  envelopeTime: 0,
  contentTime: 0,
});
const FIRST: Attempt = { line: 2, to: undefined, unsure: [], lost: [] };

/** Whom the next run sends to: `"all"`, a list, or nobody. */
function next(entry: JournalEntry, resendUnknown = false): unknown {
  const attempt = nextAttempt(2, stateAfter(entry), resendUnknown);
  return attempt === undefined ? undefined : (attempt.to ?? "all");
}

test("a row that was begun and has no outcome goes out again only when somebody says so", () => {
  assert.equal(next(beginning(FIRST)), undefined);
  assert.equal(next(beginning(FIRST), true), "all");
  assert.deepEqual(next(beginning({ ...FIRST, to: ["a"], unsure: ["b"] }), true), ["a", "b"]);
});

test("an unknown outcome leaves all whom the attempt was for unsure, and those who were so before", () => {
  const error = new SmtpTimeoutError({ phase: "content", timeout: 1, waitingFor: "x", outcome: "unknown" });
  assert.equal(next(entryOfError(FIRST, error)), undefined);
  assert.equal(next(entryOfError(FIRST, error), true), "all");
  const entry = entryOfError({ ...FIRST, to: ["a"], unsure: ["b"] }, error);
  assert.equal(next(entry), undefined);
  assert.deepEqual(next(entry, true), ["b", "a"]);
});

test("what surely was not sent goes again to those whom it was for; who was refused for good stays so", () => {
  const error = new SmtpConnectError({}, { reason: "x" });
  assert.equal(next(entryOfError(FIRST, error)), "all");
  const entry = entryOfError({ ...FIRST, to: ["a"], lost: ["c"] }, error);
  assert.deepEqual(nextAttempt(2, stateAfter(entry), true), { line: 2, to: ["a"], unsure: [], lost: ["c"] });
  assert.equal(entryOf({ ...FIRST, to: ["a"], lost: ["c"] }, result()).is, "partly", "not everybody has it");
});

test("of recipients who were refused, those for now are tried again, those for good are not", () => {
  const entry = entryOf(FIRST, result(refusal("a", 451), refusal("b", 550)));
  assert.equal(entry.is, "partly");
  assert.deepEqual(next(entry), ["a"]);
  assert.deepEqual(entry.lost, ["b"]);
  assert.equal(next(entryOf(FIRST, result(refusal("b", 550)))), undefined);
});

test("a message in several transactions of which one broke: each recipient by its own fate", () => {
  const error = new SmtpPartialDeliveryError({
    accepted: ["ok"],
    refused: [refusal("never", 550), refusal("busy", 450)],
    unknown: ["maybe"],
    notSent: ["unsent"],
    reply: undefined,
    phase: "content",
    cause: new Error("broken"),
  });
  const entry = entryOfError(FIRST, error);
  assert.equal(entry.is, "unknown");
  assert.deepEqual(next(entry), ["unsent", "busy"]);
  assert.deepEqual(next(entry, true), ["unsent", "busy", "maybe"]);
  // After the safe ones got it, the unsure one still is, and the one refused for good is not forgotten.
  const attempt = nextAttempt(2, stateAfter(entry), false);
  assert.ok(attempt !== undefined);
  const after = entryOf(attempt, result());
  assert.deepEqual([after.is, after.unsure, after.lost], ["unknown", ["maybe"], ["never"]]);
  assert.equal(next(after), undefined);
  assert.deepEqual(next(after, true), ["maybe"]);
});

test("an error that says nothing about mail is no outcome", () => {
  assert.throws(() => entryOfError(FIRST, new TypeError("bug")), TypeError);
});

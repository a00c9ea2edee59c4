import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBareAddress } from "../../src/address/parser.js";
import { joinParts, type PartVerdict } from "../../src/connection/parts.js";
import {
  SmtpDisconnectedError,
  type SmtpOutcome,
  SmtpPartialDeliveryError,
  SmtpRecipientRefusedError,
  SmtpRecipientsRefusedError,
  SmtpSenderRefusedError,
} from "../../src/errors/errors.js";
import { AbortedInFlight } from "../../src/given/abort.js";
import type { SmtpReply } from "../../src/reply.js";
import type { Envelope } from "../../src/session/envelope.js";

const NAMES = ["a", "b", "c", "d"].map((name) => `${name}@x.example`);
const [A = "", B = "", C = "", D = ""] = NAMES;

function envelope(...addresses: string[]): Envelope {
  const recipients = addresses.map((address) => ({ ...parseBareAddress(address, "recipients"), parameters: [] }));
  return { sender: undefined, recipients, mailParameters: [], rcptParameters: [] };
}

const reply = (code: number, message = "text"): SmtpReply => ({
  code,
  enhancedCode: undefined,
  lines: [message],
  message,
});
const lost = (outcome: SmtpOutcome): SmtpDisconnectedError =>
  new SmtpDisconnectedError("lost", { phase: "mail", outcome });

const WHOLE = envelope(...NAMES);
const join = (...verdicts: readonly [unknown, unknown]): ReturnType<typeof joinParts> => {
  // Not in the order of the whole: domains may have put them so.
  const parts: PartVerdict[] = [
    { envelope: envelope(C, A), verdict: verdicts[0] },
    { envelope: envelope(D, B), verdict: verdicts[1] },
  ];
  return joinParts(WHOLE, parts);
};

function thrown(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was thrown");
}

const accepted = (...addresses: string[]) => ({
  accepted: addresses,
  refused: [],
  reply: reply(250, addresses.join()),
});

test("accepted and refused are in the order of the message, and the reply is the last that was positive", () => {
  const refusal = new SmtpRecipientRefusedError(B, { reply: reply(550) });
  const result = join(accepted(C, A), { accepted: [D], refused: [refusal], reply: reply(250, "last") });
  assert.deepEqual(result.accepted, [A, C, D]);
  assert.deepEqual(result.refused, [refusal]);
  assert.equal(result.reply.message, "last");
  const half = join(accepted(C, A), new SmtpSenderRefusedError("", { reply: reply(451) }));
  assert.deepEqual(half.accepted, [A, C]);
  assert.deepEqual(
    half.refused.map((one) => [one.recipient, one.reply.code, one.phase, one.retry]),
    [B, D].map((one) => [one, 451, "mail", "later"]),
  );
  assert.equal(half.reply.message, [C, A].join());
});

test("without anything that may have arrived, the error is that of one transaction: all may go again", () => {
  const first = lost("not-sent");
  assert.equal(
    thrown(() => join(first, lost("not-sent"))),
    first,
  );
  assert.equal(
    thrown(() => join(new SmtpRecipientsRefusedError([]), first)),
    first,
  );
  const unknown = lost("unknown");
  assert.equal(
    thrown(() => join(unknown, lost("unknown"))),
    unknown,
  );
});

test("whatever may have arrived beside what did not makes an error that is never repeated as a whole", () => {
  for (const [first, second, lists] of [
    [accepted(C, A), lost("not-sent"), [[A, C], [], [B, D]]],
    [accepted(C, A), lost("unknown"), [[A, C], [B, D], []]],
    [lost("unknown"), lost("not-sent"), [[], [A, C], [B, D]]],
    [lost("not-sent"), accepted(D, B), [[B, D], [], [A, C]]],
  ] as const) {
    const error = thrown(() => join(first, second));
    assert.ok(error instanceof SmtpPartialDeliveryError);
    assert.deepEqual([error.accepted, error.unknown, error.notSent], lists);
    assert.deepEqual([error.outcome, error.retry], ["unknown", "never"]);
    assert.ok(error.cause instanceof SmtpDisconnectedError);
    assert.equal(error.reply === undefined, error.accepted.length === 0);
  }
});

test("the reason of an abort is passed on; once a part is out, as one whose outcome is unknown", () => {
  const reason = { not: "an error" };
  assert.equal(
    thrown(() => join(reason, reason)),
    reason,
  );
  for (const [first, second] of [
    [accepted(C, A), reason],
    [reason, new AbortedInFlight(reason)],
  ] as const) {
    const error = thrown(() => join(first, second));
    assert.ok(error instanceof AbortedInFlight);
    assert.equal(error.reason, reason);
  }
});

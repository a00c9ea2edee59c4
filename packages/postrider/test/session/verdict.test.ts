import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBareAddress } from "../../src/address/parser.js";
import {
  SmtpDataError,
  SmtpError,
  SmtpRecipientsRefusedError,
  SmtpSenderRefusedError,
} from "../../src/errors/errors.js";
import type { Accepted } from "../../src/result.js";
import type { Envelope } from "../../src/session/envelope.js";
import { type Progress, Transaction } from "../../src/session/transaction.js";
import { judge, judgeInterrupted } from "../../src/session/verdict.js";
import { makeReply } from "../../src/wire/reply.js";
import { byHand, message } from "./session-driver.js";

interface Replies {
  readonly mail?: number;
  readonly rcpt?: readonly number[];
  readonly data?: number;
  readonly content?: readonly number[];
  readonly progress?: Progress;
}

function answered(
  recipients: number,
  { mail, rcpt = [], data, content = [], progress = "done" }: Replies,
): Transaction {
  const transaction = message("k", recipients);
  if (mail !== undefined) transaction.mailReply = makeReply(mail, ["MAIL"]);
  rcpt.forEach((code, index) => {
    transaction.recordRecipient(index, makeReply(code, [`RCPT ${index + 1}`]));
  });
  if (data !== undefined) transaction.dataReply = makeReply(data, ["DATA"]);
  transaction.contentReplies = content.map((code, index) => makeReply(code, [`content ${index + 1}`]));
  transaction.progress = progress;
  return transaction;
}

function envelope(recipients: number, sender = "k@s"): Envelope {
  return {
    sender: sender === "" ? undefined : parseBareAddress(sender, "sender"),
    recipients: Array.from({ length: recipients }, (_, index) => ({
      ...parseBareAddress(`k${index + 1}@r`, "recipients"),
      parameters: [],
    })),
    mailParameters: [],
    rcptParameters: [],
  };
}

function verdict(recipients: number, replies: Replies, isLmtp = false): Accepted | SmtpError {
  return judge(answered(recipients, replies), envelope(recipients), isLmtp);
}

function accepted(one: Accepted | SmtpError): Accepted {
  assert.ok(!(one instanceof SmtpError), String(one));
  return one;
}

test("any 2yz is a success, and its reply the result's", () => {
  for (const code of [200, 250, 251, 252, 299]) {
    const {
      accepted: taken,
      refused,
      reply,
    } = accepted(verdict(2, { mail: code, rcpt: [code, code], data: 354, content: [code] }));
    assert.deepEqual(taken, ["k1@r", "k2@r"]);
    assert.deepEqual(refused, []);
    assert.equal(reply.code, code);
  }
});

test("refused recipients are part of the result, each with its reply", () => {
  const { accepted: taken, refused } = accepted(
    verdict(3, { mail: 250, rcpt: [250, 550, 450], data: 354, content: [250] }),
  );
  assert.deepEqual(taken, ["k1@r"]);
  assert.deepEqual(
    refused.map((one) => [one.recipient, one.reply.message, one.retry]),
    [
      ["k2@r", "RCPT 2", "never"],
      ["k3@r", "RCPT 3", "later"],
    ],
  );
});

test("a refused sender is named, the null sender too", () => {
  const error = verdict(1, { mail: 550, rcpt: [503], data: 503 });
  assert.ok(error instanceof SmtpSenderRefusedError);
  assert.equal(error.sender, "k@s");
  const anonymous = judge(answered(1, { mail: 550 }), envelope(1, ""), false);
  assert.ok(anonymous instanceof SmtpSenderRefusedError);
  assert.equal(anonymous.sender, "");
});

test("all recipients refused is an error, whatever came after", () => {
  for (const replies of [
    { mail: 250, rcpt: [550, 450] },
    { mail: 250, rcpt: [550, 450], data: 503 },
    { mail: 250, rcpt: [550, 450], data: 354, content: [250] },
    { mail: 250, rcpt: [550, 450], data: 354, content: [554] },
  ]) {
    const error = verdict(2, replies);
    assert.ok(error instanceof SmtpRecipientsRefusedError);
    assert.deepEqual(
      error.refused.map((one) => one.recipient),
      ["k1@r", "k2@r"],
    );
    assert.equal(error.retry, "later");
  }
});

test("a refused DATA and refused content are told apart by their phase", () => {
  for (const code of [400, 503, 554]) {
    const error = verdict(1, { mail: 250, rcpt: [250], data: code });
    assert.ok(error instanceof SmtpDataError);
    assert.deepEqual([error.phase, error.reply.code, error.outcome], ["data", code, "not-sent"]);
  }
  const error = verdict(1, { mail: 250, rcpt: [250], data: 354, content: [451] });
  assert.ok(error instanceof SmtpDataError);
  assert.deepEqual([error.phase, error.command, error.retry], ["content", "DATA", "later"]);
});

test("of several chunks the refused one is the verdict", () => {
  const transaction = answered(1, { mail: 250, rcpt: [250], content: [552, 503] });
  transaction.framing = "bdat";
  const error = judge(transaction, envelope(1), false);
  assert.ok(error instanceof SmtpDataError);
  assert.deepEqual([error.reply.code, error.command], [552, "BDAT"]);
});

test("a transaction that has no verdict is an error, not a success", () => {
  const error = verdict(1, { mail: 250, rcpt: [250], data: 354 });
  assert.ok(error instanceof SmtpError);
  assert.equal(error.code, "disconnected");
});

test("LMTP: each accepted recipient has a reply of its own after the content", () => {
  const {
    accepted: taken,
    refused,
    reply,
  } = accepted(verdict(4, { mail: 250, rcpt: [250, 550, 250, 250], data: 354, content: [250, 452, 250] }, true));
  assert.deepEqual(taken, ["k1@r", "k4@r"]);
  assert.deepEqual(
    refused.map((one) => [one.recipient, one.phase, one.reply.code]),
    [
      ["k2@r", "rcpt", 550],
      ["k3@r", "content", 452],
    ],
  );
  assert.equal(reply.message, "content 3");
});

test("LMTP: all refused after the content is the same error as all refused before it", () => {
  const error = verdict(2, { mail: 250, rcpt: [250, 550], data: 354, content: [452] }, true);
  assert.ok(error instanceof SmtpRecipientsRefusedError);
  assert.deepEqual(error.refused.map((one) => one.recipient).sort(), ["k1@r", "k2@r"]);
});

test("a connection that ends says no more of a message than the replies do", () => {
  const cases: readonly (readonly [Replies, string | undefined])[] = [
    [{ progress: "queued" }, undefined],
    [{ progress: "envelope-sent" }, undefined],
    [{ progress: "envelope-sent", mail: 250 }, undefined],
    [{ progress: "envelope-sent", mail: 550 }, "sender-refused"],
    [{ progress: "envelope-sent", mail: 250, rcpt: [550] }, "recipients-refused"],
    [{ progress: "envelope-sent", mail: 250, rcpt: [250, 421] }, undefined],
    [{ progress: "envelope-sent", mail: 250, rcpt: [250, 250], data: 421 }, "data"],
    [{ progress: "content-sending", mail: 250, rcpt: [250, 250], data: 354 }, undefined],
    [{ progress: "content-sent", mail: 250, rcpt: [250, 250], data: 354 }, undefined],
    [{ progress: "content-sent" }, undefined],
  ];
  for (const [replies, code] of cases) {
    assert.equal(judgeInterrupted(answered(2, replies), envelope(2))?.code, code, JSON.stringify(replies));
  }
});

test("content that went out behind a refused envelope was not delivered, and the error says so", () => {
  for (const [replies, code] of [
    [{ mail: 550 }, "sender-refused"],
    [{ mail: 550, rcpt: [503, 503], data: 354 }, "sender-refused"],
    [{ mail: 250, rcpt: [550, 550], data: 354 }, "recipients-refused"],
    [{ mail: 250, rcpt: [550, 550] }, "recipients-refused"],
    // The second may have been accepted, and the content with it.
    [{ mail: 250, rcpt: [550] }, undefined],
  ] as const) {
    const error = judgeInterrupted(answered(2, { ...replies, progress: "content-sent" }), envelope(2));
    assert.equal(error?.code, code, JSON.stringify(replies));
    assert.equal(error?.outcome ?? "not-sent", "not-sent");
  }
});

test("a transaction knows how far it is, and what that means", () => {
  const transaction = message("k", 2);
  assert.equal(transaction.isEnvelopeAnswered, false);
  assert.equal(transaction.isEnvelopeAccepted, false);
  for (const [progress, outcome] of [
    ["queued", "not-sent"],
    ["envelope-sent", "not-sent"],
    ["content-sending", "not-sent"],
    ["content-sent", "unknown"],
    ["done", "not-sent"],
  ] as const) {
    transaction.progress = progress;
    assert.equal(transaction.outcome, outcome, progress);
  }
});

test("a transaction that starts again has forgotten every reply", () => {
  const transaction = answered(2, { mail: 250, rcpt: [250, 550], data: 354, content: [502], progress: "content-sent" });
  assert.equal(transaction.isEnvelopeAnswered, true);
  transaction.restart();
  const fresh = message("k", 2);
  assert.deepEqual({ ...transaction }, { ...fresh, isSecondTry: true });
  assert.equal(transaction.isEnvelopeAnswered, false);
  assert.equal(transaction.isEnvelopeAccepted, false);
});

test("an envelope opened by hand counts as accepted", () => {
  const transaction = byHand("x\r\n");
  assert.ok(transaction instanceof Transaction);
  assert.equal(transaction.isManual, true);
  assert.equal(transaction.isEnvelopeAnswered, true);
  assert.equal(transaction.isEnvelopeAccepted, true);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Answer } from "../../src/client/answer.js";
import { type DeliveryRequest, type Request, requestOutcome, requestPhase } from "../../src/client/request.js";
import type { Transaction } from "../../src/protocol/transaction.js";
import { makeReply } from "../../src/wire/reply-parser.js";
import { message } from "../protocol/session-driver.js";

const WAITING = {
  home: { abort: () => undefined },
  answer: new Answer<unknown>(
    () => undefined,
    () => undefined,
  ),
};

function delivery(transaction: Transaction | undefined): DeliveryRequest {
  return {
    kind: "delivery",
    delivery: { envelope: undefined, open: () => assert.fail("not opened here"), close: () => undefined },
    work: transaction === undefined ? undefined : { kind: "transaction", transaction },
    source: undefined,
    parts: undefined,
    ...WAITING,
  };
}

test("a command is in its verb's phase, and was never sent as a message", () => {
  const request: Request = {
    kind: "command",
    work: { kind: "command", verb: "STARTTLS", line: "STARTTLS" },
    needsHello: true,
    ...WAITING,
  };
  assert.equal(requestPhase(request), "tls");
  assert.equal(requestOutcome(request), "not-sent");
});

test("a message is in the phase of what it waits for, and unknown only once its content is out", () => {
  assert.equal(requestPhase(delivery(undefined)), "mail");
  assert.equal(requestOutcome(delivery(undefined)), "not-sent");
  const transaction = message("k");
  const seen: [string, string][] = [];
  const look = (): number => seen.push([requestPhase(delivery(transaction)), requestOutcome(delivery(transaction))]);
  look();
  transaction.progress = "envelope-sent";
  look();
  transaction.mailReply = makeReply(250, ["ok"]);
  look();
  transaction.recordRecipient(0, makeReply(250, ["ok"]));
  look();
  transaction.progress = "content-sending";
  look();
  transaction.progress = "content-sent";
  look();
  assert.deepEqual(seen, [
    ["mail", "not-sent"],
    ["mail", "not-sent"],
    ["rcpt", "not-sent"],
    ["data", "not-sent"],
    ["content", "not-sent"],
    ["content", "unknown"],
  ]);
});

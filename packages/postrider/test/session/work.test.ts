import assert from "node:assert/strict";
import { test } from "node:test";
import { commandPhase, type Expectation, expectationPhase } from "../../src/session/work.js";
import { message } from "./session-driver.js";

test("each command and each awaited reply belongs to a phase", () => {
  const transaction = message("k");
  const command = (verb: string): Expectation => ({ slot: "command", work: { kind: "command", verb, line: verb } });
  const cases: readonly (readonly [Expectation | undefined, string])[] = [
    [undefined, "command"],
    [{ slot: "greeting" }, "greeting"],
    [{ slot: "mail", transaction }, "mail"],
    [{ slot: "rcpt", transaction, index: 0 }, "rcpt"],
    [{ slot: "data", transaction }, "data"],
    [{ slot: "chunk", transaction }, "content"],
    [{ slot: "content", transaction }, "content"],
    [{ slot: "reset" }, "command"],
    [command("LHLO"), "hello"],
    [command("STARTTLS"), "tls"],
    [command("AUTH"), "auth"],
    [command("QUIT"), "quit"],
    [command("XCLIENT"), "command"],
  ];
  for (const [expectation, phase] of cases) assert.equal(expectationPhase(expectation), phase);
  assert.equal(commandPhase("RCPT"), "rcpt");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromFields, type MessageFields } from "../../../src/message/email-message.js";
import { fault } from "../support.js";

const headers = (fields: MessageFields): [string, string][] => [...fromFields(fields).headers];

test("priority says it in the two fields that readers look at", () => {
  assert.deepEqual(headers({ priority: "high" }), [
    ["X-Priority", "1 (Highest)"],
    ["Importance", "high"],
  ]);
  assert.deepEqual(headers({ priority: "low" }), [
    ["X-Priority", "5 (Lowest)"],
    ["Importance", "low"],
  ]);
  assert.deepEqual(headers({ priority: "normal" }), []);
  assert.deepEqual(headers({ priority: "high", headers: { "x-priority": "2" } }), [
    ["x-priority", "2"],
    ["Importance", "high"],
  ]);
});

test("autoSubmitted is the word itself", () => {
  assert.deepEqual(headers({ autoSubmitted: "auto-generated" }), [["Auto-Submitted", "auto-generated"]]);
});

test("another word is an error that lists them", () => {
  const refused = (fields: unknown): (() => void) => {
    return () => void headers(fields as MessageFields);
  };
  assert.throws(refused({ priority: "urgent" }), fault("message", "priority", /"high", "normal", "low", not "urgent"/));
  assert.throws(refused({ priority: 1 }), fault("message", "priority", /not a number/));
  assert.throws(refused({ priority: "toString" }), fault("message", "priority"));
  assert.throws(refused({ autoSubmitted: true }), fault("message", "autoSubmitted", /not a boolean/));
  assert.throws(refused({ autoSubmitted: "no\r\nBcc: e@v.il" }), fault("message", "autoSubmitted"));
  assert.throws(refused({ autoSubmited: "no" }), fault("message", "message.autoSubmited", /autoSubmitted/));
});

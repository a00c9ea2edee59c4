import assert from "node:assert/strict";
import { test } from "node:test";
import { shownPeople } from "../../page/src/list/people.js";
import { rowOf, rowsOf } from "../../page/src/list/rows.js";
import type { ApiSummary } from "../../src/web/api-types.js";

function mail(id: string, subject: string, from = "shop@example.com", to = "ben@example.com"): ApiSummary {
  return {
    id,
    receivedAt: "2026-11-30T12:00:00.000Z",
    read: false,
    envelope: { sender: from, recipients: [to] },
    from: { name: "", address: from },
    to: [{ name: "", address: to }],
    cc: [],
    bcc: [],
    subject,
    snippet: "",
    size: 1,
    attachments: 0,
    tags: [],
    secure: false,
  };
}

const NEWS = ["6", "5", "4"].map((id) => mail(id, "News"));
const LIST = [
  mail("7", "Welcome"),
  ...NEWS,
  mail("3", "News", "other@example.com"),
  mail("2", "Bill"),
  mail("1", "Bill"),
];
const keys = (rows: ReturnType<typeof rowsOf>): string[] => rows.map(({ key }) => key);

test("what was sent to many is one row, and unfolds", () => {
  assert.deepEqual(keys(rowsOf(LIST, new Set())), ["7", "group-4", "3", "2", "1"]);
  assert.deepEqual(keys(rowsOf(LIST, new Set(["group-4"]))), ["7", "group-4", "6", "5", "4", "3", "2", "1"]);
  assert.deepEqual(keys(rowsOf(LIST, undefined)), ["7", "6", "5", "4", "3", "2", "1"]);
});

test("more of the same on top is the same group", () => {
  assert.deepEqual(keys(rowsOf([mail("8", "News"), ...NEWS], new Set())), ["group-4"]);
});

test("a message that is folded in has the row of its group", () => {
  const rows = rowsOf(LIST, new Set());
  assert.deepEqual(
    ["7", "5", "1", "0", undefined].map((id) => rowOf(rows, id)),
    [0, 1, 4, -1, -1],
  );
  assert.equal(rowOf(rowsOf(LIST, new Set(["group-4"])), "5"), 3);
});

test("rows show who differs: the recipient where the sender never does", () => {
  const to = (address: string): ApiSummary => mail(address, "x", "shop@example.com", address);
  assert.deepEqual(shownPeople([to("a@x.example"), to("b@x.example")]), { sender: false, recipients: true });
  assert.deepEqual(shownPeople([mail("1", "x", "a@x.example"), mail("2", "x", "b@x.example")]), {
    sender: true,
    recipients: false,
  });
  assert.deepEqual(shownPeople([mail("1", "x"), mail("2", "x")]), { sender: true, recipients: false });
  assert.deepEqual(shownPeople([mail("1", "x")]), { sender: true, recipients: true });
});

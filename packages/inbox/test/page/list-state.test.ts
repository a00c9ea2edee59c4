import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyList, type ListAction, type ListState, reduceList } from "../../page/src/list/list-state.js";
import type { ApiList, ApiSummary } from "../../src/web/api-types.js";

const summary = (id: string, read = false): ApiSummary => ({
  id,
  receivedAt: "2026-11-22T12:00:00.000Z",
  read,
  envelope: { sender: "", recipients: [] },
  to: [],
  cc: [],
  bcc: [],
  snippet: "",
  size: 1,
  attachments: 0,
  tags: [],
  secure: false,
});

const page = (ids: string, total: number, next?: string): ApiList => ({
  total,
  unread: total,
  matches: total,
  messages: ids.split("").map((id) => summary(id)),
  next,
});

const after = (...actions: readonly ListAction[]): ListState => actions.reduce(reduceList, emptyList(""));
const ids = ({ messages }: ListState): string => messages.map(({ id }) => id).join("");
const added = (id: string, total: number): ListAction => ({
  type: "events",
  events: [{ name: "added", message: summary(id), total, unread: total }],
});

test("the first page fills the list, the next one goes on", () => {
  const state = after(
    { type: "first-page", page: page("ed", 5, "d") },
    { type: "next-page", after: "d", page: page("cb", 5, "b") },
    { type: "next-page", after: "b", page: page("a", 5) },
  );
  assert.equal(ids(state), "edcba");
  assert.equal(state.next, undefined);
  assert.equal(state.status, "ready");
});

test("a page of a list that is no longer shown is thrown away", () => {
  const state = after(
    { type: "first-page", page: page("ed", 5, "d") },
    { type: "next-page", after: "x", page: page("cb", 5) },
  );
  assert.equal(ids(state), "ed");
});

test("what arrives comes on top, in order, and once", () => {
  const state = after({ type: "first-page", page: page("b", 2) }, added("c", 3), added("d", 4), added("d", 4));
  assert.equal(ids(state), "dcb");
  assert.deepEqual([state.total, state.unread, state.matches], [4, 4, 4]);
});

test("several in one batch are the newest first too", () => {
  const events = ["c", "d", "e"].map((id) => ({ name: "added", message: summary(id), total: 4, unread: 4 }) as const);
  assert.equal(ids(after({ type: "first-page", page: page("b", 1) }, { type: "events", events })), "edcb");
});

test("what arrived while the first page was on its way is not lost", () => {
  const state = after({ type: "asked" }, added("c", 2), { type: "first-page", page: page("b", 1) });
  assert.equal(ids(state), "cb");
  assert.equal(state.total, 2);
});

test("events that lag behind the page put nothing old on top: within one batch, and over several", () => {
  const start: ListAction = { type: "first-page", page: page("ih", 9, "h") };
  const events = ["a", "b", "h", "i", "j"].map(
    (id) => ({ name: "added", message: summary(id), total: 10, unread: 10 }) as const,
  );
  const one = after(start, { type: "events", events });
  assert.equal(ids(one), "jih");
  assert.equal(one.version, 0);
  const several = after(start, added("a", 10), added("h", 10));
  assert.equal(several.version, 1);
  assert.equal(reduceList(several, added("i", 10)).version, 1);
  assert.equal(after(start, added("h", 10), added("j", 10)).version, 0);
});

test("removal and reading change what is loaded", () => {
  const state = after(
    { type: "first-page", page: page("cba", 3) },
    { type: "events", events: [{ name: "removed", ids: ["b"], total: 2, unread: 2 }] },
    { type: "events", events: [{ name: "read", id: "a", read: true, total: 2, unread: 1 }] },
  );
  assert.deepEqual(
    state.messages.map(({ id, read }) => [id, read]),
    [
      ["c", false],
      ["a", true],
    ],
  );
  assert.equal(state.unread, 1);
});

test("when the message that the next page follows is gone, the page follows the one before, or all is asked anew", () => {
  const start: ListAction = { type: "first-page", page: page("dc", 4, "c") };
  const one = after(start, { type: "events", events: [{ name: "removed", ids: ["c"], total: 3, unread: 3 }] });
  assert.equal(one.next, "d");
  const all = after(start, { type: "events", events: [{ name: "removed", ids: ["c", "d"], total: 2, unread: 2 }] });
  assert.equal(all.next, undefined);
  assert.equal(all.version, 1);
});

test("with a search, arrival asks the server again; so do a lost connection and a flood", () => {
  const searching = after({ type: "search", query: "x" });
  assert.equal(searching.version, 1);
  assert.equal(reduceList(searching, added("z", 9)).version, 2);
  for (const name of ["hello", "resync"] as const) {
    assert.equal(after({ type: "events", events: [{ name, total: 1, unread: 1 }] }).version, 1);
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { nextState, type SessionEvent, type State, TRANSITIONS } from "../../src/session/state.js";

const STATES = Object.keys(TRANSITIONS) as State[];

function eventsOf(state: State): [SessionEvent, State][] {
  return Object.entries(TRANSITIONS[state]) as [SessionEvent, State][];
}

test("every state that an event leads to is in the table", () => {
  for (const state of STATES) {
    for (const [event, target] of eventsOf(state)) assert.ok(STATES.includes(target), `${state} ${event} ${target}`);
  }
});

test("every state is reached from the first", () => {
  const reached = new Set<State>(["connecting"]);
  for (const state of reached) for (const [, target] of eventsOf(state)) reached.add(target);
  assert.deepEqual([...reached].sort(), [...STATES].sort());
});

test("every state but the last ends, and nothing follows the last", () => {
  for (const state of STATES) assert.equal(nextState(state, "end"), "closed", state);
  assert.deepEqual(TRANSITIONS.closed, { end: "closed" });
});

test("an event that a state does not list has no next state", () => {
  assert.equal(nextState("closed", "hello"), undefined);
  assert.equal(nextState("connecting", "mail"), undefined);
  assert.equal(nextState("securing", "challenge"), undefined);
});

test("content and credentials have the wire to themselves: no MAIL, STARTTLS or AUTH begins in them", () => {
  for (const state of ["content", "authenticating", "securing", "closing"] as const) {
    if (state !== "closing") assert.equal(nextState(state, "mail"), undefined);
    assert.equal(nextState(state, "tls-accepted"), undefined);
  }
});

test("220 to STARTTLS leads to the handshake wherever STARTTLS may be written", () => {
  for (const state of ["greeted", "ready", "transaction"] as const) {
    assert.equal(nextState(state, "tls-accepted"), "securing", state);
  }
});

test("the table prints as data", () => {
  assert.deepEqual(JSON.parse(JSON.stringify(TRANSITIONS)), TRANSITIONS);
});
